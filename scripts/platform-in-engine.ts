import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** What of one platform is in the engine, by name; images by their tags. */
export interface InEngine {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly images: readonly string[];
}

/** A platform labels what it makes with the beginning of its data folder's digest, as docs/operations.md says. */
const platformOf = (dataFolder: string): string => createHash('sha256').update(dataFolder).digest('hex').slice(0, 12);

const ask = (method: string, path: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const host = process.env.DOCKER_HOST ?? '';
    const at = host.startsWith('unix://')
      ? { socketPath: host.slice('unix://'.length) }
      : { host: new URL(host).hostname, port: new URL(host).port };
    request({ ...at, method, path, headers: { host: 'engine' } }, (response) => {
      text(response).then((body) => {
        if ((response.statusCode ?? 0) < 400) resolve(body === '' ? undefined : JSON.parse(body));
        else reject(new Error(`${method} ${path} answered ${response.statusCode}: ${body}`));
      }, reject);
    })
      .on('error', reject)
      .end();
  });

/** What the platform of this data folder has in the engine that DOCKER_HOST names. */
export const inEngine = async (dataFolder: string): Promise<InEngine> => {
  const filters = encodeURIComponent(JSON.stringify({ label: [`ravine.platform=${platformOf(dataFolder)}`] }));
  // Casts: what the Engine API reference gives for these lists.
  const [containers, networks, images] = await Promise.all([
    ask('GET', `/containers/json?all=true&filters=${filters}`) as Promise<{ Names: string[] }[]>,
    ask('GET', `/networks?filters=${filters}`) as Promise<{ Name: string }[]>,
    ask('GET', `/images/json?filters=${filters}`) as Promise<{ RepoTags: string[] | null }[]>,
  ]);
  return {
    containers: containers.flatMap(({ Names }) => Names.map((name) => name.slice(1))),
    networks: networks.map(({ Name }) => Name),
    images: images.flatMap(({ RepoTags }) => RepoTags ?? []),
  };
};

/** Its containers that run now, by name. */
export const runningInEngine = async (dataFolder: string): Promise<readonly string[]> => {
  const filters = { label: [`ravine.platform=${platformOf(dataFolder)}`], status: ['running'] };
  const path = `/containers/json?filters=${encodeURIComponent(JSON.stringify(filters))}`;
  // Cast: what the Engine API reference gives for this list.
  const found = (await ask('GET', path)) as { Names: string[] }[];
  return found.flatMap(({ Names }) => Names).sort();
};

/** What a container was made from. */
export const inspectInEngine = async (
  container: string,
): Promise<{ readonly Config: { readonly Env: readonly string[] } }> =>
  // Cast: what the Engine API reference gives for a container.
  (await ask('GET', `/containers/${container.replace(/^\//, '')}/json`)) as { Config: { Env: string[] } };

/** Removes what a platform that is gone has left in the engine: `ravine down` keeps it for the next start. */
export const clearEngine = async (dataFolder: string): Promise<void> => {
  const { containers, networks } = await inEngine(dataFolder);
  for (const name of containers) await ask('DELETE', `/containers/${name}?force=true`);
  for (const name of networks) await ask('DELETE', `/networks/${name}`);
  await removeImages(dataFolder);
};

/** Removes its images, as somebody may who tidies up. */
export const removeImages = async (dataFolder: string): Promise<void> => {
  for (const name of (await inEngine(dataFolder)).images) await ask('DELETE', `/images/${name}?force=true`);
};
