import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { appId, snapshotOf, startDyno, startRouter } from '../packages/platform/src/router/router.fixture.ts';
import { openingOf } from '../packages/platform/src/wire/websocket/handshake.ts';
import { WebSocketStream } from '../packages/platform/src/wire/websocket/web-socket-stream.ts';

const run = promisify(execFile);
const uploadBytes = 3 * 1024 * 1024;
const requests = 2_000;

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const dyno = await startDyno((incoming, response) => {
  const hash = createHash('sha256');
  incoming.on('data', (part: Buffer) => hash.update(part));
  incoming.on('end', () => response.end(incoming.method === 'GET' ? 'hello' : hash.digest('hex')));
});
dyno.server.on('upgrade', (request, socket, head) => {
  socket.write(openingOf(request) ?? 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
  const stream = new WebSocketStream(socket, head, (text) => void stream.sendText(`you said ${text}`));
  stream.pipe(stream);
});
const router = await startRouter(
  { ...snapshotOf([dyno.dyno]), hosts: { localhost: appId } },
  { tlsFor: ['localhost'] },
);
const folder = await mkdtemp(join(tmpdir(), 'ravine-clients-'));
const [caFile, upload] = [join(folder, 'ca.pem'), join(folder, 'upload')];
const body = randomBytes(uploadBytes);
await writeFile(caFile, router.ca ?? '');
await writeFile(upload, body);
after(async () => {
  await router.close();
  await dyno[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
const [plain, secure] = ['http', 'https'].map((scheme) => `${scheme}://localhost:${router.port}/`);
assert.ok(plain && secure);

for (const [option, url, version] of [
  ['--http1.1', plain, '1.1'],
  ['--http1.1', secure, '1.1'],
  ['--http2', secure, '2'],
] as const) {
  test(`curl ${option} reads and uploads over ${url.split(':')[0]}`, async () => {
    const curl = async (...args: string[]): Promise<string> => {
      const always = [
        '--silent',
        '--show-error',
        '--fail',
        '--ipv4',
        '--cacert',
        caFile,
        '-w',
        ' over %{http_version}',
      ];
      return (await run('curl', [...always, option, ...args])).stdout;
    };
    assert.equal(await curl(url), `hello over ${version}`);
    const said = await curl('-H', 'Expect: 100-continue', '--data-binary', `@${upload}`, url);
    assert.equal(said, `${digest(body)} over ${version}`);
  });
}

test("a WebSocket of Node's own client carries text and bytes both ways, and closes with its code", async () => {
  const socket = new WebSocket(`ws://localhost:${router.port}/chat`);
  socket.binaryType = 'arraybuffer';
  await once(socket, 'open');
  const heard: (string | Buffer)[] = [];
  socket.addEventListener('message', ({ data }) => heard.push(typeof data === 'string' ? data : Buffer.from(data)));
  socket.send('hi');
  await once(socket, 'message');
  assert.deepEqual(heard, ['you said hi']);
  const sent = body.subarray(0, 500_000);
  socket.send(sent);
  const bytes = (): Buffer => Buffer.concat(heard.filter((each) => typeof each !== 'string'));
  while (bytes().length < sent.length) await once(socket, 'message');
  assert.ok(bytes().equals(sent));
  const closed = once(socket, 'close');
  socket.close(1000, 'done');
  const [{ code, wasClean }] = await closed;
  assert.deepEqual([code, wasClean], [1000, true]);
});

test('wrk gets an answer to each request over kept connections', async () => {
  const { stdout } = await run('wrk', ['-t1', '-c32', '-d1s', plain]);
  assert.match(stdout, /\d+ requests in /);
  assert.doesNotMatch(stdout, /Non-2xx|Socket errors/, stdout);
});

for (const [protocol, args] of [
  ['HTTP/1.1', ['--h1', plain]],
  ['HTTP/1.1 on TLS', ['--h1', secure]],
  ['HTTP/2', [secure]],
] as const) {
  test(`h2load gets an answer to each of ${requests} requests over ${protocol}`, async () => {
    const { stdout } = await run('h2load', ['-t1', '-c16', '-m8', `-n${requests}`, ...args]);
    assert.match(stdout, new RegExp(`status codes: ${requests} 2xx, 0 3xx, 0 4xx, 0 5xx`), stdout);
  });
}
