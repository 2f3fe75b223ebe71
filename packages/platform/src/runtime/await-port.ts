import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { DynoAddress } from './driver.ts';

const retryMs = 25;
const connectTimeoutMs = 2000;
/** Within this time a relay that finds nobody behind it has closed the connection; a server waits for a request. */
const relayTellsMs = 250;

const accepts = ({ host, port, relayed }: DynoAddress): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    const answer = (yes: boolean) => () => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => {
      if (relayed !== true) return answer(true)();
      socket.setTimeout(relayTellsMs).off('timeout', refused).once('timeout', answer(true)).resume();
    });
    const refused = answer(false);
    socket.once('timeout', refused);
    socket.once('end', refused);
    socket.once('error', refused);
  });

/** Whether the dyno came to accept a TCP connection there before the signal fired. */
export const awaitPort = async (address: DynoAddress, signal: AbortSignal): Promise<boolean> => {
  while (!signal.aborted) {
    if (await accepts(address)) return !signal.aborted;
    await setTimeout(retryMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
};
