import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { DynoTarget } from './dyno-target.ts';
import { answered, type Exchange, failed, type Verdict } from './exchange.ts';
import { headersToClient } from './headers.ts';

const switchingHead = (answer: IncomingMessage): string => {
  const headers = headersToClient(answer.rawHeaders, answer.headers.connection, false);
  headers.push('Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? '');
  let head = `HTTP/1.1 101 ${answer.statusMessage ?? ''}\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${head}\r\n`;
};

/**
 * Joins client and dyno after a 101: bytes pass unread both ways until either side ends or both are silent for
 * `idleMs`. A tunnel counts as load of its dyno and does not keep it from being replaced.
 */
export const openTunnel = async (
  exchange: Exchange,
  target: DynoTarget,
  answer: IncomingMessage,
  dyno: { readonly socket: Socket; readonly head: Buffer },
  idleMs: number,
): Promise<Verdict> => {
  const { upgrade } = exchange;
  if (!upgrade) return failed('H99');
  const client = upgrade.socket;
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  exchange.response.detachSocket(client);
  exchange.status = 101;
  exchange.interrupt = resolve;
  target.tunnels++;
  client.setNoDelay();
  dyno.socket.setNoDelay();
  client.write(switchingHead(answer), 'latin1');
  if (dyno.head.length > 0) client.write(dyno.head);
  if (upgrade.head.length > 0) dyno.socket.write(upgrade.head);
  // Activity of either direction passes through the client's socket and so restarts its timer.
  client.setTimeout(idleMs, () => resolve(failed('H15')));
  dyno.socket.setTimeout(0);
  const end = (): void => resolve(answered);
  for (const socket of [client, dyno.socket]) socket.on('error', end).on('close', end);
  client.pipe(dyno.socket);
  dyno.socket.pipe(client);
  const verdict = await promise;
  target.tunnels--;
  exchange.interrupt = undefined;
  exchange.bytes = dyno.socket.bytesRead;
  client.destroy();
  dyno.socket.destroy();
  return verdict;
};
