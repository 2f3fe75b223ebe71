export const certificateBegin = '-----BEGIN CERTIFICATE-----';
export const privateKeyBegin = '-----BEGIN PRIVATE KEY-----';

/** What can be told before it is sent: RFC 7468, sections 5 and 10; names of older tools included. */
export const isCertificate = (text: string): boolean =>
  /^\s*-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/m.test(text);

export const isPrivateKey = (text: string): boolean => /^\s*-----BEGIN (?:RSA |EC )?PRIVATE KEY-----/m.test(text);
