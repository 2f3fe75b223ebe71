import { createHash, type KeyObject, randomBytes } from 'node:crypto';
import { bitString, boolean, context, der, integer, objectIdentifier, octetString, sequence, time } from './der.ts';
import { alternativeNames, extension, name, publicKeyInfo, signatureAlgorithm, signed } from './x509-parts.ts';

export interface CertificateRequest {
  /** ECDSA P-256 private key of the new certificate; only its public half goes in. */
  readonly key: KeyObject;
  readonly commonName: string;
  readonly issuerName: string;
  /** ECDSA P-256 key of the issuer; the same as `key` for an authority that signs itself. */
  readonly issuerKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Host names and IP addresses of a leaf; undefined makes an authority. */
  readonly hosts: readonly string[] | undefined;
  /** A critical extension that says what the certificate is for, in the place of all that a browser asks for. */
  readonly purpose?: { readonly oid: string; readonly der: Uint8Array };
}

const version3 = 2;
const basicConstraints = '2.5.29.19';
const keyUsage = '2.5.29.15';
const extendedKeyUsage = '2.5.29.37';
const serverAuth = '1.3.6.1.5.5.7.3.1';
const subjectKeyIdentifier = '2.5.29.14';
const authorityKeyIdentifier = '2.5.29.35';
/** Bits of keyUsage, the first one highest, with how many at the end mean nothing. */
const digitalSignature = bitString(Buffer.of(0x80), 7);
const keyCertSignAndCrlSign = bitString(Buffer.of(0x06), 1);

/** SHA-1 of the public key's bits, as RFC 5280 section 4.2.1.2 has it: a name, not a safeguard. */
const keyIdentifier = (key: KeyObject): Buffer => {
  // Those of an uncompressed P-256 point are at the end.
  const point = publicKeyInfo(key).subarray(-65);
  return createHash('sha1').update(point).digest();
};

const extensions = (request: CertificateRequest): readonly Buffer[] => {
  const { hosts, key, issuerKey, purpose } = request;
  const own =
    hosts === undefined
      ? [
          extension(basicConstraints, sequence(boolean(true), integer(Buffer.of(0))), true),
          extension(keyUsage, keyCertSignAndCrlSign, true),
        ]
      : [
          extension(basicConstraints, sequence(), true),
          extension(keyUsage, digitalSignature, true),
          extension(extendedKeyUsage, sequence(objectIdentifier(serverAuth))),
          // Where there is no subject these names are all there is, and must be understood.
          alternativeNames(hosts, request.commonName === ''),
        ];
  return [
    ...own,
    ...(purpose === undefined ? [] : [extension(purpose.oid, purpose.der, true)]),
    extension(subjectKeyIdentifier, octetString(keyIdentifier(key))),
    extension(authorityKeyIdentifier, sequence(der(0x80, keyIdentifier(issuerKey)))),
  ];
};

/** Signs one X.509 version 3 certificate and returns it as PEM. @see RFC 5280 */
export const issueCertificate = (request: CertificateRequest): string => {
  const content = sequence(
    context(0, integer(Buffer.of(version3))),
    // Positive, of 16 bytes, the first of which can't be zero.
    integer(Buffer.concat([Buffer.of(0x40 | ((randomBytes(1)[0] ?? 0) >> 2)), randomBytes(15)])),
    signatureAlgorithm(),
    name(request.issuerName),
    sequence(time(request.notBefore), time(request.notAfter)),
    name(request.commonName),
    publicKeyInfo(request.key),
    context(3, sequence(...extensions(request))),
  );
  const lines =
    signed(content, request.issuerKey)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};
