import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { Dice } from '../domain/dice.fixture.ts';
import { type RouterUnderTest, startBench, testHosts } from './vector-bench.fixture.ts';
import { probePath } from './vector-dyno.fixture.ts';
import type { ExpectedRequest } from './vector-file.fixture.ts';
import { mutate } from './vector-hostile.fixture.ts';
import { type Field, firstFlight, Http2Client, type Http2Message } from './vector-http2.fixture.ts';
import { valuesOf } from './vector-message.fixture.ts';
import { holdsWithin } from './vector-run.fixture.ts';

const garbledConnections = 120;

const pseudo = (more: Readonly<Record<string, string | undefined>> = {}): Field[] =>
  Object.entries({ ':method': 'GET', ':scheme': 'https', ':authority': testHosts.shop, ':path': '/', ...more }).flatMap(
    ([name, value]): Field[] => (value === undefined ? [] : [[name, value]]),
  );
const get = (...more: readonly Field[]): Http2Message => ({ fields: [...pseudo(), ...more] });
const post = (data: readonly string[], ...more: readonly Field[]): Http2Message => ({
  fields: [...pseudo({ ':method': 'POST' }), ...more],
  data,
});
const withPseudo = (name: string, value: string | undefined): Http2Message => ({ fields: pseudo({ [name]: value }) });

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n';

/** Each would, written out as HTTP/1.1, be something else than what was sent. None may reach the dyno as a whole request. */
const refused: readonly (readonly [why: string, message: Http2Message])[] = [
  ['an upper-case name', get(['X-Upper', 'b'])],
  ['Transfer-Encoding', post(['0\r\n\r\n', smuggled], ['transfer-encoding', 'chunked'])],
  ['Connection', get(['connection', 'x-secret'])],
  ['Keep-Alive', get(['keep-alive', 'timeout=5'])],
  ['Proxy-Connection', get(['proxy-connection', 'keep-alive'])],
  ['Upgrade', get(['upgrade', 'websocket'])],
  ['TE that is not trailers', get(['te', 'gzip'])],
  ['a body shorter than its length', post(['abc'], ['content-length', '10'])],
  ['a body longer than its length', post([`abc${smuggled}`], ['content-length', '3'])],
  ['two lengths', post(['abc'], ['content-length', '3'], ['content-length', '4'])],
  ['a length with a sign', post(['abc'], ['content-length', '+3'])],
  ['a list of lengths', post(['abc'], ['content-length', '3, 3'])],
  ['a space in the path', withPseudo(':path', '/ HTTP/1.1')],
  ['a line break in the path', withPseudo(':path', '/ HTTP/1.1\r\nHost: other.test\r\n\r\nGET /smuggled')],
  ['a bare LF in the path', withPseudo(':path', '/\nx')],
  ['an empty path', withPseudo(':path', '')],
  ['no path', withPseudo(':path', undefined)],
  ['a path that does not begin with a slash', withPseudo(':path', 'x/y')],
  ['a fragment in the path', withPseudo(':path', '/x#y')],
  ['a whole URL as path', withPseudo(':path', 'http://other.test/')],
  ['a request line as method', withPseudo(':method', 'GET /smuggled HTTP/1.1\r\nX: y\r\n\r\nGET')],
  ['a space in the method', withPseudo(':method', 'GET /x')],
  ['no method', withPseudo(':method', undefined)],
  [
    'CONNECT',
    {
      fields: [
        [':method', 'CONNECT'],
        [':authority', 'shop.test:443'],
      ],
    },
  ],
  ['user info in the authority', withPseudo(':authority', 'a@shop.test')],
  ['a line break in the authority', withPseudo(':authority', 'shop.test\r\nX: y')],
  ['neither authority nor host', withPseudo(':authority', undefined)],
  ['a Host that names another host', get(['host', testHosts.other])],
  ['two Host fields', get(['host', testHosts.shop], ['host', testHosts.shop])],
  ['a pseudo-header field twice', { fields: [...pseudo(), [':path', '/again']] }],
  ['a pseudo-header field behind others', { fields: [['x', 'y'], ...pseudo()] }],
  ['an unknown pseudo-header field', get([':unknown', 'x'])],
  ['a pseudo-header field among the trailers', { ...post(['abc']), trailers: [[':path', '/x']] }],
  ['an unknown expectation', get(['expect', 'foo'])],
  ['fields without end', get(['x', 'v'.repeat(70_000)])],
  ['a line break in a value', get(['x', 'a\r\nTransfer-Encoding: chunked'])],
  ['a bare LF in a value', get(['x', 'a\nHost: other.test'])],
  ['a bare CR in a value', get(['x', 'a\rb'])],
  ['NUL in a value', get(['x', 'a\0b'])],
  ['a line break in a name', get(['x: a\r\ny', 'b'])],
  ['a colon in a name', get(['x: a', 'b'])],
  ['a space in a name', get(['x y', 'b'])],
  ['an empty name', get(['', 'b'])],
];

const served: readonly (readonly [why: string, message: Http2Message, seen: ExpectedRequest])[] = [
  [
    'a GET',
    get(),
    { line: 'GET / HTTP/1.1', headers: { host: 'shop.test', 'content-length': null, 'transfer-encoding': null } },
  ],
  ['path and query as they came', withPseudo(':path', '//a/../%2e?x=/&y'), { line: 'GET //a/../%2e?x=/&y HTTP/1.1' }],
  [
    'a body with a length',
    post(['ab', 'c'], ['content-length', '3']),
    { line: 'POST / HTTP/1.1', body: 'abc', headers: { 'content-length': '3', 'transfer-encoding': null } },
  ],
  [
    'a body without a length',
    post(['ab', 'c']),
    { line: 'POST / HTTP/1.1', body: 'abc', headers: { 'content-length': null, 'transfer-encoding': 'chunked' } },
  ],
  [
    'a body that looks like chunks',
    post(['0\r\n\r\n', smuggled]),
    { line: 'POST / HTTP/1.1', body: `0\r\n\r\n${smuggled}` },
  ],
  [
    'cookies in pieces',
    get(['cookie', 'a=1'], ['cookie', 'b=2']),
    { line: 'GET / HTTP/1.1', headers: { cookie: 'a=1; b=2' } },
  ],
  ['TE: trailers, which stops here', get(['te', 'trailers']), { line: 'GET / HTTP/1.1', headers: { te: null } }],
  [
    'trailers, which stop here',
    { ...post(['abc']), trailers: [['x-t', 'v']] },
    { line: 'POST / HTTP/1.1', body: 'abc', headers: { 'x-t': null } },
  ],
  [
    'forged fields of the router',
    get(['x-forwarded-for', '9.9.9.9'], ['x-forwarded-proto', 'http'], ['x_forwarded_proto', 'http'], ['via', '1.0 x']),
    {
      line: 'GET / HTTP/1.1',
      headers: {
        'x-forwarded-for': '9.9.9.9, 127.0.0.1',
        'x-forwarded-proto': 'https',
        x_forwarded_proto: null,
        via: '1.0 x, 2.0 ravine',
      },
    },
  ],
  [
    'an authority with a port',
    withPseudo(':authority', 'SHOP.test:8443'),
    { line: 'GET / HTTP/1.1', headers: { host: 'SHOP.test:8443' } },
  ],
  ['an unknown method', withPseudo(':method', 'PURGE'), { line: 'PURGE / HTTP/1.1' }],
  ['bytes above ASCII in a value', get(['x', 'caf\xe9']), { line: 'GET / HTTP/1.1', headers: { x: 'caf\xe9' } }],
  [
    'a length of zero, whatever follows',
    post([smuggled], ['content-length', '0']),
    { line: 'POST / HTTP/1.1', body: '' },
  ],
  ['a HEAD', withPseudo(':method', 'HEAD'), { line: 'HEAD / HTTP/1.1' }],
  [
    '100-continue, which stops here',
    post(['abc'], ['expect', '100-continue']),
    { line: 'POST / HTTP/1.1', body: 'abc', headers: { expect: null } },
  ],
];

describe('HTTP/2 becomes HTTP/1.1 for the dyno without becoming another request', () => {
  let bench: RouterUnderTest | undefined;
  let client: Http2Client | undefined;
  after(async () => {
    client?.socket.destroy();
    await bench?.[Symbol.asyncDispose]();
  });
  const play = async (message: Http2Message) => {
    bench ??= await startBench();
    const { dyno, router, load } = bench;
    dyno.reset();
    client ??= await Http2Client.to(router.port, testHosts.shop);
    const outcome = await client.send(message);
    assert.ok(await holdsWithin(10_000, () => load() === 0), `a load of ${load()} is left`);
    if (outcome === 'connection ended') client = await Http2Client.to(router.port, testHosts.shop);
    // Whatever became of it, the next request passes.
    assert.equal(await client.send(withPseudo(':path', probePath)), 'answered');
    for (const seen of dyno.seen) assert.deepEqual(seen.message.faults, []);
    return { outcome, seen: dyno.requests() };
  };

  for (const [why, message] of refused) {
    test(`refused: ${why}`, async () => {
      const { outcome, seen } = await play(message);
      assert.notEqual(outcome, 'stuck');
      assert.deepEqual(
        seen.filter(({ complete }) => complete).map(({ startLine }) => startLine),
        [],
      );
    });
  }
  for (const [why, message, { line, body = '', headers = {} }] of served) {
    test(`served: ${why}`, async () => {
      const { outcome, seen } = await play(message);
      assert.ok(outcome === 'answered' || why.startsWith('a length of zero'), outcome);
      assert.deepEqual(
        seen.map(({ startLine, body: got }) => [startLine, got]),
        [[line, body]],
      );
      const [request] = seen;
      assert.ok(request);
      for (const [name, value] of Object.entries(headers)) {
        assert.deepEqual(valuesOf(request, name), value === null ? [] : [value], name);
      }
    });
  }

  test('frames garbled at random harm nobody else and leave nothing behind', { timeout: 120_000 }, async () => {
    bench ??= await startBench();
    const { dyno, router, load } = bench;
    for (let seed = 1; seed <= garbledConnections; seed++) {
      const dice = new Dice(seed);
      dyno.reset();
      const flight = firstFlight(post(['abc', smuggled], ['x', 'y']));
      const at = dice.below(flight.length);
      const garbled = flight.slice(0, at) + mutate(dice, flight.slice(at));
      const secure = { port: router.port, host: '127.0.0.1', servername: testHosts.shop };
      const socket = connect({ ...secure, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
      socket.on('error', () => undefined).resume();
      socket.end(garbled, 'latin1');
      await once(socket, 'close');
      assert.ok(await holdsWithin(10_000, () => load() === 0), `seed ${seed}: a load of ${load()} is left`);
      for (const { message } of dyno.seen) assert.deepEqual(message.faults, [], `seed ${seed}`);
    }
    client ??= await Http2Client.to(router.port, testHosts.shop);
    assert.equal(await client.send(withPseudo(':path', probePath)), 'answered');
  });
});
