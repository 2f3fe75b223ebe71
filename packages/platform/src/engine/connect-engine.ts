import { anyApi, Engine } from './engine.ts';
import { EngineUnavailable } from './engine-error.ts';
import { type EngineEndpoint, endpointName, engineEndpoints, parseEngineHost } from './locate-engine.ts';

/** Docker 20.10 and Podman 4 speak it. */
const oldestApi = '1.41';
/** Nothing younger is used. */
const newestApi = '1.47';

export interface ConnectOptions {
  /** As in DOCKER_HOST; wins over the environment. */
  readonly host?: string;
  /** DOCKER_HOST and its like are read from here; this process's own unless told. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

const compareApi = (a: string, b: string): number => {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
};

interface VersionAnswer {
  readonly Version: string;
  readonly ApiVersion: string;
  /** Engines from before there was one speak all older versions too. */
  readonly MinAPIVersion?: string;
  readonly Components?: readonly { readonly Name: string }[] | null;
}

/** The youngest version that both sides speak. @throws EngineUnavailable when there is none. */
const chooseApi = (at: string, { ApiVersion: theirs, MinAPIVersion }: VersionAnswer): string => {
  if (compareApi(theirs, oldestApi) < 0) {
    throw new EngineUnavailable(
      `The engine at ${at} speaks API ${theirs}; expected ${oldestApi} or later (Docker 20.10, Podman 4). Upgrade it.`,
    );
  }
  if (MinAPIVersion !== undefined && compareApi(MinAPIVersion, newestApi) > 0) {
    throw new EngineUnavailable(
      `The engine at ${at} speaks API ${MinAPIVersion} to ${theirs}; expected one that still speaks ${newestApi}. Upgrade Ravine, or give the engine a lower minimum (for Docker, its setting min-api-version).`,
    );
  }
  return compareApi(theirs, newestApi) < 0 ? theirs : newestApi;
};

/** Asks one place. @throws EngineUnavailable when nobody answers there, or one that speaks no version of ours. */
const tryEngine = async (endpoint: EngineEndpoint, signal: AbortSignal | undefined): Promise<Engine> => {
  using asking = new Engine(endpoint, { api: anyApi, version: '', isPodman: false });
  const answer = await asking
    .json<VersionAnswer>('GET', '/version', signal === undefined ? {} : { signal })
    .catch((error: unknown) => {
      signal?.throwIfAborted();
      if (error instanceof EngineUnavailable) throw error;
      throw new EngineUnavailable(`The engine at ${endpointName(endpoint)} refused to say its version: ${error}`);
    });
  return new Engine(endpoint, {
    api: chooseApi(endpointName(endpoint), answer),
    version: answer.Version,
    isPodman: (answer.Components ?? []).some(({ Name }) => Name.startsWith('Podman')),
  });
};

/**
 * Connects to the first engine that answers, in the youngest version of the API that both sides speak.
 * @throws EngineUnavailable when there is none; the message says how to get one.
 */
export const connectEngine = async ({ host, env = process.env, signal }: ConnectOptions = {}): Promise<Engine> => {
  const endpoints = host === undefined ? engineEndpoints(env) : [parseEngineHost(host, env)];
  const reasons: string[] = [];
  for (const endpoint of endpoints) {
    try {
      return await tryEngine(endpoint, signal);
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error;
      reasons.push(error.message);
    }
  }
  throw new EngineUnavailable(
    reasons.length > 0
      ? reasons.join(' ')
      : 'No container engine was found on this machine. Install Docker or Podman and start it, or set DOCKER_HOST.',
  );
};
