import type { Duplex } from 'node:stream';
import type { ProcessDyno } from './process-dyno.ts';
import type { Launch } from './spawn-shim.ts';

export interface AttachOptions {
  readonly launch: Launch;
  readonly stream: Duplex;
  readonly signal: AbortSignal;
  readonly graceMs: number;
}

/** Puts a dyno that was just started on record with the driver. */
export type Started = (record: ProcessDyno['record']) => ProcessDyno;

/** Hangs the dyno up when its stream closes or the signal fires: SIGHUP, and SIGKILL to what is left after the grace. */
export const hangUpWith = (dyno: ProcessDyno, options: AttachOptions): Disposable => {
  const { stream, signal, graceMs } = options;
  let timer: NodeJS.Timeout | undefined;
  const hangUp = (): void => {
    if (timer !== undefined) return;
    dyno.signal('SIGHUP');
    timer = setTimeout(() => dyno.signal('SIGKILL'), graceMs);
  };
  stream.once('close', hangUp);
  stream.on('error', hangUp);
  signal.addEventListener('abort', hangUp);
  if (stream.destroyed || signal.aborted) hangUp();
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      stream.off('close', hangUp);
      stream.off('error', hangUp);
      signal.removeEventListener('abort', hangUp);
    },
  };
};
