import type { Duplex } from 'node:stream';

/** When an attached dyno is to be hung up: its client has gone, or the signal fires. */
export interface Attachment {
  readonly stream: Duplex;
  readonly signal: AbortSignal;
  /** Time between SIGHUP and SIGKILL. */
  readonly graceMs: number;
}

/** Hangs a dyno up when its stream closes or the signal fires: SIGHUP, and SIGKILL to what is left after the grace. */
export const hangUpWith = (
  { stream, signal, graceMs }: Attachment,
  kill: (signal: 'SIGHUP' | 'SIGKILL') => void,
): Disposable => {
  let timer: NodeJS.Timeout | undefined;
  const hangUp = (): void => {
    if (timer !== undefined) return;
    kill('SIGHUP');
    timer = setTimeout(() => kill('SIGKILL'), graceMs);
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
