import { S3Error } from '../s3-error.ts';
import { v2FromHeader, v2FromQuery, verifyV2 } from './signature-v2.ts';
import { signingKey, v4Algorithm, v4FromHeader, v4FromQuery, verifyV4 } from './signature-v4.ts';
import type { SignedRequest } from './signed-request.ts';

/** What the signature says of the body, to be held against it while it is read. */
export type PayloadPromise =
  | { readonly kind: 'any' }
  /** SHA-256 in hex. */
  | { readonly kind: 'sha256'; readonly hex: string }
  /** `aws-chunked`, each chunk signed on the one before it where `seed` is given. */
  | { readonly kind: 'chunked'; readonly trailer: boolean; readonly seed: ChunkSeed | undefined };

export interface ChunkSeed {
  readonly key: Uint8Array;
  readonly scope: string;
  readonly date: string;
  readonly signature: string;
}

export interface Authenticated {
  /** Undefined: nobody said who they are. */
  readonly accessKeyId: string | undefined;
  readonly payload: PayloadPromise;
}

const streams: Readonly<Record<string, { readonly signed: boolean; readonly trailer: boolean }>> = {
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { signed: true, trailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { signed: true, trailer: true },
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { signed: false, trailer: true },
};

/**
 * Who sends a request, by whichever kind of signature it carries.
 * @param secretOf the secret of an access key id
 * @throws S3Error when there is a signature and it is not right
 */
export const authenticate = (
  request: SignedRequest,
  secretOf: (accessKeyId: string) => string | undefined,
  nowMs: number,
): Authenticated => {
  const { headers, target } = request;
  const known = (accessKeyId: string): string => {
    const secret = secretOf(accessKeyId);
    if (secret === undefined)
      throw new S3Error('InvalidAccessKeyId', undefined, { AWSAccessKeyId: accessKeyId.slice(0, 128) });
    return secret;
  };
  const inHeader = headers.authorization;
  const inQuery = target.query.has('X-Amz-Algorithm') || target.query.has('X-Amz-Signature');
  if (inHeader !== undefined && (inQuery || target.query.has('Signature')))
    throw new S3Error(
      'InvalidArgument',
      'Only one auth mechanism allowed: the Authorization header or the query string.',
    );
  if (inHeader?.startsWith(`${v4Algorithm} `) || inQuery) {
    const signature = inQuery ? v4FromQuery(request, nowMs) : v4FromHeader(request);
    const secret = known(signature.accessKeyId);
    verifyV4(request, signature, secret, nowMs);
    const { accessKeyId, payload, scope, date } = signature;
    if (payload === 'UNSIGNED-PAYLOAD') return { accessKeyId, payload: { kind: 'any' } };
    const stream = streams[payload];
    if (stream !== undefined) {
      const seed = stream.signed
        ? { key: signingKey(secret, scope), scope, date, signature: signature.signature }
        : undefined;
      return { accessKeyId, payload: { kind: 'chunked', trailer: stream.trailer, seed } };
    }
    if (payload.startsWith('STREAMING-'))
      throw new S3Error(
        'NotImplemented',
        `x-amz-content-sha256: ${payload} is not a kind of signature that is known here.`,
      );
    return { accessKeyId, payload: { kind: 'sha256', hex: payload } };
  }
  if (inHeader?.startsWith('AWS ') || target.query.has('AWSAccessKeyId')) {
    const signature = inHeader === undefined ? v2FromQuery(request, nowMs) : v2FromHeader(request);
    verifyV2(request, signature, known(signature.accessKeyId), nowMs);
    return { accessKeyId: signature.accessKeyId, payload: { kind: 'any' } };
  }
  if (inHeader !== undefined)
    throw new S3Error('InvalidArgument', 'Authorization: expected a signature of AWS version 4 or 2.', {
      ArgumentName: 'Authorization',
    });
  return { accessKeyId: undefined, payload: { kind: 'any' } };
};
