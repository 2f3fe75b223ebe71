import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { Dice } from '../domain/dice.fixture.ts';
import type { Vector } from './vector-file.fixture.ts';
import { ownerField } from './vector-fuzz-dyno.fixture.ts';
import { hostileRequest, mutate } from './vector-hostile.fixture.ts';
import { type Message, readMessage, valuesOf } from './vector-message.fixture.ts';

const hangMs = 10_000;

interface Sent {
  readonly bytes: string;
  /** Method and expected body of each request of a well-behaved client. */
  readonly requests: readonly { readonly method: string; readonly body: string }[];
}

const open = (port: number, dice: Dice): Socket =>
  dice.chance(0.25)
    ? connectTls({ port, host: '127.0.0.1', servername: 'shop.test', rejectUnauthorized: false })
    : connect({ port, host: '127.0.0.1', allowHalfOpen: true });

/** One to six pipelined requests as they should be; their bodies may look like requests of another owner. */
const wellBehaved = (dice: Dice, owner: number): Sent => {
  const requests: { method: string; body: string }[] = [];
  let bytes = '';
  const count = 1 + dice.below(6);
  for (let i = 0; i < count; i++) {
    const target = `/owner-${owner}/${i}`;
    const method = dice.pick(['GET', 'HEAD', 'POST', 'PUT', 'DELETE']);
    const smuggled = `GET /owner-smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n`;
    const body =
      method === 'POST' || method === 'PUT'
        ? dice.pick(['', smuggled, '0\r\n\r\n', 'x'.repeat(dice.below(9_000))])
        : '';
    const size = body.length.toString(16);
    const framing = dice.pick(['length', 'chunked']);
    const last = i === count - 1 ? 'Connection: close\r\n' : '';
    bytes += `${method} ${target} HTTP/1.1\r\nHost: shop.test\r\nX-Well-Behaved: yes\r\n${last}`;
    if (method === 'GET' || method === 'HEAD' || method === 'DELETE') bytes += '\r\n';
    else if (framing === 'length') bytes += `Content-Length: ${body.length}\r\n\r\n${body}`;
    else bytes += `Transfer-Encoding: chunked\r\n\r\n${body === '' ? '' : `${size}\r\n${body}\r\n`}0\r\n\r\n`;
    requests.push({ method, body: method === 'HEAD' ? '' : `${target} ${body}` });
  }
  return { bytes, requests };
};

/** Whatever a hostile client comes up with. */
const hostile = (dice: Dice, owner: number, corpus: readonly Vector[]): Sent => {
  let bytes = '';
  do {
    const vector = corpus[dice.below(corpus.length)];
    const message = vector && dice.chance(0.5) ? vector.pieces.join('') : hostileRequest(dice, `/owner-${owner}/`);
    bytes += dice.chance(0.5) ? mutate(dice, message) : message;
  } while (dice.chance(0.4));
  return { bytes, requests: [] };
};

const ownersIn = (answers: readonly Message[]): string[] => answers.flatMap((answer) => valuesOf(answer, ownerField));

const judgeWellBehaved = (owner: number, { requests }: Sent, answers: readonly Message[], rest: string): string[] => {
  const finals = answers.filter(({ startLine }) => !startLine.startsWith('HTTP/1.1 1'));
  const got = finals.map(({ startLine, body, complete }) => [startLine, body, complete]);
  const wanted = requests.map(({ body }) => ['HTTP/1.1 200 OK', body, true]);
  const problems =
    JSON.stringify(got) === JSON.stringify(wanted)
      ? []
      : [`expected ${JSON.stringify(wanted).slice(0, 600)}, got ${JSON.stringify(got).slice(0, 600)}`];
  if (ownersIn(answers).some((name) => name !== String(owner))) problems.push(`got answers for ${ownersIn(answers)}`);
  if (rest !== '') problems.push(`got bytes of no answer: ${JSON.stringify(rest.slice(0, 300))}`);
  return problems.map((problem) => `well-behaved client ${owner}: ${problem}`);
};

/** Only its own requests may be answered to it; `nobody` is one whose target it had garbled itself. */
const judgeHostile = (owner: number, received: string, bytes: string): string[] => {
  const owners = [...received.matchAll(/x-owner: ([^\r\n]*)/gi)].map(([, name = '']) => name);
  return owners
    .filter((name) => name !== 'nobody' && !bytes.includes(`/owner-${name}`))
    .map((name) => `hostile client ${owner} got an answer for ${name} to ${JSON.stringify(bytes)}`);
};

/** One client from its connection to its end. @returns what is wrong with what it got. */
export const playClient = async (
  port: number,
  dice: Dice,
  owner: number,
  corpus: readonly Vector[],
): Promise<readonly string[]> => {
  const good = dice.chance(0.5);
  const sent = good ? wellBehaved(dice, owner) : hostile(dice, owner, corpus);
  const leaving = good ? 'stays' : dice.pick(['ends', 'ends', 'aborts', 'lingers']);
  const pauseTurns = dice.pick([0, 0, 1, 3]);
  const socket = open(port, dice);
  const closed = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), hangMs);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
  let received = '';
  socket.setEncoding('latin1').setNoDelay();
  socket.on('data', (text: string) => {
    received += text;
  });
  socket.on('error', () => undefined).on('end', () => socket.end());
  for (const segment of dice.segments(sent.bytes)) {
    if (!socket.writable) break;
    socket.write(segment, 'latin1');
    for (let turn = 0; turn < pauseTurns; turn++) await nextTurn();
  }
  if (leaving === 'aborts') socket.destroy();
  else if (leaving === 'lingers') setTimeout(() => socket.end(), 20);
  else if (leaving === 'ends') socket.end();
  const inTime = await closed;
  socket.destroy();
  const hung = inTime ? [] : [`client ${owner} was left hanging after ${JSON.stringify(sent.bytes)}`];
  if (!good) return [...hung, ...judgeHostile(owner, received, sent.bytes)];
  const answers: Message[] = [];
  let finals = 0;
  for (let rest = received; ; ) {
    const message = readMessage(rest, 'response', { ended: true, bodyless: sent.requests[finals]?.method === 'HEAD' });
    if (!message) return [...hung, ...judgeWellBehaved(owner, sent, answers, rest)];
    rest = rest.slice(message.length);
    answers.push(message);
    if (!message.startLine.startsWith('HTTP/1.1 1')) finals++;
  }
};
