import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** Host names it is for, wildcards included. */
  readonly certDomains: string[];
  /** `/C=US/O=Example/CN=Example R1` */
  readonly issuer: string;
  readonly subject: string;
  readonly startsAt: Date;
  readonly expiresAt: Date;
  readonly selfSigned: boolean;
  /** Whether the chain ends at an authority that this machine trusts. */
  readonly caSigned: boolean;
}

/** Lines such as `CN=…`; empty where certificates, as some authorities issue them, have no subject. */
export const subjectOf = (certificate: X509Certificate): string => (certificate.subject as string | undefined) ?? ''; // Node's type knows none without

export const issuerOf = (certificate: X509Certificate): string => (certificate.issuer as string | undefined) ?? ''; // as above

const oneLine = (name: string): string =>
  name
    .split('\n')
    .filter((part) => part !== '')
    .map((part) => `/${part}`)
    .join('');

const namesOf = (leaf: X509Certificate): string[] => {
  const alternative = (leaf.subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length).toLowerCase());
  if (alternative.length > 0) return [...new Set(alternative)];
  const common = /^CN=(.+)$/m.exec(subjectOf(leaf))?.[1];
  return common === undefined ? [] : [common.toLowerCase()];
};

export const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);

/** Whether an authority that this machine trusts signed it, or it is one itself. */
export const isTrusted = (certificate: X509Certificate): boolean =>
  getCACertificates('default').some((pem) => {
    const root = new X509Certificate(pem);
    if (root.fingerprint256 === certificate.fingerprint256) return true;
    return root.subject === certificate.issuer && certificate.verify(root.publicKey);
  });

/** @param chain the leaf first, each next one the issuer of the one before */
export const certificateFacts = (chain: readonly [X509Certificate, ...X509Certificate[]]): CertificateFacts => {
  const [leaf] = chain;
  return {
    certDomains: namesOf(leaf),
    issuer: oneLine(issuerOf(leaf)),
    subject: oneLine(subjectOf(leaf)),
    startsAt: leaf.validFromDate,
    expiresAt: leaf.validToDate,
    selfSigned: isSelfSigned(leaf),
    caSigned: isTrusted(chain.at(-1) ?? leaf),
  };
};
