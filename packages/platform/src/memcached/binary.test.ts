import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, startDebianMemcached, startOurs } from './servers.fixture.ts';

let ours: Awaited<ReturnType<typeof startOurs>>;
let debians: Awaited<ReturnType<typeof startDebianMemcached>>;

before(async () => {
  ours = await startOurs();
  debians = await startDebianMemcached('binary');
});

after(async () => {
  await ours[Symbol.asyncDispose]();
  await debians[Symbol.asyncDispose]();
});

interface Command {
  readonly extras?: Buffer;
  readonly key?: string;
  readonly value?: string;
  readonly cas?: number;
  readonly opaque?: number;
}

const command = (
  opcode: number,
  { extras = Buffer.alloc(0), key = '', value = '', cas = 0, opaque = 7 }: Command = {},
) => {
  const header = Buffer.alloc(24);
  header[0] = 0x80;
  header[1] = opcode;
  header.writeUInt16BE(key.length, 2);
  header[4] = extras.length;
  header.writeUInt32BE(extras.length + key.length + value.length, 8);
  header.writeUInt32BE(opaque, 12);
  header.writeUInt32BE(cas, 20);
  return Buffer.concat([header, extras, Buffer.from(key, 'latin1'), Buffer.from(value, 'latin1')]);
};

const storing = (flags = 0, seconds = 0): Buffer => {
  const extras = Buffer.alloc(8);
  extras.writeUInt32BE(flags, 0);
  extras.writeInt32BE(seconds, 4);
  return extras;
};

const time = (seconds: number): Buffer => {
  const extras = Buffer.alloc(4);
  extras.writeInt32BE(seconds, 0);
  return extras;
};

const counting = (delta: bigint, first: bigint, seconds: number): Buffer => {
  const extras = Buffer.alloc(20);
  extras.writeBigUInt64BE(delta, 0);
  extras.writeBigUInt64BE(first, 8);
  extras.writeUInt32BE(seconds >>> 0, 16);
  return extras;
};

const login = command(0x21, { key: 'PLAIN', value: '\0shop\0secret-of-shop' });
const last = command(0x0a, { opaque: 0xabcdef });
const lastAnswer = Buffer.from(last);
lastAnswer[0] = 0x81;

/** Answers in words, CAS as whether there is one: whose counter stands where is nobody's business. */
const readable = (answers: Buffer): string[] => {
  const found: string[] = [];
  for (let at = 0; at + 24 <= answers.length; ) {
    const [keyLength, extraLength, length] = [
      answers.readUInt16BE(at + 2),
      answers[at + 4] ?? 0,
      answers.readUInt32BE(at + 8),
    ];
    const body = answers.subarray(at + 24, at + 24 + length).toString('latin1');
    found.push(
      `${answers[at]?.toString(16)} op=${answers[at + 1]?.toString(16)} key=${keyLength} extras=${extraLength} status=${answers.readUInt16BE(at + 6)} opaque=${answers.readUInt32BE(at + 12)} cas=${answers.readBigUInt64BE(at + 16) > 0n} ${JSON.stringify(body)}`,
    );
    at += 24 + length;
  }
  return found;
};

const answersOf = async (
  port: number,
  commands: readonly Buffer[],
  withLogin: boolean,
  piece = Number.POSITIVE_INFINITY,
): Promise<string[]> => {
  const client = new Client(port);
  if (withLogin) {
    client.send(login);
    assert.equal(String((await client.until('Authenticated')).subarray(24)), 'Authenticated');
  }
  const stream = Buffer.concat([command(0x08), ...commands, last]);
  for (let at = 0; at < stream.length; at += piece) client.send(stream.subarray(at, at + piece));
  const answers = await client.until(lastAnswer);
  client.socket.destroy();
  return readable(answers);
};

const key250 = 'k'.repeat(250);

const scripts: readonly (readonly [title: string, commands: readonly Buffer[]])[] = [
  ['get, set, getk and their quiet variants', [
    command(0x00, { key: 'a' }), command(0x01, { key: 'a', value: 'abc', extras: storing(5) }), command(0x00, { key: 'a' }), command(0x0c, { key: 'a' }),
    command(0x09, { key: 'none' }), command(0x0d, { key: 'none' }), command(0x0c, { key: 'none' }), command(0x09, { key: 'a', opaque: 1 }), command(0x0d, { key: 'a' }),
    command(0x11, { key: 'b', value: 'quiet', extras: storing() }), command(0x00, { key: 'b' }), command(0x01, { key: 'e', value: '', extras: storing() }), command(0x00, { key: 'e' }),
  ]],
  ['add, replace, append, prepend', [
    command(0x02, { key: 'a', value: '1', extras: storing() }), command(0x02, { key: 'a', value: '2', extras: storing() }), command(0x12, { key: 'a', value: '2', extras: storing() }),
    command(0x03, { key: 'b', value: '1', extras: storing() }), command(0x13, { key: 'b', value: '1', extras: storing() }), command(0x03, { key: 'a', value: '3', extras: storing(9) }),
    command(0x0e, { key: 'a', value: '>' }), command(0x0f, { key: 'a', value: '<' }), command(0x19, { key: 'a', value: '!' }), command(0x1a, { key: 'a', value: '?' }), command(0x00, { key: 'a' }),
    command(0x0e, { key: 'none', value: '>' }), command(0x1a, { key: 'none', value: '>' }),
  ]],
  ['compare and swap', [
    command(0x01, { key: 'c', value: '1', extras: storing() }), command(0x01, { key: 'c', value: '2', extras: storing(), cas: 9999999 }), command(0x01, { key: 'none', value: '2', extras: storing(), cas: 5 }),
    command(0x04, { key: 'c', cas: 9999999 }), command(0x00, { key: 'c' }), command(0x04, { key: 'c' }), command(0x04, { key: 'c' }), command(0x14, { key: 'c' }), command(0x05, { key: 'c', extras: counting(1n, 0n, 0), cas: 77 }),
  ]],
  ['counting', [
    command(0x05, { key: 'n', extras: counting(1n, 10n, 0) }), command(0x05, { key: 'n', extras: counting(5n, 10n, 0) }), command(0x06, { key: 'n', extras: counting(100n, 0n, 0) }),
    command(0x05, { key: 'none', extras: counting(1n, 10n, 0xffffffff) }), command(0x15, { key: 'q', extras: counting(1n, 3n, 0) }), command(0x16, { key: 'q', extras: counting(1n, 3n, 0) }), command(0x00, { key: 'q' }),
    command(0x05, { key: 'n', extras: counting(2n ** 64n - 1n, 0n, 0) }), command(0x05, { key: 'n', extras: counting(2n, 0n, 0) }),
    command(0x01, { key: 't', value: 'abc', extras: storing() }), command(0x05, { key: 't', extras: counting(1n, 0n, 0) }),
  ]],
  ['touch, get and touch, expiry', [
    command(0x01, { key: 'x', value: '1', extras: storing(3, 100) }), command(0x1c, { key: 'x', extras: time(50) }), command(0x1d, { key: 'x', extras: time(60) }), command(0x23, { key: 'x', extras: time(60) }),
    command(0x1e, { key: 'none', extras: time(60) }), command(0x24, { key: 'none', extras: time(60) }), command(0x1d, { key: 'none', extras: time(60) }), command(0x1c, { key: 'none', extras: time(60) }),
    command(0x01, { key: 'y', value: '1', extras: storing(0, -1) }), command(0x00, { key: 'y' }), command(0x1c, { key: 'x', extras: time(-1) }), command(0x00, { key: 'x' }),
  ]],
  ['no-op, version, flush, unknown opcodes', [
    command(0x0a), command(0x0b), command(0x01, { key: 'f', value: '1', extras: storing() }), command(0x18), command(0x00, { key: 'f' }), command(0x08, { extras: time(0) }), command(0x08, { extras: time(100) }), command(0x7b),
  ]],
  ['keys and values at their longest', [
    command(0x01, { key: key250, value: 'v'.repeat(700_000), extras: storing() }), command(0x00, { key: key250 }), command(0x04, { key: key250 }),
  ]],
]; // biome-ignore format: a table of streams

for (const [title, commands] of scripts) {
  test(`the binary protocol is answered as Debian's memcached does: ${title}`, async () => {
    const theirs = await answersOf(debians.port, commands, false);
    assert.deepEqual(await answersOf(ours.port, commands, true), theirs);
    const size = commands.reduce((sum, one) => sum + one.length, 0);
    assert.deepEqual(await answersOf(ours.port, commands, true, size > 10_000 ? 9_973 : 5), theirs);
  });
}

test('commands that fit no opcode end the connection, as they do with Debian’s', async () => {
  for (const bad of [
    command(0x00),
    command(0x01, { key: 'a', value: '1' }),
    command(0x05, { key: 'a' }),
    command(0x04, { key: 'k'.repeat(251) }),
  ]) {
    const [theirs, mine] = [new Client(debians.port), new Client(ours.port)];
    mine.send(login);
    await mine.until('Authenticated');
    for (const client of [theirs, mine]) client.send(bad);
    assert.deepEqual(readable(await mine.closed()), readable(await theirs.closed()));
  }
});

test('nothing but a login is answered before a login, and PLAIN is the one way', async () => {
  const client = new Client(ours.port);
  client.send(command(0x20));
  assert.match(String(await client.until('PLAIN')), /PLAIN$/);
  client.send(command(0x21, { key: 'PLAIN', value: '\0shop\0guess' }));
  assert.match(String(await client.until('Auth failure.')), /Auth failure\.$/);
  client.send(command(0x21, { key: 'CRAM-MD5', value: '\0shop\0secret-of-shop' }));
  assert.match(String(await client.until('Auth failure.')), /Auth failure\.$/);
  client.send(command(0x00, { key: 'a' }));
  const [answer = ''] = readable(await client.closed());
  assert.match(answer, /op=0 .*status=32 .*Auth failure/);
});

test('statistics are the tenant’s own and end with an empty one', async () => {
  const answers = await answersOf(ours.port, [command(0x10)], true);
  assert.ok(answers.some((answer) => answer.includes('limit_maxbytes67108864')));
  assert.match(answers.at(-2) ?? '', /op=10 key=0 extras=0 status=0 opaque=7 cas=false ""/);
});
