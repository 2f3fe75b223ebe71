import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import type { Engine } from './engine.ts';
import { EngineError, isConflict, isMissing, unlessMissing } from './engine-error.ts';

type Labels = Readonly<Record<string, string>>;

/** What a container is made from; the part of the Engine API's "Create a container" that is used here. */
export interface ContainerSpec {
  readonly Image: string;
  readonly Cmd?: readonly string[];
  /** Empty: without the image's own. */
  readonly Entrypoint?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Labels?: Labels;
  readonly Hostname?: string;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  readonly StopSignal?: string;
  /** `8080/tcp` -> {} */
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly Healthcheck?: { readonly Test: readonly string[] };
  readonly HostConfig?: HostConfig;
}

/** An empty HostPort: any free one. */
export interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

export interface HostConfig {
  readonly PortBindings?: Readonly<Record<string, readonly PortBinding[]>>;
  readonly NetworkMode?: string;
  readonly ExtraHosts?: readonly string[];
  readonly Binds?: readonly string[];
  readonly Tmpfs?: Readonly<Record<string, string>>;
  readonly Init?: boolean;
  readonly CapDrop?: readonly string[];
  readonly SecurityOpt?: readonly string[];
  readonly Memory?: number;
  readonly MemorySwap?: number;
  readonly PidsLimit?: number;
  readonly CpuShares?: number;
  readonly LogConfig?: { readonly Type: string; readonly Config: Labels };
}

/** A line of the engine's list of containers. */
export interface ListedContainer {
  readonly Id: string;
  readonly Labels: Labels;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly State: string;
}

export interface InspectedContainer {
  readonly Id: string;
  readonly Image: string;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    /** RFC 3339 with nanoseconds. */
    readonly StartedAt: string;
    /** Why it could not be started, or how it was lost. */
    readonly Error: string;
  };
  readonly Config: { readonly Labels: Labels | null; readonly Tty: boolean };
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> | null;
    /** Published ones, while it runs. */
    readonly Ports?: Readonly<Record<string, readonly PortBinding[] | null>> | null;
  };
}

export interface ContainerChange {
  readonly Path: string;
  /** 0 changed, 1 added, 2 removed. */
  readonly Kind: 0 | 1 | 2;
}

const filtersOf = (labels: Labels): string =>
  JSON.stringify({ label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) });

const at = (id: string, verb = ''): string => `/containers/${encodeURIComponent(id)}${verb}`;

const mostAsks = 5;

/** Podman fails to tell of a container whose process ends at that moment. */
const askAgain = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (let asks = 1; ; asks += 1) {
    try {
      return await ask();
    } catch (error) {
      const passes = error instanceof EngineError && /no such process/.test(error.message);
      if (!passes || asks === mostAsks) throw error;
    }
  }
};

/** All containers, running or not, that carry these labels. */
export const listContainers = (engine: Engine, labels: Labels): Promise<ListedContainer[]> =>
  askAgain(() => engine.json('GET', '/containers/json', { query: { all: true, filters: filtersOf(labels) } }));

/** Undefined when there is none. */
export const inspectContainer = (engine: Engine, id: string): Promise<InspectedContainer | undefined> =>
  unlessMissing(askAgain(() => engine.json('GET', at(id, '/json'))));

/**
 * Goes on to its end in any case: one that is made while nobody waits any more would stay.
 * @returns its id. @throws EngineError 409 when the name is taken, 404 when the image or the network isn't there.
 */
export const createContainer = async (engine: Engine, name: string, spec: ContainerSpec): Promise<string> =>
  (await engine.json<{ Id: string }>('POST', '/containers/create', { query: { name }, body: spec })).Id;

/** No-op on one that runs. @throws EngineError when the engine can't start it. */
export const startContainer = (engine: Engine, id: string): Promise<void> => engine.json('POST', at(id, '/start'));

/** Signals its first process; no-op on one that doesn't run or isn't there. */
export const killContainer = async (engine: Engine, id: string, signal: string): Promise<void> => {
  try {
    await engine.json('POST', at(id, '/kill'), { query: { signal } });
  } catch (error) {
    if (!isMissing(error) && !isConflict(error)) throw error;
  }
};

/**
 * Ends it, unless `force` is false, and removes it with its anonymous volumes; no-op when it isn't there, is being removed
 * already, or runs and isn't to be ended.
 */
export const removeContainer = async (engine: Engine, id: string, force = true): Promise<void> => {
  try {
    await engine.json('DELETE', at(id), { query: { force, v: true } });
  } catch (error) {
    if (!isMissing(error) && !isConflict(error)) throw error;
  }
};

/** Its exit status, once it has ended; to be asked after the start only. */
export const awaitExit = async (engine: Engine, id: string): Promise<number> => {
  const response = await engine.stream('POST', at(id, '/wait'), { query: { condition: 'not-running' } });
  // Cast: what the Engine API reference says of "Wait for a container".
  return ((await json(response)) as { readonly StatusCode: number }).StatusCode;
};

export const attachContainer = (engine: Engine, id: string): Promise<Duplex> =>
  engine.hijack(at(id, '/attach'), { query: { stream: true, stdin: true, stdout: true, stderr: true } });

export const resizeContainer = (engine: Engine, id: string, columns: number, rows: number): Promise<void> =>
  engine.json('POST', at(id, '/resize'), { query: { w: columns, h: rows } });

export interface LogsQuery {
  readonly follow: boolean;
  /** Seconds with nanoseconds behind the point; what was written then is included. */
  readonly since?: string;
  readonly signal?: AbortSignal;
}

/** What it wrote, in frames, each beginning with its time. Undefined when there is no such container. */
export const containerLogs = (
  engine: Engine,
  id: string,
  { signal, ...query }: LogsQuery,
): Promise<IncomingMessage | undefined> =>
  unlessMissing(
    engine.stream('GET', at(id, '/logs'), {
      query: { ...query, stdout: true, stderr: true, timestamps: true },
      ...(signal && { signal }),
    }),
  );

/** Its memory in use, without what the kernel only caches, and its time on processors; undefined when it doesn't run. */
export const containerUsage = async (
  engine: Engine,
  id: string,
): Promise<{ readonly memoryBytes: number; readonly cpuMs: number | undefined } | undefined> => {
  interface Stats {
    readonly memory_stats?: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> };
    readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  }
  const answer = await unlessMissing(
    engine.json<Stats>('GET', at(id, '/stats'), { query: { stream: false, 'one-shot': true } }),
  );
  const { usage, stats } = answer?.memory_stats ?? {};
  // cgroup v1 counts resident memory of the whole tree; v2 has it as anonymous memory.
  const memoryBytes = stats?.total_rss ?? stats?.anon ?? usage;
  const nanos = answer?.cpu_stats?.cpu_usage?.total_usage;
  return memoryBytes === undefined ? undefined : { memoryBytes, cpuMs: nanos === undefined ? undefined : nanos / 1e6 };
};

/** Longer than an engine takes to walk through the files of a large container, or to write them into an image. */
export const filesTimeoutMs = 15 * 60_000;

/** How many bytes its own files hold beyond its image's; quick, but blind to empty files and to what it removed. */
export const containerBytes = async (engine: Engine, id: string): Promise<number> =>
  (
    await engine.json<{ readonly SizeRw?: number }>('GET', at(id, '/json'), {
      query: { size: true },
      timeoutMs: filesTimeoutMs,
    })
  ).SizeRw ?? 0;

/** How its files differ from its image's; the engine may walk through all of them to know. */
export const containerChanges = async (engine: Engine, id: string): Promise<readonly ContainerChange[]> =>
  (await engine.json<readonly ContainerChange[] | null>('GET', at(id, '/changes'), { timeoutMs: filesTimeoutMs })) ??
  [];

/** Runs a program beside the container's own, as the same user. @returns its exit status. */
export const execInContainer = async (engine: Engine, id: string, argv: readonly string[]): Promise<number> => {
  const { Id } = await engine.json<{ Id: string }>('POST', at(id, '/exec'), {
    body: { Cmd: argv, AttachStdout: true },
  });
  const output = await engine.hijack(`/exec/${Id}/start`, { body: { Detach: false, Tty: false } });
  output.resume();
  await finished(output, { writable: false }).catch(() => undefined);
  output.destroy();
  const { ExitCode } = await engine.json<{ readonly ExitCode: number | null }>('GET', `/exec/${Id}/json`);
  return ExitCode ?? 1;
};
