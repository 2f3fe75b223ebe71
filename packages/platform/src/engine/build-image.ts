import { createInterface } from 'node:readline';
import { BuildNarration } from './build-narration.ts';
import { readBuildStatus } from './buildkit-status.ts';
import type { Engine } from './engine.ts';
import { EngineError, EngineUnavailable } from './engine-error.ts';

/** What an image is built from. */
export interface ImageBuild {
  /** A tar archive. */
  readonly context: AsyncIterable<Buffer>;
  /** Path in the context. */
  readonly dockerfile: string;
  /** Stage to stop at; the last unless told. */
  readonly target?: string;
  /** They stay readable in the image's history: never a secret. */
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** `repository:tag` that the image gets, so that nobody's pruning takes it for a leftover. */
  readonly tag: string;
  readonly noCache?: boolean;
  /** BuildKit knows no limits for one build: see `limitBuilds`. These hold for engines without it. */
  readonly limits?: { readonly memoryBytes: number; readonly cpuShares: number };
}

/** A build that came to its end without an image; the message is the engine's reason, fit for the pusher. */
export class ImageBuildFailed extends Error {
  override readonly name = 'ImageBuildFailed';
  /** Of the RUN that failed, when one did; 137 when it was killed, as for its memory. */
  readonly exitCode: number | undefined;

  constructor(message: string, exitCode: number | undefined) {
    super(message);
    this.exitCode = exitCode;
  }
}

interface BuildEvent {
  readonly id?: string;
  readonly stream?: string;
  readonly error?: string;
  readonly aux?: string | { readonly ID?: string };
}

const queryOf = (engine: Engine, build: ImageBuild): Record<string, string | number | boolean> => ({
  // BuildKit, which engines have long before they say so.
  ...(engine.version.isPodman ? {} : { version: 2 }),
  dockerfile: build.dockerfile,
  t: build.tag,
  labels: JSON.stringify(build.labels),
  buildargs: JSON.stringify(build.buildArgs ?? {}),
  forcerm: true,
  ...(build.target === undefined ? {} : { target: build.target }),
  ...(build.noCache === true ? { nocache: true } : {}),
  ...(build.limits === undefined
    ? {}
    : { memory: build.limits.memoryBytes, memswap: build.limits.memoryBytes, cpushares: build.limits.cpuShares }),
});

const noise =
  /^(?:failed to solve(?: with frontend [^:]+)?|failed to (?:create|build) LLB(?: definition)?|rpc error: code = \w+ desc =):? */;

/** How BuildKit of several ages and the classic builder say that a RUN failed. */
const failedRun =
  /^(?:executor failed running \[(.*)\]|process "(.*)" did not complete successfully|The command '(.*)' returned a non-zero code): (?:exit code: )?(\d+)/s;

/** How BuildKit says that it did not reach a registry: the image stands in the URL only. */
const failedPull =
  /^(?:\S+: )?failed to (?:do request|authorize): .*?"https?:\/\/([^/"]+)\/v2\/([^"]+)\/manifests\/([^"]+)": (.*)$/s;

const unreachable = (host: string, name: string, tag: string, why: string): string => {
  const image = name.startsWith('library/') ? name.slice('library/'.length) : `${host}/${name}`;
  return `The image ${image}${tag.startsWith('sha256:') ? '@' : ':'}${tag} could not be pulled: ${why}.\nCorrect its name in FROM, or see that this machine reaches its registry.`;
};

const failureOf = (message: string): ImageBuildFailed => {
  let reason = message;
  while (noise.test(reason)) reason = reason.replace(noise, '');
  const [, host, name, tag, why] = failedPull.exec(reason) ?? [];
  if (host !== undefined && name !== undefined && tag !== undefined && why !== undefined)
    return new ImageBuildFailed(unreachable(host, name, tag, why), undefined);
  const [, old, young, classic, code] = failedRun.exec(reason) ?? [];
  if (code === undefined) return new ImageBuildFailed(reason, undefined);
  const command = (old ?? young ?? classic ?? '').replace(/^\/bin\/sh -c /, '');
  return new ImageBuildFailed(`The command \`${command}\` ended with status ${code}.`, Number(code));
};

/**
 * Builds an image and tells it step by step, in pieces of text. When the signal fires, the engine stops the build.
 * @returns the image's id.
 * @throws ImageBuildFailed, EngineUnavailable when the engine goes away meanwhile, or the signal's reason.
 */
export const buildImage = async (
  engine: Engine,
  build: ImageBuild,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<string> => {
  const narration = new BuildNarration(say);
  let id: string | undefined;
  try {
    const stream = await engine.stream('POST', '/build', {
      query: queryOf(engine, build),
      upload: { type: 'application/x-tar', bytes: build.context },
      signal,
    });
    for await (const line of createInterface({ input: stream })) {
      if (line === '') continue;
      // Cast: what the Engine API reference says of "Build an image".
      const event = JSON.parse(line) as BuildEvent;
      if (event.error !== undefined) {
        narration.end();
        throw failureOf(event.error);
      }
      if (typeof event.aux === 'object') id = event.aux.ID ?? id;
      else if (event.id === 'moby.buildkit.trace' && event.aux !== undefined) {
        const { vertices, logs } = readBuildStatus(Buffer.from(event.aux, 'base64'));
        for (const vertex of vertices) narration.vertex(vertex);
        for (const log of logs) narration.log(log);
      } else if (event.stream !== undefined && !event.stream.startsWith('Successfully ')) say(event.stream);
    }
    narration.end();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EngineError) throw failureOf(error.message);
    if (error instanceof ImageBuildFailed || error instanceof EngineUnavailable) throw error;
    throw new EngineUnavailable('The container engine went away during the build.', { cause: error });
  }
  signal.throwIfAborted();
  if (id === undefined) throw new EngineUnavailable('The container engine went away during the build.');
  return id;
};
