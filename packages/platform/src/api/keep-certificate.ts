import { CertificateError } from '../certs/certificate-error.ts';
import { checkCertificate } from '../certs/check-certificate.ts';
import { invalidParams } from '../contract/platform-error.ts';
import { endpointKeyContext } from '../contract/seal-contexts.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { KeptCertificate } from '../store/sni-endpoints.ts';
import type { Fields } from './fields.ts';

/**
 * Reads an uploaded certificate and seals its key.
 * @throws PlatformError invalid_params in the words of whatever is wrong with it.
 */
export const keepCertificate = (fields: Fields, keyring: Keyring, endpointId: string, now: Date): KeptCertificate => {
  const chain = fields.requiredText('certificate_chain');
  const key = fields.requiredText('private_key');
  try {
    const { privateKey, ...certificate } = checkCertificate(chain, key, now);
    return { ...certificate, sealedKey: keyring.seal(privateKey, endpointKeyContext(endpointId)) };
  } catch (error) {
    throw error instanceof CertificateError ? invalidParams(error.message) : error;
  }
};
