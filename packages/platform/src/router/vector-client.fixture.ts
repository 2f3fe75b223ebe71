import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { probePath, writeBytewise } from './vector-dyno.fixture.ts';
import { type Message, readMessage } from './vector-message.fixture.ts';

/** How a message travels: in one piece, one byte a segment, in one piece over TLS. */
export type Travel = 'whole' | 'bytewise' | 'tls';

/** What the client got. */
export interface Got {
  readonly answers: readonly Message[];
  readonly connection: 'open' | 'closed' | 'stuck';
  /** Bytes that belong to no answer. */
  readonly rest: string;
}

export interface Sending {
  readonly port: number;
  readonly host: string;
  readonly travel: Travel;
  readonly pieces: readonly string[];
  /** Methods of the requests, in order; GET for those beyond. */
  readonly methods: readonly string[];
  /** So many answers are waited for before the connection is probed; undefined waits until it closes. */
  readonly probeAfter: number | undefined;
  readonly ends: boolean;
  /** A connection that is neither answered nor closed by then is stuck. */
  readonly limitMs: number;
}

const open = ({ port, host, travel }: Sending): Socket =>
  travel === 'tls'
    ? connectTls({ port, host: '127.0.0.1', servername: host, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    : connect({ port, host: '127.0.0.1', allowHalfOpen: true });

/** Sends a message and reads answers strictly until the connection closes, or until a probe shows it alive and in step. */
export const sendVector = async (sending: Sending): Promise<Got> => {
  const { host, travel, pieces, methods, probeAfter, ends, limitMs } = sending;
  const socket = open(sending);
  const answers: Message[] = [];
  let rest = '';
  let finals = 0;
  let probed = false;
  let readUntilClose = false;
  const { promise, resolve } = Promise.withResolvers<Got['connection']>();
  const timer = setTimeout(() => resolve('stuck'), limitMs);
  const probe = (): void => {
    if (probeAfter === undefined || probed || answers.length < probeAfter || readUntilClose) return;
    probed = true;
    socket.write(`GET ${probePath} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  };
  const read = (ended: boolean): void => {
    for (;;) {
      const bodyless = methods[finals] === 'HEAD' && !probed;
      const message = readMessage(rest, 'response', { bodyless, ended });
      readUntilClose = !message && rest.includes('\r\n\r\n');
      if (!message) return;
      rest = rest.slice(message.length);
      answers.push(message);
      if (!/^HTTP\/1\.1 1(?!01)/.test(message.startLine)) finals++;
      probe();
    }
  };
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    rest += text;
    read(false);
  });
  const over = (): void => {
    read(true);
    socket.end();
    resolve('closed');
  };
  socket.on('end', over).on('close', over).on('error', over);
  if (travel === 'bytewise') await writeBytewise(socket, pieces);
  else if (socket.writable) socket.write(pieces.join(''), 'latin1');
  if (ends) socket.end();
  if (probeAfter === 0) probe();
  const connection = await promise;
  clearTimeout(timer);
  socket.destroy();
  const last = answers.at(-1);
  if (!probed || connection === 'stuck') return { answers, connection, rest };
  const alive = last?.complete === true && last.body === 'probe' && last.startLine.includes(' 200 ');
  return alive ? { answers: answers.slice(0, -1), connection: 'open', rest } : { answers, connection: 'closed', rest };
};
