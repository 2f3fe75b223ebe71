import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { Dice } from '../domain/dice.fixture.ts';
import { ownerField } from './vector-fuzz-dyno.fixture.ts';
import { mutate } from './vector-hostile.fixture.ts';
import { type Field, flag, frame, hpack, preface, type } from './vector-http2.fixture.ts';

const hangMs = 10_000;
const host = 'shop.test';
const smuggled = `GET /owner-smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

/** One request of a well-behaved client, in pieces, beside others of its connection. @returns what is wrong with its answer */
const ask = async (session: ClientHttp2Session, dice: Dice, owner: number, number: number): Promise<string[]> => {
  const path = `/owner-${owner}/${number}`;
  const method = dice.pick(['GET', 'HEAD', 'POST', 'PUT', 'DELETE']);
  const hasBody = method === 'POST' || method === 'PUT';
  const body = hasBody ? dice.pick(['', smuggled, '0\r\n\r\n', 'x'.repeat(dice.below(90_000))]) : '';
  const length = hasBody && dice.chance(0.5) ? { 'content-length': String(body.length) } : {};
  const stream = session.request(
    { ':method': method, ':path': path, ':authority': host, 'x-well-behaved': 'yes', ...length },
    { endStream: !hasBody },
  );
  const answered = once(stream, 'response');
  let got = '';
  stream.setEncoding('latin1').on('data', (text: string) => {
    got += text;
  });
  const ended = once(stream, 'close');
  if (hasBody) {
    for (const segment of dice.segments(body)) {
      stream.write(segment, 'latin1');
      if (dice.chance(0.3)) await nextTurn();
    }
    stream.end();
  }
  const [headers] = await answered;
  await ended;
  const wanted = method === 'HEAD' ? '' : `${path} ${body}`;
  const problems: string[] = [];
  if (headers[':status'] !== 200) problems.push(`got ${headers[':status']} for ${method} ${path}`);
  if (headers[ownerField.toLowerCase()] !== String(owner))
    problems.push(`${path} was answered with what is for ${headers[ownerField.toLowerCase()]}`);
  if (got !== wanted) problems.push(`${path}: expected ${wanted.slice(0, 300)}, got ${got.slice(0, 300)}`);
  return problems;
};

const wellBehaved = async (port: number, dice: Dice, owner: number): Promise<readonly string[]> => {
  const session = connect(`https://${host}:${port}`, {
    createConnection: () =>
      connectTls({ port, host: '127.0.0.1', servername: host, rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
  });
  const hung = Promise.withResolvers<string[]>();
  const timer = setTimeout(() => hung.resolve(['was left hanging']), hangMs);
  session.on('error', (error) => hung.resolve([`its connection broke: ${error.message}`]));
  const count = 1 + dice.below(8);
  const asked = Promise.all(Array.from({ length: count }, (_, number) => ask(session, dice, owner, number)));
  const problems = await Promise.race([
    asked.then(
      (found) => found.flat(),
      (error: Error) => [error.message],
    ),
    hung.promise,
  ]);
  clearTimeout(timer);
  session.destroy();
  return problems.map((problem) => `well-behaved HTTP/2 client ${owner}: ${problem}`);
};

const names: readonly [string, ...string[]] = [
  'x',
  'content-length',
  'transfer-encoding',
  'connection',
  'te',
  'host',
  'cookie',
  'expect',
  'upgrade',
  'X',
  '',
  ':path',
  'x-forwarded-for',
  'x y',
  'x\r\ny',
];
const values: readonly [string, ...string[]] = [
  'y',
  '5',
  '0',
  'chunked',
  'trailers',
  host,
  'other.test',
  '100-continue',
  '',
  ' y',
  'a\r\nb: c',
  'a\0b',
  'v'.repeat(3_000),
];

const fieldsOf = (dice: Dice, owner: number, number: number): Field[] => {
  const fields: Field[] = [
    [':method', dice.pick(['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT', 'G T', ''])],
    [':scheme', 'https'],
    [':authority', dice.pick([host, host, host, 'SHOP.test:80', 'nowhere.test', 'a@shop.test', ''])],
    [':path', `/owner-${owner}/${number}${dice.pick(['', '', '?a=b', ' HTTP/1.1', '\r\nX: y', '#f', '%00'])}`],
  ];
  if (dice.chance(0.1)) fields.splice(dice.below(4), 1);
  while (dice.chance(0.5)) fields.push([dice.pick(names), dice.pick(values)]);
  return fields;
};

const number32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/** A frame that does not belong where it comes. */
const oddFrame = (dice: Dice, stream: number): Buffer => {
  const id = dice.pick([0, stream, stream, stream + 1, stream + 2, 1, 0x7f_ff_ff_ff]);
  const flags = dice.pick([0, 0, flag.endStream, flag.endHeaders, 0x08, 0x20, 0xff]);
  const payload = dice.pick<() => Buffer>([
    () => Buffer.alloc(0),
    () => number32(dice.below(2 ** 31)),
    () => number32(0),
    () => Buffer.from(smuggled, 'latin1'),
    () => Buffer.alloc(dice.below(20_000), dice.below(256)),
    () => hpack(fieldsOf(dice, 0, 0)),
    () => Buffer.from(Array.from({ length: 6 * dice.below(4) }, () => dice.below(256))),
  ])();
  return frame(dice.below(11), flags, id, payload);
};

/** Whatever a hostile client comes up with: streams as they should be or not, odd frames between them, bytes garbled. */
const hostileBytes = (dice: Dice, owner: number): string => {
  const frames: Buffer[] = [];
  if (dice.chance(0.9)) frames.push(frame(type.settings, 0, 0, Buffer.alloc(0)));
  let stream = 1;
  for (let number = 0; number === 0 || dice.chance(0.7); number++) {
    const block = hpack(fieldsOf(dice, owner, number));
    const ends = dice.chance(0.4) ? flag.endStream : 0;
    frames.push(frame(type.headers, flag.endHeaders | ends, stream, block));
    while (ends === 0 && dice.chance(0.6)) {
      const data = dice.pick(['hello', smuggled, '0\r\n\r\n', 'x'.repeat(dice.below(20_000))]);
      frames.push(frame(type.data, dice.chance(0.3) ? flag.endStream : 0, stream, Buffer.from(data, 'latin1')));
    }
    while (dice.chance(0.3)) frames.push(oddFrame(dice, stream));
    if (dice.chance(0.2)) frames.push(frame(type.reset, 0, stream, number32(dice.below(14))));
    stream += dice.pick([2, 2, 2, 2, 1, 4]);
  }
  const bytes = Buffer.concat(frames).toString('latin1');
  return (dice.chance(0.95) ? preface : mutate(dice, preface)) + (dice.chance(0.5) ? mutate(dice, bytes) : bytes);
};

/** The dyno's answers begin with the target that they are for: only what was asked here may be answered here. */
const judgeHostile = (owner: number, received: string, bytes: string): string[] =>
  [...received.matchAll(/\/owner-(\d+)|poison/g)]
    .filter(([found]) => !bytes.includes(found))
    .map(([found]) => `hostile HTTP/2 client ${owner} got ${found}, for which it had not asked`);

const hostile = async (port: number, dice: Dice, owner: number): Promise<readonly string[]> => {
  const bytes = hostileBytes(dice, owner);
  const leaving = dice.pick(['ends', 'ends', 'aborts', 'lingers']);
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    servername: host,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  const closed = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), hangMs);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  socket.on('error', () => undefined).on('end', () => socket.end());
  for (const segment of dice.segments(bytes)) {
    if (!socket.writable) break;
    socket.write(segment, 'latin1');
    if (dice.chance(0.3)) await nextTurn();
  }
  if (leaving === 'aborts') socket.destroy();
  else if (leaving === 'lingers') setTimeout(() => socket.end(), 20);
  else socket.end();
  const inTime = await closed;
  socket.destroy();
  const hung = inTime ? [] : [`HTTP/2 client ${owner} was left hanging after ${JSON.stringify(bytes)}`];
  return [...hung, ...judgeHostile(owner, received, bytes)];
};

/** One client of HTTP/2 from its connection to its end. @returns what is wrong with what it got. */
export const playHttp2Client = (port: number, dice: Dice, owner: number): Promise<readonly string[]> =>
  dice.chance(0.5) ? wellBehaved(port, dice, owner) : hostile(port, dice, owner);
