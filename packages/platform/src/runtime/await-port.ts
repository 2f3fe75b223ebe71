import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

const retryMs = 25;
const connectTimeoutMs = 2000;

const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    const answer = (yes: boolean) => () => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', answer(true));
    socket.once('timeout', answer(false));
    socket.once('error', answer(false));
  });

/** Whether the port came to accept a TCP connection before the signal fired. */
export const awaitPort = async (host: string, port: number, signal: AbortSignal): Promise<boolean> => {
  while (!signal.aborted) {
    if (await accepts(host, port)) return !signal.aborted;
    await setTimeout(retryMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
};
