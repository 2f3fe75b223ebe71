import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { openAuthority } from '../../certs/authority.ts';
import type { AppId } from '../../domain/ids.ts';
import { PemCertificates } from '../../wire/pem-certificates.ts';
import { createRouter } from '../create-router.ts';
import { RouteTable } from '../route-table.ts';
import { appId, snapshotOf, startDyno, startRouter } from '../router.fixture.ts';

const open = async (port: number, options: ConnectionOptions): Promise<TLSSocket> => {
  const socket = connect({ host: '127.0.0.1', port, ALPNProtocols: ['http/1.1'], ...options });
  await once(socket, 'secureConnect');
  return socket;
};

const askOver = async (socket: TLSSocket, host: string): Promise<string> => {
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
};

test('https is served on the port of http, and the dyno and the log are told', async () => {
  await using dyno = await startDyno((incoming, response) =>
    response.end(`proto ${incoming.headers['x-forwarded-proto']}`),
  );
  await using router = await startRouter([dyno.dyno], { tlsFor: ['shop.test'] });
  const socket = await open(router.port, { ca: router.ca, servername: 'shop.test' });
  assert.match(await askOver(socket, 'shop.test'), /^HTTP\/1\.1 200 OK\r\n.*proto https$/s);
  assert.match((await router.logged(1))[0] ?? '', / protocol=http1\.1 tls=true tls_version=tls1\.3$/);
});

test('versions of TLS that are no longer safe are refused', async () => {
  await using router = await startRouter([], { tlsFor: ['shop.test'] });
  const old: ConnectionOptions = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
  await assert.rejects(open(router.port, { ca: router.ca, servername: 'shop.test', ...old }));
  const cbc: ConnectionOptions = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' };
  await assert.rejects(open(router.port, { ca: router.ca, servername: 'shop.test', ...cbc }));
});

/** Two routers that share what workers of one port share, with two apps on two certificates. */
const twoWorkers = async (t: TestContext) => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const authority = await openAuthority(folder);
  const table = new RouteTable();
  const routes = snapshotOf([], { state: 'idle' });
  const second = { id: 'app-2' as AppId, name: 'other', state: 'idle', maintenance: false, dynos: [] } as const; // a readable id
  table.apply({
    ...routes,
    apps: { ...routes.apps, 'app-2': second },
    hosts: { 'shop.test': appId, 'other.test': second.id, 'twin.test': second.id },
    certificates: {
      'shop.test': await authority.certificateFor(['shop.test']),
      'other.test': await authority.certificateFor(['other.test', 'twin.test']),
      'twin.test': await authority.certificateFor(['other.test', 'twin.test']),
    },
    acmeCertificates: { 'shop.test': await authority.certificateFor(['challenge.test']) },
  });
  const lines: string[] = [];
  const ticketKeyFile = join(folder, 'tickets.key');
  const start = async () => {
    const router = createRouter({
      table,
      onLine: ({ text }) => lines.push(text),
      onFault: (fault) => assert.fail(String(fault)),
      certificates: new PemCertificates((host) => table.certificateFile(host)),
      ticketKeyFile,
    });
    const { port } = await router.listen({ host: '127.0.0.1', port: 0 });
    t.after(async () => {
      router.destroy();
      await router.close();
    });
    return port;
  };
  return { ports: [await start(), await start()] as const, lines, ticketKeyFile, ca: await readFile(authority.caFile) };
};

test('a session that began with one worker is resumed by another, from keys that only their user may read', async (t) => {
  const { ports, ca, ticketKeyFile } = await twoWorkers(t);
  for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
    const options: ConnectionOptions = { ca, servername: 'shop.test', maxVersion };
    const first = connect({ host: '127.0.0.1', port: ports[0], ...options });
    const session = once(first, 'session');
    await once(first, 'secureConnect');
    await askOver(first, 'shop.test');
    const again = await open(ports[1], { ...options, session: (await session)[0] });
    assert.equal(again.isSessionReused(), true, maxVersion);
    again.destroy();
  }
  const { mode, size } = await stat(ticketKeyFile);
  assert.deepEqual([mode & 0o777, size], [0o600, 48]);
});

test('each name has its certificate, and a connection for one app does not reach another (H32)', async (t) => {
  const { ports, ca, lines } = await twoWorkers(t);
  const socket = await open(ports[0], { ca, servername: 'shop.test' });
  assert.match(await askOver(socket, 'other.test'), /^HTTP\/1\.1 495 /);
  assert.match(lines[0] ?? '', /^sock=client at=error code=H32 desc="TLS Certificate Mismatch" .* host=other\.test /);
  const twin = await open(ports[0], { ca, servername: 'twin.test' });
  assert.match(await askOver(twin, 'other.test'), /^HTTP\/1\.1 503 /);
});

test('who asks for the challenge of TLS-ALPN-01 gets its certificate; everybody else gets the usual one', async (t) => {
  const { ports, ca } = await twoWorkers(t);
  const namesAt = async (protocol: string): Promise<string | undefined> => {
    const options = { ca, servername: 'shop.test', ALPNProtocols: [protocol], rejectUnauthorized: false };
    const socket = await open(ports[0], options);
    assert.equal(socket.alpnProtocol, protocol);
    const { raw } = socket.getPeerCertificate();
    socket.destroy();
    return new X509Certificate(raw).subjectAltName;
  };
  assert.equal(await namesAt('acme-tls/1'), 'DNS:challenge.test');
  assert.equal(await namesAt('http/1.1'), 'DNS:shop.test');
});
