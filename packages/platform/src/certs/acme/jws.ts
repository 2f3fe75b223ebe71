import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The public half of an EC P-256 key, its members in the order that thumbprints need (RFC 7638 section 3.2). */
export const publicJwk = (key: KeyObject): Readonly<Record<string, string>> => {
  const { crv = '', kty = '', x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  return { crv, kty, x, y };
};

/** @see RFC 7638 */
export const thumbprint = (key: KeyObject): string =>
  createHash('sha256')
    .update(JSON.stringify(publicJwk(key)))
    .digest('base64url');

/**
 * A flattened JWS signed by ES256, as RFC 8555 section 6.2 wants it.
 * @param payload undefined for POST-as-GET
 */
export const signedRequest = (
  key: KeyObject,
  header: { readonly url: string; readonly nonce: string; readonly kid: string | undefined },
  payload: unknown,
): string => {
  const { kid, ...rest } = header;
  const protectedHeader = encode({ alg: 'ES256', ...rest, ...(kid === undefined ? { jwk: publicJwk(key) } : { kid }) });
  const body = payload === undefined ? '' : encode(payload);
  const signature = sign('sha256', Buffer.from(`${protectedHeader}.${body}`), { key, dsaEncoding: 'ieee-p1363' });
  return JSON.stringify({ protected: protectedHeader, payload: body, signature: signature.toString('base64url') });
};
