import { createHash, generateKeyPairSync } from 'node:crypto';
import { octetString } from '../der.ts';
import { issueCertificate } from '../issue-certificate.ts';

/** id-pe-acmeIdentifier (RFC 8737 section 6.1). */
const acmeIdentifier = '1.3.6.1.5.5.7.1.31';
const dayMs = 24 * 60 * 60 * 1000;

/**
 * The self-signed certificate by which a server proves over TLS that it knows a key authorization, with its private
 * key before it, as PEM.
 * @see RFC 8737 section 3
 */
export const challengeCertificate = (hostname: string, keyAuthorization: string): string => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const digest = createHash('sha256').update(keyAuthorization).digest();
  const certificate = issueCertificate({
    key: privateKey,
    commonName: 'ACME challenge',
    issuerName: 'ACME challenge',
    issuerKey: privateKey,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    hosts: [hostname],
    purpose: { oid: acmeIdentifier, der: octetString(digest) },
  });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() + certificate;
};
