import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { CertificateError } from './certificate-error.ts';
import { checkCertificate } from './check-certificate.ts';
import { makeCertificate } from './testing/made-certificates.ts';

const root = makeCertificate('Test Root');
const middle = makeCertificate('Test Middle', { by: root });
const leaf = makeCertificate('shop.example.com', { by: middle, hosts: ['shop.example.com', '*.example.com'] });
const other = makeCertificate('other.example.com', { hosts: ['other.example.com'] });

const refused = (chain: string, key: string, message: string | RegExp): void =>
  assert.throws(() => checkCertificate(chain, key, new Date()), { name: CertificateError.name, message });

test('a chain in order, with or without its root, is taken with what it says of itself', () => {
  for (const chain of [leaf.pem + middle.pem, leaf.pem + middle.pem + root.pem]) {
    const checked = checkCertificate(`a comment before\n${chain}`, leaf.keyPem, new Date());
    assert.deepEqual(checked.certDomains, ['shop.example.com', '*.example.com']);
    assert.equal(checked.issuer, '/CN=Test Middle');
    assert.equal(checked.subject, '/CN=shop.example.com');
    assert.equal(checked.selfSigned, false);
    assert.equal(checked.caSigned, false);
    assert.equal(checked.certificateChain.replaceAll('\n', ''), chain.replaceAll('\n', ''));
  }
});

test('a self-signed certificate is taken and known as such', () => {
  const checked = checkCertificate(other.pem, other.keyPem, new Date());
  assert.equal(checked.selfSigned, true);
});

test('keys in the forms that programs write are taken', () => {
  const checked = checkCertificate(
    leaf.pem + middle.pem,
    leaf.key.export({ type: 'sec1', format: 'pem' }).toString(),
    new Date(),
  );
  assert.equal(checked.privateKey, leaf.keyPem);
});

test('a key of another certificate is refused', () => {
  refused(leaf.pem + middle.pem, other.keyPem, /^Key doesn't match the PEM certificate: .* shop\.example\.com /);
});

test('a key with a passphrase is refused with the way to take it off', () => {
  const locked = leaf.key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' });
  refused(leaf.pem, locked.toString(), /protected by a passphrase.*openssl pkey -in KEY -out PLAIN_KEY$/);
});

test('what is no certificate, no key, or too weak a key is refused by what was expected', () => {
  refused('nonsense', leaf.keyPem, /^No certificate given is a valid PEM certificate: expected text between/);
  refused('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', leaf.keyPem, /^Certificate 1 of the chain/);
  refused(leaf.pem, leaf.pem, /^No private key given is a valid PEM private key: expected text between/);
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(pem).toString();
  refused(leaf.pem, weak, 'The RSA key has 1024 bits: expected at least 2048.');
  const rare = generateKeyPairSync('ed25519').privateKey.export(pem).toString();
  refused(leaf.pem, rare, /^The private key is of type ed25519/);
});

test('a chain in the wrong order is refused with what belongs where', () => {
  refused(
    middle.pem + leaf.pem,
    leaf.keyPem,
    'The chain is in the wrong order: the certificate of shop.example.com, which the key belongs to, has to come first.',
  );
  refused(
    leaf.pem + root.pem + middle.pem,
    leaf.keyPem,
    'The chain is in the wrong order: the certificate of Test Middle has to follow that of shop.example.com.',
  );
});

test('a chain with a gap, or without the intermediate that visitors need, is refused', async () => {
  refused(
    leaf.pem + root.pem,
    leaf.keyPem,
    'The chain has a gap: the certificate of Test Root did not sign that of shop.example.com; expected the one of Test Middle in its place.',
  );
  const open = makeCertificate('a.example.com', {
    by: middle,
    hosts: ['a.example.com'],
    issuerUrl: 'http://ca.example/m.crt',
  });
  refused(
    open.pem,
    open.keyPem,
    "The chain lacks the intermediate certificate of Test Middle, without which visitors can't verify it. Append it to the certificate file.",
  );
});

test('a certificate that is expired or not valid yet is refused with the date', async () => {
  const old = makeCertificate('old.example.com', { hosts: ['old.example.com'], from: -20, until: -10 });
  refused(old.pem, old.keyPem, /^The certificate of old\.example\.com expired on \d{4}-\d\d-\d\d\. Renew it first\.$/);
  const early = makeCertificate('early.example.com', { hosts: ['early.example.com'], from: 10, until: 20 });
  refused(early.pem, early.keyPem, /^The certificate of early\.example\.com is not valid before \d{4}-\d\d-\d\d\.$/);
});

test('a certificate without a subject, as some authorities issue them, is taken', () => {
  const bare = makeCertificate('', { by: middle, hosts: ['bare.example.com'] });
  const checked = checkCertificate(bare.pem + middle.pem, bare.keyPem, new Date());
  assert.equal(checked.subject, '');
  assert.deepEqual(checked.certDomains, ['bare.example.com']);
  const old = makeCertificate('', { by: middle, hosts: ['bare.example.com'], from: -9, until: -8 });
  refused(old.pem, old.keyPem, /^The certificate of DNS:bare\.example\.com expired/);
});

test('a certificate for addresses only is refused', async () => {
  const address = makeCertificate('', { hosts: ['192.0.2.1'] });
  refused(address.pem, address.keyPem, /^The certificate names no host/);
});
