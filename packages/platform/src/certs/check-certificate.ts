import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CertificateError } from './certificate-error.ts';
import {
  type CertificateFacts,
  certificateFacts,
  isSelfSigned,
  issuerOf,
  isTrusted,
  subjectOf,
} from './certificate-facts.ts';

/** A certificate that may be served: chain and key as PEM, the leaf first, the key as PKCS#8. */
export interface CheckedCertificate extends CertificateFacts {
  readonly certificateChain: string;
  readonly privateKey: string;
}

type Chain = [X509Certificate, ...X509Certificate[]];

const certificateBlock =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
/** OpenSSL's default security level serves no smaller RSA key. */
const leastRsaBits = 2048;

const describe = (certificate: X509Certificate): string => {
  const subject = subjectOf(certificate);
  const name = /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');
  return name === '' ? (certificate.subjectAltName ?? 'no name') : name;
};

const issuerName = (certificate: X509Certificate): string =>
  /^CN=(.+)$/m.exec(issuerOf(certificate))?.[1] ?? issuerOf(certificate).replaceAll('\n', ', ');

const day = (date: Date): string => date.toISOString().slice(0, 10);

/** Reads every certificate of a PEM text. @throws CertificateError when there is none, or one that is none. */
export const readChain = (pem: string): Chain => {
  const blocks = pem.match(certificateBlock) ?? [];
  const chain = blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new CertificateError(
        `Certificate ${index + 1} of the chain can't be read: expected a certificate in PEM form. Export it again.`,
      );
    }
  });
  const [leaf, ...rest] = chain;
  if (leaf === undefined) {
    throw new CertificateError(
      'No certificate given is a valid PEM certificate: expected text between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----.',
    );
  }
  return [leaf, ...rest];
};

const readKey = (pem: string): KeyObject => {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    throw new CertificateError(
      'The private key is protected by a passphrase: expected a key without one. Remove it: openssl pkey -in KEY -out PLAIN_KEY',
    );
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new CertificateError(
      'No private key given is a valid PEM private key: expected text between -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----.',
    );
  }
  const type = key.asymmetricKeyType;
  if (type !== 'rsa' && type !== 'ec') {
    throw new CertificateError(`The private key is of type ${type}, which browsers don't take: expected RSA or EC.`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < leastRsaBits) {
    throw new CertificateError(`The RSA key has ${bits} bits: expected at least ${leastRsaBits}.`);
  }
  return key;
};

const checkKey = (chain: Chain, key: KeyObject): void => {
  if (chain[0].checkPrivateKey(key)) return;
  const place = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  throw new CertificateError(
    place < 0
      ? `Key doesn't match the PEM certificate: the certificate of ${describe(chain[0])} was made for another key.`
      : `The chain is in the wrong order: the certificate of ${describe(chain[place] ?? chain[0])}, which the key belongs to, has to come first.`,
  );
};

const signs = (issuer: X509Certificate, subject: X509Certificate): boolean =>
  subject.checkIssued(issuer) && subject.verify(issuer.publicKey);

const checkOrder = (chain: Chain): void => {
  for (const [index, certificate] of chain.entries()) {
    const next = chain[index + 1];
    if (next === undefined || signs(next, certificate)) continue;
    const wrongOrder = chain.some((other) => other !== certificate && signs(other, certificate));
    throw new CertificateError(
      wrongOrder
        ? `The chain is in the wrong order: the certificate of ${issuerName(certificate)} has to follow that of ${describe(certificate)}.`
        : `The chain has a gap: the certificate of ${describe(next)} did not sign that of ${describe(certificate)}; expected the one of ${issuerName(certificate)} in its place.`,
    );
  }
};

/** Who names the place where its issuer's certificate can be had was issued by an intermediate, which visitors don't have. */
const checkEnd = (chain: Chain): void => {
  const last = chain.at(-1) ?? chain[0];
  if (!last.infoAccess?.includes('CA Issuers') || isSelfSigned(last) || isTrusted(last)) return;
  throw new CertificateError(
    `The chain lacks the intermediate certificate of ${issuerName(last)}, without which visitors can't verify it. Append it to the certificate file.`,
  );
};

const checkDates = (chain: Chain, now: Date): void => {
  for (const certificate of chain) {
    if (certificate.validToDate < now) {
      throw new CertificateError(
        `The certificate of ${describe(certificate)} expired on ${day(certificate.validToDate)}. Renew it first.`,
      );
    }
    if (certificate.validFromDate > now) {
      throw new CertificateError(
        `The certificate of ${describe(certificate)} is not valid before ${day(certificate.validFromDate)}.`,
      );
    }
  }
};

/**
 * Checks what a user uploads before anything of it is served.
 * @throws CertificateError saying what is wrong and what to do: a key that doesn't match or has a passphrase, a chain
 * that is expired, in the wrong order or incomplete, a certificate without a host name.
 */
export const checkCertificate = (chainPem: string, keyPem: string, now: Date): CheckedCertificate => {
  const chain = readChain(chainPem);
  const key = readKey(keyPem);
  checkKey(chain, key);
  checkDates(chain, now);
  checkOrder(chain);
  checkEnd(chain);
  const facts = certificateFacts(chain);
  if (facts.certDomains.length === 0) {
    throw new CertificateError('The certificate names no host: expected at least one subject alternative name.');
  }
  return {
    ...facts,
    certificateChain: chain.map((certificate) => certificate.toString()).join(''),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};
