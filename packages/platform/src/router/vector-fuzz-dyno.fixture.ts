import type { Dice } from '../domain/dice.fixture.ts';
import type { Reply, SeenRequest } from './vector-dyno.fixture.ts';
import { valuesOf } from './vector-message.fixture.ts';

/** Says whose request an answer is for: the owner that stands in the target, which look-alikes and mutants may lack. */
export const ownerField = 'X-Owner';
const ownerIn = (target: string): string => /\/owner-(\d+)/.exec(target)?.[1] ?? 'nobody';

/** Bytes that no client may ever see as an answer of its own. */
const poison = 'HTTP/1.1 200 OK\r\nX-Owner: poison\r\nContent-Length: 6\r\n\r\npoison';

const chunked = (dice: Dice, body: string): string => {
  const parts = body === '' ? [] : dice.segments(body);
  return `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
};

/** An answer that echoes the body, framed one way or another. */
const echo = (dice: Dice, { message }: SeenRequest): string => {
  const [method = '', target = ''] = message.startLine.split(' ');
  const head = `HTTP/1.1 200 OK\r\n${ownerField}: ${ownerIn(target)}\r\n`;
  const body = `${target} ${message.body}`;
  const interim = dice.chance(0.1) ? 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' : '';
  if (method === 'HEAD') return `${interim}${head}Content-Length: ${body.length}\r\n\r\n`;
  if (dice.chance(0.5)) return `${interim}${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  return `${interim}${head}Transfer-Encoding: chunked\r\n\r\n${chunked(dice, body)}`;
};

/** What a broken dyno does to an answer; each either ends the connection or makes it unfit for another request. */
const faults: readonly [Fault, ...Fault[]] = [
  (socket, answer) => socket.write(answer + poison, 'latin1'),
  (socket, answer, dice) => socket.end(answer.slice(0, dice.below(answer.length)), 'latin1'),
  (socket, answer) => socket.end(answer.replace('HTTP/1.1', 'HTPT/1.1'), 'latin1'),
  (socket, answer) => socket.end(answer.replace('\r\n', '\n'), 'latin1'),
  (socket, answer) =>
    socket.end(answer.replace('\r\n\r\n', '\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n'), 'latin1'),
  (socket, answer) => socket.end(answer.replace('\r\n\r\n', '\r\nTransfer-Encoding: gzip\r\n\r\n'), 'latin1'),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n', 'latin1'),
  (socket) => socket.write(`HTTP/1.1 204 No Content\r\nContent-Length: ${poison.length}\r\n\r\n${poison}`, 'latin1'),
];
type Fault = (socket: SeenRequest['connection']['socket'], answer: string, dice: Dice) => unknown;

/** Serves well-behaved clients well; of what others sent, it breaks some answers. */
export const fuzzReply =
  (dice: Dice): Reply =>
  (request) => {
    const { message, connection } = request;
    const answer = echo(dice, request);
    const wellBehaved = valuesOf(message, 'x-well-behaved').length === 1;
    if (!wellBehaved && dice.chance(0.25)) dice.pick(faults)(connection.socket, answer, dice);
    else if (dice.chance(0.2)) for (const part of dice.segments(answer)) connection.socket.write(part, 'latin1');
    else connection.socket.write(answer, 'latin1');
  };
