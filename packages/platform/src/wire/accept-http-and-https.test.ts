import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, createServer, get, request } from 'node:http';
import { get as getTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { acceptHttpAndHttps, type OnePort } from './accept-http-and-https.ts';
import { PemCertificates } from './pem-certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'ravine-wire-'));
after(() => rmSync(folder, { recursive: true }));

const selfSigned = (host: string): string => {
  const file = join(folder, `${host}.pem`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${file}.key`];
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-days', '2', '-out', `${file}.crt`];
  execFileSync('openssl', ['req', '-x509', ...key, ...names], { stdio: 'ignore' });
  execFileSync('sh', ['-c', 'cat "$1.key" "$1.crt" > "$1"', 'sh', file]);
  return file;
};

const files = new Map([
  ['localhost', selfSigned('localhost')],
  ['shop.test', selfSigned('shop.test')],
]);

const serve = async (options: Partial<OnePort> = {}) => {
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    incoming.on('end', () =>
      response.end(`${'encrypted' in incoming.socket ? 'https' : 'http'} ${incoming.url} ${body}`),
    );
  });
  acceptHttpAndHttps(server, { certificates: new PemCertificates((name) => files.get(name)), ...options });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { server, port: address.port, [Symbol.asyncDispose]: close };
};

const textOf = async (socket: Socket | NodeJS.ReadableStream): Promise<string> => {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
};

const ca = (name: string): Buffer => readFileSync(files.get(name) ?? '');

test('one port answers http and https, also on kept connections', async () => {
  await using one = await serve();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const path of ['/a', '/b', '/c']) {
    const [response] = await once(get({ port: one.port, host: '127.0.0.1', path, agent }), 'response');
    assert.equal(await textOf(response), `http ${path} `);
  }
  agent.destroy();
  const secure = getTls({
    port: one.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: ca('localhost'),
    path: '/d',
  });
  const [response] = await once(secure, 'response');
  assert.equal(await textOf(response), 'https /d ');
});

test('a large body that comes with the first bytes arrives whole', async () => {
  await using one = await serve();
  const body = 'x'.repeat(300_000);
  const post = request({ port: one.port, host: '127.0.0.1', path: '/', method: 'POST' });
  post.end(body);
  const [response] = await once(post, 'response');
  assert.equal(await textOf(response), `http / ${body}`);
});

test('a request that arrives byte by byte is served', async () => {
  await using one = await serve();
  const socket = connect(one.port, '127.0.0.1').setNoDelay();
  for (const byte of 'GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n') {
    socket.write(byte);
    await new Promise(setImmediate);
  }
  assert.match(await textOf(socket), /http \/slow/);
});

test('each server name gets its own certificate, an unknown or absent one gets that of localhost', async () => {
  await using one = await serve();
  for (const [servername, expected] of [
    ['shop.test', 'shop.test'],
    ['SHOP.test', 'shop.test'],
    ['other.test', 'localhost'],
    ['', 'localhost'],
  ] as const) {
    const socket = connectTls({ port: one.port, host: '127.0.0.1', servername, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    assert.equal(socket.getPeerCertificate().subject.CN, expected);
    socket.destroy();
  }
});

test('a TLS connection whose first line is not HTTP is handed over with every byte after the line', async () => {
  const met = Promise.withResolvers<[Socket, string]>();
  await using one = await serve({ rendezvous: (socket, line) => met.resolve([socket, line]) });
  const client = connectTls({ port: one.port, host: '127.0.0.1', rejectUnauthorized: false });
  client.write('s3cret');
  await once(client, 'secureConnect');
  client.write('-token\r\nfirst input');
  const [socket, line] = await met.promise;
  assert.equal(line, 's3cret-token');
  client.write(' and the rest');
  let input = '';
  const whole = Promise.withResolvers<void>();
  socket.on('data', (chunk: Buffer) => {
    input += String(chunk);
    if (input === 'first input and the rest') whole.resolve();
  });
  socket.resume();
  await whole.promise;
  socket.end('bye');
  assert.equal(await textOf(client), 'bye');
});

test('https still works on a port that takes rendezvous lines, split anywhere', async () => {
  await using one = await serve({ rendezvous: (socket) => socket.destroy() });
  const client = connectTls({ port: one.port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(client, 'secureConnect');
  for (const part of ['P', 'OST /x HT', 'TP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\no', 'k']) {
    client.write(part);
    await new Promise(setImmediate);
  }
  assert.match(await textOf(client), /https \/x ok/);
});

test('a connection that says nothing is closed', async () => {
  await using one = await serve({ firstByteTimeoutMs: 20 });
  assert.equal(await textOf(connect(one.port, '127.0.0.1')), '');
});

test('broken TLS, resets and half-open silence leave the server serving', async () => {
  await using one = await serve();
  const broken = connect(one.port, '127.0.0.1');
  broken.on('error', () => undefined);
  broken.end(Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]));
  await textOf(broken).catch(() => undefined);
  const reset = connect(one.port, '127.0.0.1');
  await once(reset, 'connect');
  reset.resetAndDestroy();
  connect(one.port, '127.0.0.1').end();
  const [response] = await once(get({ port: one.port, host: '127.0.0.1', path: '/' }), 'response');
  assert.equal(await textOf(response), 'http / ');
});

test('close lets a connection that has said nothing yet still send its request', async () => {
  const one = await serve();
  const socket = connect(one.port, '127.0.0.1');
  await once(one.server, 'connection');
  const closed = once(one.server, 'close');
  one.server.close();
  socket.write('GET /late HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(await textOf(socket), /http \/late/);
  await closed;
});
