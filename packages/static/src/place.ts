import { existsSync } from 'node:fs';
import type { Coding } from './answer/accept-encoding.ts';
import { type FileInfo, type HeaderRules, makeStaticFile, type StaticFile } from './answer/static-file.ts';
import { type FindPolicy, type FoundFile, findFiles } from './find/find-files.ts';
import { encodeName, lastPart } from './find/name.ts';
import { type Manifest, manifestName } from './manifest.ts';
import type { Prefix, StaticOptions } from './options.ts';
import { StaticError } from './static-error.ts';

/** What a path leads to. */
export type Served =
  | { readonly kind: 'file'; readonly file: StaticFile }
  | { readonly kind: 'redirect'; readonly location: string };

/** A folder, and where its files are on the site. */
export interface Place {
  readonly root: string;
  readonly prefix: Prefix;
  /** In front of each name; empty, or ends with a slash. */
  readonly namePrefix: string;
  readonly manifest: Manifest | undefined;
  /** Fingerprinted names, of this release and of earlier ones. */
  readonly fingerprinted: ReadonlySet<string>;
  /** By name, once scanned. */
  readonly files: Map<string, StaticFile>;
}

/** What a variant's name ends with, by its coding. */
export const suffixes: ReadonlyMap<Coding, string> = new Map([
  ['gzip', '.gz'],
  ['br', '.br'],
  ['zstd', '.zst'],
]);

/** The name that a variant belongs to (`a.css` for `a.css.gz`), if it ends as variants do. */
export const ownerOf = (name: string): string | undefined => {
  const suffix = [...suffixes.values()].find((one) => name.endsWith(one));
  return suffix === undefined ? undefined : name.slice(0, -suffix.length);
};

export const policyOf = ({ dotfiles = 'hide', symlinks = 'inside' }: StaticOptions): FindPolicy => ({
  dotfiles,
  symlinks,
});

export const warningsOf = (options: StaticOptions): ((message: string) => void) =>
  options.warn ?? ((message) => process.emitWarning(message, 'StaticFilesWarning'));

/** The name of index files, or an empty text when there are none. */
export const indexNameOf = ({ index = false }: StaticOptions): string =>
  typeof index === 'string' ? index : index ? 'index.html' : '';

/** Everything in the folder, by the decoded path of its URL. A folder that isn't there is a warning. */
export const scanPlace = (place: Place, options: StaticOptions, memoryBytes: number): Map<string, Served> => {
  const served = new Map<string, Served>();
  const warn = warningsOf(options);
  if (!existsSync(place.root)) {
    warn(`there is no folder ${place.root}; nothing is served from it`);
    return served;
  }
  const found = new Map(findFiles(place.root, policyOf(options), warn).map((file) => [file.name, file]));
  found.delete(manifestName);
  const inMemory = smallest(found.values(), memoryBytes);
  for (const [name, plain] of found) {
    const owner = ownerOf(name);
    if (owner !== undefined && found.has(owner)) continue;
    const group = new Map<Coding, FoundFile>([['identity', plain]]);
    for (const [coding, suffix] of suffixes) {
      const variant = found.get(name + suffix);
      if (variant !== undefined) group.set(coding, variant);
    }
    const file = buildFile(place, group, options, (one) => inMemory.has(one));
    place.files.set(name, file);
    serve(served, place, file, indexNameOf(options));
  }
  for (const [name, { path }] of Object.entries(place.manifest?.files ?? {})) {
    if (place.files.has(path)) continue;
    throw new StaticError(
      'broken-manifest',
      `the manifest in ${place.root} names ${path} for ${name}, which isn't there; run collectstatic again`,
    );
  }
  return served;
};

const serve = (served: Map<string, Served>, { prefix }: Place, file: StaticFile, indexName: string): void => {
  const path = prefix.path + file.name;
  if (indexName === '' || lastPart(file.name) !== indexName) {
    served.set(path, { kind: 'file', file });
    return;
  }
  const folder = path.slice(0, -indexName.length);
  served.set(path, { kind: 'redirect', location: './' });
  served.set(folder, { kind: 'file', file });
  if (folder !== '/') served.set(folder.slice(0, -1), { kind: 'redirect', location: toFolder(folder.slice(0, -1)) });
};

/** From `/a/b` to `/a/b/`; relative, so that it holds behind any proxy, and never read as another host or scheme. */
export const toFolder = (path: string): string => `./${encodeName(lastPart(path))}/`;

const smallest = (files: Iterable<FoundFile>, budget: number): ReadonlySet<FoundFile> => {
  const chosen = new Set<FoundFile>();
  let left = budget;
  for (const file of [...files].sort((one, other) => one.stats.size - other.stats.size)) {
    left -= file.stats.size;
    if (left < 0) break;
    chosen.add(file);
  }
  return chosen;
};

/** Builds what is served from what was found. */
export const buildFile = (
  place: Place,
  found: ReadonlyMap<Coding, FoundFile>,
  options: StaticOptions,
  inMemory: (file: FoundFile) => boolean,
): StaticFile => {
  const { name, path } = found.get('identity') ?? { name: '', path: '' };
  const about = { name, path, url: encodeName(place.prefix.path + name) };
  const info: FileInfo = { ...about, immutable: place.fingerprinted.has(name) || isImmutable(about, options) };
  const rules: HeaderRules = {
    maxAgeSeconds: options.development ? 0 : (options.maxAgeSeconds ?? 60),
    charset: options.charset ?? 'utf-8',
    allowAllOrigins: options.allowAllOrigins ?? true,
    mediaTypes: options.mediaTypes ?? {},
    headers: options.headers,
    inMemory,
  };
  return makeStaticFile(info, found, rules);
};

const isImmutable = (file: Omit<FileInfo, 'immutable'>, { immutable, development }: StaticOptions): boolean => {
  if (immutable === undefined || development) return false;
  return typeof immutable === 'function' ? immutable(file) : file.url.search(immutable) !== -1;
};
