import { Duplex, type Writable } from 'node:stream';
import type { AppId } from '../domain/ids.ts';
import { nowUs } from '../domain/log-line.ts';
import type { Driver, DynoSpec, Terminal } from './driver.ts';
import { dynoEnv, sizeNamed } from './dyno-env.ts';
import { LineSplitter } from './line-splitter.ts';
import type { LogPort, ReleaseContents } from './ports.ts';

/** A release command that takes longer is stopped (Dev Center, "Release Phase"). */
export const releasePhaseLimitMs = 60 * 60 * 1000;

/** What a one-off dyno is asked to be; `name` is `run.4321` or `release.7`. */
export interface OneOff {
  readonly id: DynoSpec['id'];
  readonly appId: AppId;
  readonly uid: number;
  readonly name: string;
  readonly command: string;
  readonly size: string;
  readonly release: ReleaseContents;
  /** Extra env, before all else. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface OneOffPorts {
  readonly driver: Pick<Driver, 'runAttached'>;
  readonly logs: LogPort;
}

export const oneOffSpec = (oneOff: OneOff): DynoSpec => {
  const size = sizeNamed(oneOff.size);
  return {
    id: oneOff.id,
    appId: oneOff.appId,
    name: oneOff.name,
    command: oneOff.command,
    artifact: oneOff.release.artifact(oneOff.name.slice(0, oneOff.name.lastIndexOf('.'))),
    env: { ...dynoEnv(oneOff.name, size, oneOff.release.env), ...oneOff.env },
    memoryBytes: size.memoryBytes,
    maxProcesses: size.maxProcesses,
    cpuShares: size.cpuShares,
    uid: oneOff.uid,
    port: false,
  };
};

const sayer =
  (logs: LogPort, { appId, name }: OneOff, source: 'app' | 'heroku') =>
  (text: string): void =>
    logs.sink(appId, [{ atUs: nowUs(), source, dyno: name, text }]);

/**
 * Runs a one-off dyno on a stream (`heroku run`) and tells the app's log.
 * @returns its exit status, 128 + N after signal N.
 * @throws DriverError when it can't be started; the message is fit for the client.
 */
export const runOneOff = async (
  { driver, logs }: OneOffPorts,
  oneOff: OneOff,
  stream: Duplex,
  terminal: Terminal | undefined,
  signal: AbortSignal,
): Promise<number> => {
  const say = sayer(logs, oneOff, 'heroku');
  say(`Starting process with command \`${oneOff.command}\``);
  say('State changed from starting to up');
  const exitCode = await driver.runAttached(oneOffSpec(oneOff), stream, terminal, signal);
  say(`Process exited with status ${exitCode}`);
  say('State changed from up to complete');
  return exitCode;
};

/** How a release phase ended; only `exited` with 0 lets the release go on. */
export type ReleasePhaseEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'timed-out'; readonly limitMs: number }
  | { readonly kind: 'aborted' };

export interface ReleasePhaseOptions {
  /** Gets the output as it comes, byte for byte; isn't ended. */
  readonly output: Writable;
  readonly signal: AbortSignal;
  readonly limitMs?: number;
}

/** A stream with nothing to read whose writes go to the output and, line by line, to the log. */
const tee = (output: Writable, line: (text: string) => void): { readonly stream: Duplex; readonly end: () => void } => {
  const splitter = new LineSplitter();
  const stream = new Duplex({
    read() {
      this.push(null);
    },
    write(chunk: Buffer, _encoding, done) {
      for (const text of splitter.push(chunk)) line(text);
      if (output.destroyed || output.writableEnded || output.write(chunk)) return done();
      const go = (): void => {
        output.off('drain', go);
        output.off('close', go);
        done();
      };
      output.once('drain', go);
      output.once('close', go);
    },
    // The end of reading is not the end of writing.
    autoDestroy: false,
  });
  return {
    stream,
    end: () => {
      for (const text of splitter.end()) line(text);
      stream.destroy();
    },
  };
};

/**
 * Runs the release command with the release's slug and config; it is killed at the time limit and on abort.
 * @throws DriverError when it can't be started.
 */
export const runReleasePhase = async (
  { driver, logs }: OneOffPorts,
  oneOff: OneOff,
  { output, signal, limitMs = releasePhaseLimitMs }: ReleasePhaseOptions,
): Promise<ReleasePhaseEnd> => {
  const { stream, end } = tee(output, sayer(logs, oneOff, 'app'));
  const timeout = AbortSignal.timeout(limitMs);
  try {
    const both = AbortSignal.any([signal, timeout]);
    const exitCode = await runOneOff({ driver, logs }, oneOff, stream, undefined, both);
    if (signal.aborted) return { kind: 'aborted' };
    if (timeout.aborted) return { kind: 'timed-out', limitMs };
    return { kind: 'exited', exitCode };
  } catch (error) {
    if (signal.aborted) return { kind: 'aborted' };
    if (timeout.aborted) return { kind: 'timed-out', limitMs };
    throw error;
  } finally {
    end();
  }
};
