import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { challengeCertificate } from './acme/challenge-certificate.ts';
import { signingRequest } from './acme/signing-request.ts';
import { integer, objectIdentifier, octetString, text, time } from './der.ts';
import { issueCertificate } from './issue-certificate.ts';

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'ravine-der-'));
after(() => rm(folder, { recursive: true }));

test('values are written in their one distinguished form', () => {
  const hex = (bytes: Buffer): string => bytes.toString('hex');
  assert.equal(hex(integer(Buffer.of(0x7f))), '02017f');
  assert.equal(hex(integer(Buffer.of(0x80))), '02020080');
  assert.equal(hex(objectIdentifier('1.2.840.113549.1.9.14')), '06092a864886f70d01090e');
  assert.equal(hex(text('Test 1')), '1306546573742031');
  assert.equal(hex(text('Bücher')), '0c0742c3bc63686572');
  assert.equal(time(new Date('2049-12-31T23:59:59Z')).toString('latin1'), '\x17\x0d491231235959Z');
  assert.equal(time(new Date('2050-01-01T00:00:00Z')).toString('latin1'), '\x18\x0f20500101000000Z');
  for (const [length, head] of [
    [127, '047f'],
    [128, '048180'],
    [256, '04820100'],
  ] as const) {
    assert.equal(hex(octetString(Buffer.alloc(length)).subarray(0, head.length / 2)), head);
  }
});

test('names and addresses of every form are in the certificate as they were given', () => {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const addresses = ['192.0.2.7', '::', '::1', '2001:db8::1:7', '1:2:3:4:5:6:7:8', '::ffff:192.0.2.7', 'fe80::'];
  const certificate = new X509Certificate(
    issueCertificate({
      key,
      commonName: 'Bücher & Söhne',
      issuerName: 'An authority with a name',
      issuerKey: key,
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2055-01-01T00:00:00Z'),
      hosts: ['www.example.com', '*.example.com', ...addresses],
    }),
  );
  for (const address of addresses) assert.equal(certificate.checkIP(address), address);
  assert.equal(certificate.checkHost('any.example.com'), '*.example.com');
  assert.equal(certificate.subject, 'CN=Bücher & Söhne');
  assert.equal(certificate.issuer, 'CN=An authority with a name');
  assert.equal(certificate.validToDate.toISOString(), '2055-01-01T00:00:00.000Z');
  assert.equal(certificate.ca, false);
  assert.ok(certificate.verify(certificate.publicKey));
});

test('openssl reads a signing request and finds its signature good', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (const host of ['www.example.com', `${'a'.repeat(60)}.example.com`]) {
    const file = join(folder, 'request.der');
    await writeFile(file, signingRequest(host, privateKey));
    const { stdout, stderr } = await run('openssl', [
      'req',
      '-inform',
      'der',
      '-in',
      file,
      '-noout',
      '-text',
      '-verify',
    ]);
    assert.match(stdout + stderr, /verify OK/);
    assert.match(stdout, new RegExp(`DNS:${host.replaceAll('.', '\\.')}\\n`));
    assert.equal(/Subject: CN = (\S+)/.exec(stdout)?.[1], host.length > 64 ? undefined : host);
  }
});

test('a challenge certificate has the digest of the key authorization in a critical extension', async () => {
  const file = join(folder, 'challenge.pem');
  await writeFile(file, challengeCertificate('www.example.com', 'token.thumbprint'));
  const { stdout } = await run('openssl', ['x509', '-in', file, '-noout', '-text']);
  assert.match(stdout, /DNS:www\.example\.com\n/);
  assert.match(stdout, /1\.3\.6\.1\.5\.5\.7\.1\.31: critical\n/);
});
