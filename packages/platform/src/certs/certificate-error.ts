/** A certificate or key that can't be used, in words for whoever gave it. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}
