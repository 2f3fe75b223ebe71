import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import type { DynoStatus } from '../../driver.ts';
import { feedInput } from '../attached-input.ts';
import { drainOutput } from '../attached-output.ts';
import { hangUpWith } from '../hang-up.ts';
import type { AttachOptions, Started } from './attach.ts';
import { spawnShim } from './spawn-shim.ts';

const codeOf = ({ state }: DynoStatus): number => (state.kind === 'exited' ? (state.exitCode ?? 137) : 137);

/** Runs a dyno with stdin, stdout and stderr as pipes. */
export const runPiped = async (options: AttachOptions, started: Started): Promise<number> => {
  const { child, record } = await spawnShim(options.launch, true);
  const exited = once(child, 'exit');
  const dyno = started(record);
  using _ = hangUpWith(options, (signal) => dyno.signal(signal));
  const [stdin, , , output] = child.stdio;
  if (!(stdin instanceof Writable) || !(output instanceof Readable)) throw new Error('Expected pipes to the dyno.');
  const stop = feedInput(options.stream, stdin);
  const drained = drainOutput(output, options.stream);
  const never = new AbortController().signal;
  while (dyno.running) await dyno.changed(dyno.changes, never);
  stop();
  await drained;
  await exited;
  dyno.observe();
  return codeOf(dyno.status());
};
