import { createHmac } from 'node:crypto';
import { S3Error } from '../s3-error.ts';
import { mostSkewMs } from './signature-v4.ts';
import { type SignedRequest, sameText, signedValue } from './signed-request.ts';

/** A signature of version 2, found in the headers or in the query and not yet believed. */
export interface V2Signature {
  readonly accessKeyId: string;
  readonly signature: string;
  /** Unix time in seconds, as it was sent; undefined when the signature stands in a header. */
  readonly expires: string | undefined;
}

/** Parameters that are signed along. @see Amazon S3 User Guide, "Signing and authenticating REST requests" */
const subresources = new Set(
  `acl cors delete lifecycle location logging notification partNumber policy requestPayment restore tagging torrent uploadId
  uploads versionId versioning versions website response-cache-control response-content-disposition
  response-content-encoding response-content-language response-content-type response-expires`.split(/\s+/),
);

/** @throws S3Error InvalidArgument */
export const v2FromHeader = ({ headers }: SignedRequest): V2Signature => {
  const [, accessKeyId, signature] = /^AWS ([^:\s]+):(\S+)$/.exec(headers.authorization ?? '') ?? [];
  if (!accessKeyId || !signature) throw new S3Error('InvalidArgument', 'Expected "Authorization: AWS KEY:SIGNATURE".');
  return { accessKeyId, signature, expires: undefined };
};

/** @throws S3Error AccessDenied when something lacks, or when it has expired */
export const v2FromQuery = ({ target: { query } }: SignedRequest, nowMs: number): V2Signature => {
  const [accessKeyId, signature, expires] = ['AWSAccessKeyId', 'Signature', 'Expires'].map((name) => query.get(name));
  if (!accessKeyId || !signature || !expires || !/^\d{1,12}$/.test(expires))
    throw new S3Error(
      'AccessDenied',
      'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    );
  if (nowMs > Number(expires) * 1000) throw new S3Error('AccessDenied', 'Request has expired');
  return { accessKeyId, signature, expires };
};

/** @throws S3Error SignatureDoesNotMatch, RequestTimeTooSkewed */
export const verifyV2 = (
  request: SignedRequest,
  { signature, expires }: V2Signature,
  secret: string,
  nowMs: number,
): void => {
  const { headers } = request;
  if (expires === undefined) {
    const sentMs = Date.parse(signedValue(headers, 'x-amz-date') || signedValue(headers, 'date'));
    if (Number.isNaN(sentMs))
      throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
    if (Math.abs(nowMs - sentMs) > mostSkewMs) throw new S3Error('RequestTimeTooSkewed');
  }
  const expected = createHmac('sha1', secret).update(stringToSign(request, expires)).digest('base64');
  if (!sameText(expected, signature)) throw new S3Error('SignatureDoesNotMatch');
};

const stringToSign = ({ method, headers, target }: SignedRequest, expires: string | undefined): string => {
  const date = headers['x-amz-date'] === undefined ? signedValue(headers, 'date') : '';
  const amzHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-amz-'))
    .sort()
    .map((name) => `${name}:${signedValue(headers, name)}\n`)
    .join('');
  const parameters = target.query.entries
    .filter(([name]) => subresources.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
  const resource = (target.byHost ? `/${target.bucket}` : '') + target.rawPath + (parameters && `?${parameters}`);
  const about = [method, signedValue(headers, 'content-md5'), signedValue(headers, 'content-type'), expires ?? date];
  return `${about.join('\n')}\n${amzHeaders}${resource}`;
};
