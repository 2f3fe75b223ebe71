import type { Duplex, Readable } from 'node:stream';
import {
  attachContainer,
  awaitExit,
  execInContainer,
  killContainer,
  resizeContainer,
  startContainer,
} from '../../../engine/containers.ts';
import type { Engine } from '../../../engine/engine.ts';
import { isMissing } from '../../../engine/engine-error.ts';
import { FrameSplitter, readInBatches } from '../../../engine/stream-frames.ts';
import type { Terminal } from '../../driver.ts';
import { feedInput } from '../attached-input.ts';
import { drainOutput } from '../attached-output.ts';
import { type Attachment, hangUpWith } from '../hang-up.ts';

/** Signals every process in a container; where it has no shell to do so, its first process, which passes it on. */
export const signalContainer = async (engine: Engine, container: string, signal: string): Promise<void> => {
  if (signal !== 'SIGKILL') {
    const all = ['/bin/sh', '-c', `kill -${signal.replace('SIG', '')} -1`];
    const status = await execInContainer(engine, container, all).catch(() => 1);
    if (status === 0) return;
  }
  await killContainer(engine, container, signal);
};

const withoutFrames = async function* (socket: Readable): AsyncGenerator<Buffer> {
  const splitter = new FrameSplitter();
  for await (const batch of readInBatches(socket)) for (const { payload } of splitter.push(batch)) yield payload;
};

export interface AttachedRun extends Attachment {
  readonly engine: Engine;
  /** A container that was made, not started, with stdin open. */
  readonly container: string;
  /** Makes its network again, which another dyno of the app may have taken with it in the meantime. */
  readonly ensureNetwork: () => Promise<void>;
  readonly terminal: Terminal | undefined;
  /** All of its stdin; absent: the stream's. */
  readonly input?: string;
}

const feed = ({ input, stream }: AttachedRun, socket: Duplex): (() => void) => {
  if (input === undefined) return feedInput(stream, socket);
  // Somebody has to read the stream for its end to be seen.
  stream.resume();
  socket.end(input);
  return () => socket.destroy();
};

/** Attaches before the start, or the first words would be missed. */
const attachAndStart = async ({ engine, container }: AttachedRun): Promise<Duplex> => {
  const socket = await attachContainer(engine, container);
  socket.on('error', () => undefined);
  try {
    await startContainer(engine, container);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
};

/** A start that failed has cut off whoever was attached. */
const attachToStarted = async (run: AttachedRun): Promise<Duplex> => {
  try {
    return await attachAndStart(run);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await run.ensureNetwork();
    return await attachAndStart(run);
  }
};

/** Starts a container bound to a stream. @returns its exit status, 128 + N after signal N. */
export const runAttachedContainer = async (run: AttachedRun): Promise<number> => {
  const { engine, container, terminal, stream } = run;
  const socket = await attachToStarted(run);
  try {
    using _ = hangUpWith(run, (signal) => void signalContainer(engine, container, signal).catch(() => undefined));
    const resize = ({ columns, rows }: Pick<Terminal, 'columns' | 'rows'>): Promise<void> =>
      resizeContainer(engine, container, columns, rows).catch(() => undefined);
    if (terminal !== undefined) await resize(terminal);
    terminal?.onResize?.((size) => void resize(size));
    const stop = feed(run, socket);
    const output = terminal === undefined ? withoutFrames(socket) : readInBatches(socket);
    await drainOutput(output, stream).catch(() => undefined);
    const exitCode = await awaitExit(engine, container);
    stop();
    return exitCode;
  } finally {
    socket.destroy();
  }
};
