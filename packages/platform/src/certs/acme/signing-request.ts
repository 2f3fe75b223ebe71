import { createPublicKey, type KeyObject } from 'node:crypto';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * A certificate signing request for one host name (RFC 2986), DER.
 * @param key EC P-256
 */
export const signingRequest = async (hostname: string, key: KeyObject): Promise<Buffer> => {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    // Names longer than 64 characters have no place in a common name.
    name: hostname.length <= 64 ? [{ CN: [hostname] }] : [],
    keys: {
      privateKey: key.toCryptoKey(algorithm, true, ['sign']),
      publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ['verify']),
    },
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: hostname }])],
  });
  return Buffer.from(request.rawData);
};
