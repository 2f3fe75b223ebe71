import { createHmac } from 'node:crypto';
import { S3Error } from '../s3-error.ts';
import { signingKey, v4Algorithm } from './signature-v4.ts';
import { hmac, sameText } from './signed-request.ts';

/** What a signed form may be, beside its fields. */
export interface PolicyLimits {
  readonly leastBytes: number;
  readonly mostBytes: number;
}

/** Fields that need not be named in the policy. */
const exempt = /^(?:policy|x-amz-signature|signature|awsaccesskeyid|file|x-ignore-.*)$/;

const denied = (why: string): S3Error => new S3Error('AccessDenied', `Invalid according to Policy: ${why}`);

/**
 * Who has signed a form's policy.
 * @throws S3Error InvalidAccessKeyId, SignatureDoesNotMatch, AccessDenied
 */
export const verifyForm = (
  fields: ReadonlyMap<string, string>,
  secretOf: (accessKeyId: string) => string | undefined,
): string => {
  const policy = fields.get('policy') ?? '';
  const credential = fields.get('x-amz-credential');
  const accessKeyId = (credential === undefined ? fields.get('awsaccesskeyid') : credential.split('/')[0]) ?? '';
  const secret = secretOf(accessKeyId);
  if (secret === undefined)
    throw new S3Error('InvalidAccessKeyId', undefined, { AWSAccessKeyId: accessKeyId.slice(0, 128) });
  const isV4 = credential !== undefined;
  if (isV4 && fields.get('x-amz-algorithm') !== v4Algorithm)
    throw new S3Error('InvalidArgument', `x-amz-algorithm: expected ${v4Algorithm}.`);
  const expected = isV4
    ? hmac(signingKey(secret, credential.slice(accessKeyId.length + 1)), policy).toString('hex')
    : createHmac('sha1', secret).update(policy).digest('base64');
  if (!sameText(expected, fields.get(isV4 ? 'x-amz-signature' : 'signature') ?? ''))
    throw new S3Error('SignatureDoesNotMatch');
  return accessKeyId;
};

/**
 * Holds a form's fields against its policy.
 * @throws S3Error AccessDenied
 * @see Amazon S3 API Reference, "POST policy"
 */
export const assertPolicy = (fields: ReadonlyMap<string, string>, nowMs: number): PolicyLimits => {
  const { expiration, conditions } = readPolicy(fields.get('policy') ?? '');
  if (!(Date.parse(expiration) > nowMs)) throw denied('Policy expired.');
  let limits: PolicyLimits = { leastBytes: 0, mostBytes: Number.POSITIVE_INFINITY };
  const named = new Set<string>();
  for (const condition of conditions) {
    if (Array.isArray(condition) && String(condition[0]).toLowerCase() === 'content-length-range') {
      const [leastBytes, mostBytes] = [Number(condition[1]), Number(condition[2])];
      if (!Number.isFinite(leastBytes) || !Number.isFinite(mostBytes))
        throw denied('content-length-range takes two numbers.');
      limits = { leastBytes, mostBytes };
      continue;
    }
    for (const [kind, field, value] of comparisons(condition)) {
      named.add(field);
      const given = fields.get(field) ?? '';
      const holds = kind === 'eq' ? given === value : kind === 'starts-with' && given.startsWith(value);
      if (!holds) throw denied(`Policy Condition failed: ${JSON.stringify(condition)}`);
    }
  }
  const extra = [...fields.keys()].find((name) => !named.has(name) && !exempt.test(name));
  if (extra !== undefined) throw denied(`Extra input fields: ${extra}`);
  return limits;
};

const comparisons = (condition: unknown): readonly (readonly [kind: string, field: string, value: string])[] => {
  if (Array.isArray(condition))
    return [[String(condition[0]), String(condition[1]).replace(/^\$/, '').toLowerCase(), String(condition[2])]];
  if (typeof condition !== 'object' || condition === null) throw denied('a condition is neither a list nor an object.');
  return Object.entries(condition).map(([field, value]) => ['eq', field.toLowerCase(), String(value)]);
};

const readPolicy = (base64: string): { readonly expiration: string; readonly conditions: readonly unknown[] } => {
  let policy: unknown;
  try {
    policy = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    throw denied('Policy is not JSON in base64.');
  }
  if (typeof policy !== 'object' || policy === null) throw denied('Policy is no object.');
  const { expiration, conditions } = policy as Record<string, unknown>; // an object, checked above
  if (typeof expiration !== 'string' || !Array.isArray(conditions))
    throw denied('Policy lacks expiration or conditions.');
  return { expiration, conditions };
};
