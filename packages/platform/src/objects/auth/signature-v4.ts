import { invalidArgument, S3Error } from '../s3-error.ts';
import { hmac, type SignedRequest, sameText, sha256Hex, signedValue, uriEncoded } from './signed-request.ts';

export const v4Algorithm = 'AWS4-HMAC-SHA256';
/** Of clocks, both ways. */
export const mostSkewMs = 15 * 60 * 1000;
const mostExpirySeconds = 7 * 24 * 60 * 60;

/** A signature of version 4, found in the headers or in the query and not yet believed. */
export interface V4Signature {
  readonly accessKeyId: string;
  /** `20260131/us-east-1/s3/aws4_request` */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260131T120000Z` */
  readonly date: string;
  /** What stands for the body in what is signed: its SHA-256 in hex, or a word. */
  readonly payload: string;
  readonly inQuery: boolean;
}

const dateShape = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** @returns Unix time in milliseconds, NaN for what is no date. */
export const amzDateMs = (date: string): number => {
  const [, year, month, day, hour, minute, second] = dateShape.exec(date) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
};

/** @throws S3Error AuthorizationHeaderMalformed */
export const v4FromHeader = ({ headers }: SignedRequest): V4Signature => {
  const malformed = (why: string) =>
    new S3Error('AuthorizationHeaderMalformed', `The authorization header is malformed; ${why}.`);
  const authorization = headers.authorization ?? '';
  const fields = new Map(
    authorization
      .slice(v4Algorithm.length)
      .split(',')
      .map((field) => {
        const equals = field.indexOf('=');
        return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()] as const;
      }),
  );
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) =>
    fields.get(name),
  );
  if (!credential || !signedHeaders || !signature) throw malformed('expected Credential, SignedHeaders and Signature');
  const { accessKeyId, scope } = credentialParts(credential, malformed);
  const date = signedValue(headers, 'x-amz-date') || isoOf(headers.date);
  if (Number.isNaN(amzDateMs(date)))
    throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  if (!scope.startsWith(`${date.slice(0, 8)}/`))
    throw malformed('the date of its Credential is not that of the request');
  const payload = signedValue(headers, 'x-amz-content-sha256');
  if (payload === '')
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  return { accessKeyId, scope, signedHeaders: signedHeaders.split(';'), signature, date, payload, inQuery: false };
};

/** @throws S3Error AuthorizationQueryParametersError, AccessDenied when it has expired */
export const v4FromQuery = ({ target: { query }, headers }: SignedRequest, nowMs: number): V4Signature => {
  const malformed = (why: string) => new S3Error('AuthorizationQueryParametersError', `${why}.`);
  const required = (name: string): string => {
    const value = query.get(name);
    if (value === undefined || value === '') throw malformed(`expected the query parameter ${name}`);
    return value;
  };
  if (required('X-Amz-Algorithm') !== v4Algorithm) throw malformed(`X-Amz-Algorithm only supports ${v4Algorithm}`);
  const { accessKeyId, scope } = credentialParts(required('X-Amz-Credential'), malformed);
  const date = required('X-Amz-Date');
  const atMs = amzDateMs(date);
  const expires = Number(required('X-Amz-Expires'));
  if (Number.isNaN(atMs)) throw malformed('X-Amz-Date must be in the ISO8601 long format: yyyyMMddTHHmmssZ');
  if (!scope.startsWith(`${date.slice(0, 8)}/`))
    throw malformed('the date of X-Amz-Credential is not that of X-Amz-Date');
  if (!Number.isInteger(expires) || expires < 1 || expires > mostExpirySeconds)
    throw malformed(`X-Amz-Expires must be between 1 and ${mostExpirySeconds} seconds`);
  if (nowMs > atMs + expires * 1000) throw new S3Error('AccessDenied', 'Request has expired');
  if (atMs > nowMs + mostSkewMs) throw new S3Error('AccessDenied', 'Request is not valid yet');
  const payload =
    signedValue(headers, 'x-amz-content-sha256') || query.get('X-Amz-Content-Sha256') || 'UNSIGNED-PAYLOAD';
  return {
    accessKeyId,
    scope,
    signedHeaders: required('X-Amz-SignedHeaders').split(';'),
    signature: required('X-Amz-Signature'),
    date,
    payload,
    inQuery: true,
  };
};

/** Any region is as good as another: there is one place only. */
const credentialParts = (credential: string, malformed: (why: string) => S3Error) => {
  const slash = credential.indexOf('/');
  const [accessKeyId, scope] = [credential.slice(0, slash), credential.slice(slash + 1)];
  const [, region, service, end, ...more] = scope.split('/');
  if (slash < 1 || !region || service !== 's3' || end !== 'aws4_request' || more.length > 0)
    throw malformed('expected a Credential of the form KEY/YYYYMMDD/REGION/s3/aws4_request');
  return { accessKeyId, scope };
};

const isoOf = (date: string | undefined): string => {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? '' : `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
};

/** The key that signs requests of one day, region and service. */
export const signingKey = (secret: string, scope: string): Buffer =>
  scope.split('/').reduce<Buffer | string>((key, part) => hmac(key, part), `AWS4${secret}`) as Buffer; // a scope has parts

/** @throws S3Error SignatureDoesNotMatch, AccessDenied for headers that must be signed, RequestTimeTooSkewed */
export const verifyV4 = (request: SignedRequest, signature: V4Signature, secret: string, nowMs: number): void => {
  assertSigned(request, signature);
  const expected = hmac(signingKey(secret, signature.scope), stringToSign(request, signature)).toString('hex');
  const skewed = !signature.inQuery && Math.abs(nowMs - amzDateMs(signature.date)) > mostSkewMs;
  if (skewed) throw new S3Error('RequestTimeTooSkewed');
  if (!sameText(expected, signature.signature)) throw new S3Error('SignatureDoesNotMatch');
  if (!/^(?:[0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]+)$/.test(signature.payload))
    throw invalidArgument(
      'x-amz-content-sha256',
      signature.payload,
      'UNSIGNED-PAYLOAD, STREAMING-… or a SHA-256 in hex',
    );
};

/** Without this whoever saw a signed request could add headers that change what it does. */
const assertSigned = ({ headers }: SignedRequest, { signedHeaders, inQuery }: V4Signature): void => {
  const required = Object.keys(headers).filter(
    (name) => name.startsWith('x-amz-') && !(inQuery && name === 'x-amz-content-sha256'),
  );
  const missing = ['host', ...required].filter((name) => !signedHeaders.includes(name));
  if (missing.length > 0)
    throw new S3Error(
      'AccessDenied',
      `There were headers present in the request which were not signed: ${missing.join(', ')}`,
    );
};

const stringToSign = (
  request: SignedRequest,
  { scope, signedHeaders, date, payload, inQuery }: V4Signature,
): string => {
  const { method, headers, target } = request;
  const query = target.query.entries
    .filter(([name]) => !(inQuery && name === 'X-Amz-Signature'))
    .map(([name, value]) => [uriEncoded(name), uriEncoded(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const canonical = [
    method,
    uriEncoded(target.path).replaceAll('%2F', '/'),
    query,
    ...signedHeaders.map((name) => `${name}:${signedValue(headers, name)}`),
    '',
    signedHeaders.join(';'),
    payload,
  ].join('\n');
  return [v4Algorithm, date, scope, sha256Hex(canonical)].join('\n');
};
