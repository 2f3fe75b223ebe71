import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { der, objectIdentifier, sequence } from '../der.ts';
import { issueCertificate } from '../issue-certificate.ts';

const dayMs = 86_400_000;

/** A key and its certificate, both PEM. */
export interface MadeCertificate {
  readonly name: string;
  readonly key: KeyObject;
  readonly keyPem: string;
  readonly pem: string;
}

export interface Wanted {
  /** Of a leaf; without them it is an authority. */
  readonly hosts?: readonly string[];
  /** Who signs it; itself by default. */
  readonly by?: MadeCertificate;
  /** Days from now. */
  readonly from?: number;
  readonly until?: number;
  /** URL at which the issuer's certificate can be had, as public authorities put it into their leaves. */
  readonly issuerUrl?: string;
}

/** Authority Information Access with one caIssuers URL (RFC 5280 section 4.2.2.1). */
const issuersAt = (url: string): Buffer =>
  sequence(sequence(objectIdentifier('1.3.6.1.5.5.7.48.2'), der(0x86, Buffer.from(url))));

/** Makes a certificate of any kind that people upload, right ones and wrong ones. */
export const makeCertificate = (name: string, wanted: Wanted = {}): MadeCertificate => {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = issueCertificate({
    key,
    commonName: name,
    issuerName: wanted.by?.name ?? name,
    issuerKey: wanted.by?.key ?? key,
    notBefore: new Date(Date.now() + (wanted.from ?? -1) * dayMs),
    notAfter: new Date(Date.now() + (wanted.until ?? 90) * dayMs),
    hosts: wanted.hosts,
    ...(wanted.issuerUrl === undefined
      ? {}
      : { purpose: { oid: '1.3.6.1.5.5.7.1.1', der: issuersAt(wanted.issuerUrl) } }),
  });
  return { name, key, keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(), pem };
};
