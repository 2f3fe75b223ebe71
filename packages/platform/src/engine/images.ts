import {
  type ContainerChange,
  containerBytes,
  containerChanges,
  filesTimeoutMs,
  inspectContainer,
} from './containers.ts';
import type { Engine } from './engine.ts';
import { isConflict, isMissing, unlessMissing } from './engine-error.ts';

type Labels = Readonly<Record<string, string>>;

/** The part of an image's configuration that is used here. */
export interface ImageConfig {
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Env?: readonly string[] | null;
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Labels?: Labels | null;
}

export interface InspectedImage {
  /** `sha256:…`, the digest of its configuration and so of all its layers: the same id is the same image. */
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  /** In bytes, all layers. */
  readonly Size: number;
  readonly Config: ImageConfig | null;
  /** RFC 3339; of content that comes from the cache, of long ago. */
  readonly Created: string;
  /** When it got a name here, RFC 3339; the year 1 when never. */
  readonly Metadata?: { readonly LastTagTime?: string };
}

interface ListedImage {
  readonly Id: string;
}

/** How the engine lists an image that has no name. */
const untagged = '<none>:<none>';

const nameOf = (image: string): string => image.split('/').map(encodeURIComponent).join('/');

/** By id or name; undefined when the engine doesn't have it. */
export const inspectImage = (engine: Engine, image: string): Promise<InspectedImage | undefined> =>
  unlessMissing(engine.json('GET', `/images/${nameOf(image)}/json`));

const nameParts = (name: string): { readonly repo: string; readonly tag: string } => {
  const colon = name.lastIndexOf(':');
  return { repo: name.slice(0, colon), tag: name.slice(colon + 1) };
};

/** Gives it a name of the form `repository:tag`, taking that from the image that had it. */
export const tagImage = (engine: Engine, image: string, name: string): Promise<void> =>
  engine.json('POST', `/images/${nameOf(image)}/tag`, { query: nameParts(name) });

/** Removes a name, or an image with all its names. @returns false when a container still uses it. */
export const removeImage = async (engine: Engine, image: string, force = false): Promise<boolean> => {
  try {
    await engine.json('DELETE', `/images/${nameOf(image)}`, { query: { force } });
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    if (!isMissing(error)) throw error;
    return true;
  }
};

/** Where the engine puts its init; containers that have one all differ from their image in this. */
const initFile = /\/sbin\/docker-init$/;

/** Folders in which engines make places for what they mount; that they were touched says nothing, their entries are told one by one. */
const touched: readonly string[] = ['/dev', '/etc', '/run'];

const isBeyondInit = (changes: readonly ContainerChange[]): boolean => {
  const init = changes.find(({ Path }) => initFile.test(Path))?.Path;
  return changes.some(({ Path, Kind }) => {
    const isFolderAlone = Kind === 0 && (touched.includes(Path) || init?.startsWith(`${Path}/`) === true);
    return Path !== init && !isFolderAlone;
  });
};

/** The container's own labels would pass on to the image and from there to containers: those are made void. */
const imageLabels = (own: Labels, container: Labels): Labels => ({
  ...Object.fromEntries(Object.keys(container).map((name) => [name, ''])),
  ...own,
});

/** The image's configuration as Dockerfile lines: Podman takes it so, and from the container what it isn't told. */
const configLines = ({ Cmd, Entrypoint, User, WorkingDir, Labels }: ImageConfig): string =>
  [
    `ENTRYPOINT ${JSON.stringify(Entrypoint ?? [])}`,
    `CMD ${JSON.stringify(Cmd ?? [])}`,
    ...(User ? [`USER ${User}`] : []),
    ...(WorkingDir ? [`WORKDIR ${WorkingDir}`] : []),
    ...Object.entries(Labels ?? {}).map(([name, value]) => `LABEL ${name}=${JSON.stringify(value)}`),
  ].join('\n');

/**
 * Keeps what a container that has ended wrote to its files, as one layer over its image, with the image's own
 * configuration, under a name of the form `repository:tag`. The engine adds what the container has in its env beyond the image's: secrets must not be there.
 * @returns the id of the new image, or undefined when there is nothing to keep.
 */
export const commitLayer = async (
  engine: Engine,
  container: string,
  image: string,
  name: string,
): Promise<string | undefined> => {
  const wrote =
    (await containerBytes(engine, container)) > 0 || isBeyondInit(await containerChanges(engine, container));
  if (!wrote) return undefined;
  const [base, made] = [await inspectImage(engine, image), await inspectContainer(engine, container)];
  const Labels = imageLabels(base?.Config?.Labels ?? {}, made?.Config.Labels ?? {});
  const config = { ...base?.Config, Labels };
  const changes = engine.version.isPodman ? { changes: configLines(config) } : {};
  const { Id } = await engine.json<{ readonly Id: string }>('POST', '/commit', {
    query: { container, pause: false, ...nameParts(name), ...changes },
    body: config,
    timeoutMs: filesTimeoutMs,
  });
  return Id.startsWith('sha256:') ? Id : `sha256:${Id}`;
};

/** Removes an image with all its names, unless a container uses it. @returns whether it is gone */
export const dropImage = async (engine: Engine, image: string): Promise<boolean> => {
  const found = await inspectImage(engine, image);
  const names = (found?.RepoTags ?? []).filter((name) => name !== untagged);
  const gone = await Promise.all(names.map((name) => removeImage(engine, name)));
  return gone.every(Boolean) && (await removeImage(engine, image));
};

const madeAtMs = async (engine: Engine, image: string): Promise<number> => {
  const found = await inspectImage(engine, image);
  return Math.max(Date.parse(found?.Created ?? '') || 0, Date.parse(found?.Metadata?.LastTagTime ?? '') || 0);
};

/**
 * Removes images that carry these labels, except those in `keep` and those made in the last `graceSeconds`, which
 * may belong to a build whose release isn't there yet. Images that containers use stay until a later time.
 */
export const collectImages = async (
  engine: Engine,
  labels: Labels,
  keep: ReadonlySet<string>,
  graceSeconds = 3600,
): Promise<number> => {
  if (Object.keys(labels).length === 0) throw new Error('Expected labels that say which images are ours, got none.');
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const images = await engine.json<readonly ListedImage[]>('GET', '/images/json', {
    query: { filters: JSON.stringify({ label }) },
  });
  const youngestMs = Date.now() - graceSeconds * 1000;
  let removed = 0;
  for (const { Id } of images) {
    if (keep.has(Id) || (await madeAtMs(engine, Id)) > youngestMs) continue;
    if (await dropImage(engine, Id)) removed += 1;
  }
  return removed;
};
