import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';

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
  readonly purpose?: { readonly oid: string; readonly der: Uint8Array<ArrayBuffer> };
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const publicHalf = (key: KeyObject): CryptoKey => createPublicKey(key).toCryptoKey(algorithm, true, ['verify']);

/** Signs one X.509 version 3 certificate and returns it as PEM. @see RFC 5280 */
export const issueCertificate = async (request: CertificateRequest): Promise<string> => {
  // Only now: most starts find every certificate made, and the library costs memory.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const { hosts } = request;
  const publicKey = publicHalf(request.key);
  const own = hosts
    ? [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((host) => ({ type: isIP(host) ? 'ip' : 'dns', value: host })),
        ),
      ]
    : [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `4${randomBytes(15).toString('hex')}0`,
    subject: [{ CN: [request.commonName] }],
    issuer: [{ CN: [request.issuerName] }],
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    publicKey,
    signingKey: request.issuerKey.toCryptoKey(algorithm, true, ['sign']),
    signingAlgorithm: algorithm,
    extensions: [
      ...own,
      ...(request.purpose === undefined ? [] : [new x509.Extension(request.purpose.oid, true, request.purpose.der)]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(publicHalf(request.issuerKey)),
    ],
  });
  return `${certificate.toString('pem')}\n`;
};
