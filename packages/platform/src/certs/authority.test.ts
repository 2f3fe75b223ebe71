import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { openAuthority } from './authority.ts';

const run = promisify(execFile);

const folder = async (t: { after(fn: () => Promise<void>): void }): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'ravine-certs-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
};

const modeOf = async (file: string): Promise<string> => ((await stat(file)).mode & 0o777).toString(8);

test('a leaf is trusted by a client that trusts the authority, for each name and address in it', async (t) => {
  const data = await folder(t);
  const authority = await openAuthority(data);
  const pem = await readFile(await authority.certificateFor(['localhost', 'app.localhost', '127.0.0.1', '::1']));
  const server = createServer({ key: pem, cert: pem }, (socket) => socket.end('hello')).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const ca = await readFile(authority.caFile);
  for (const servername of ['localhost', 'app.localhost']) {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port: address.port, ca, servername });
    const [greeting]: unknown[] = await once(socket, 'data');
    assert.equal(String(greeting), 'hello');
    socket.destroy();
  }
  const leaf = new X509Certificate(pem);
  assert.ok(leaf.checkIP('127.0.0.1'));
  assert.ok(leaf.checkIP('::1'));
  const lifeDays = (leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / 86_400_000;
  assert.ok(lifeDays <= 397.01, `${lifeDays} days`);
});

test('openssl finds nothing to object to in the chain', async (t) => {
  const authority = await openAuthority(await folder(t));
  const leaf = await authority.certificateFor(['shop.example.com', '2001:db8::7', '*.example.org']);
  const { stdout } = await run('openssl', [
    'verify',
    '-x509_strict',
    '-purpose',
    'sslserver',
    '-verify_hostname',
    'a.example.org',
    '-CAfile',
    authority.caFile,
    leaf,
  ]);
  assert.match(stdout, /: OK/);
  const names = await run('openssl', ['x509', '-in', leaf, '-noout', '-ext', 'subjectAltName']);
  assert.match(names.stdout, /2001:DB8:0:0:0:0:0:7/);
});

test('keys are readable by their owner only, and no temporary file stays', async (t) => {
  const data = await folder(t);
  const authority = await openAuthority(data);
  const leaf = await authority.certificateFor(['localhost']);
  assert.equal(leaf, join(data, 'tls', 'localhost.pem'));
  assert.equal(await modeOf(leaf), '600');
  assert.equal(await modeOf(join(data, 'ca', 'ca.key')), '600');
  assert.equal(await modeOf(authority.caFile), '644');
  assert.deepEqual((await readdir(join(data, 'ca'))).sort(), ['ca.key', 'ca.pem']);
});

test('opening and asking again changes nothing, a further name makes a new leaf', async (t) => {
  const data = await folder(t);
  const first = await openAuthority(data);
  const ca = await readFile(first.caFile, 'utf8');
  const file = await first.certificateFor(['localhost']);
  const leaf = await readFile(file, 'utf8');
  const second = await openAuthority(data);
  await second.certificateFor(['localhost']);
  assert.equal(await readFile(second.caFile, 'utf8'), ca);
  assert.equal(await readFile(file, 'utf8'), leaf);
  await second.certificateFor(['localhost', 'b.localhost']);
  assert.notEqual(await readFile(file, 'utf8'), leaf);
});

test('a key without its certificate, as a crash leaves it, is given one', async (t) => {
  const data = await folder(t);
  const first = await openAuthority(data);
  const key = await readFile(join(data, 'ca', 'ca.key'), 'utf8');
  await rm(first.caFile);
  const second = await openAuthority(data);
  assert.equal(await readFile(join(data, 'ca', 'ca.key'), 'utf8'), key);
  assert.ok(new X509Certificate(await readFile(second.caFile)).ca);
});

test('a leaf that is damaged or of another authority is issued anew', async (t) => {
  const data = await folder(t);
  const other = await openAuthority(await folder(t));
  const authority = await openAuthority(data);
  const file = await authority.certificateFor(['localhost']);
  for (const content of ['', await readFile(await other.certificateFor(['localhost']), 'utf8')]) {
    await writeFile(file, content);
    await authority.certificateFor(['localhost']);
    const ca = new X509Certificate(await readFile(authority.caFile));
    assert.ok(new X509Certificate(await readFile(file)).verify(ca.publicKey));
  }
});

test('what is no host name is refused and never becomes a path', async (t) => {
  const authority = await openAuthority(await folder(t));
  for (const host of ['../x', 'a b', 'https://a', 'a:80', '']) {
    await assert.rejects(authority.certificateFor([host]), /expected host names or IP addresses/);
  }
  await assert.rejects(authority.certificateFor([]), /name at least one/);
});
