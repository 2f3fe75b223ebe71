import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendEmpty, sendXml } from '../http/answer.ts';
import type { BucketCall } from '../http/call.ts';
import { receiveXml } from '../http/read-body.ts';
import { invalidArgument, S3Error } from '../s3-error.ts';
import { type CorsRule, findCorsRule } from '../store/cors-rule.ts';
import type { BucketRecord } from '../store/records.ts';
import { childrenOf, textOf, type XmlElement } from '../xml/parse-xml.ts';
import { document, element, leaf, leafIf } from '../xml/write-xml.ts';
import { changeBucket } from './attributes.ts';

const mostRules = 100;
const methods = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'];

const textsOf = (rule: XmlElement, name: string): readonly string[] =>
  childrenOf(rule, name).map(({ text }) => text.trim());

const readRule = (rule: XmlElement): CorsRule => {
  const [origins, allowed, headers] = ['AllowedOrigin', 'AllowedMethod', 'AllowedHeader'].map((name) =>
    textsOf(rule, name),
  );
  if (!origins?.length || !allowed?.length)
    throw new S3Error('MalformedXML', 'Expected AllowedOrigin and AllowedMethod in each CORSRule.');
  const unknown = allowed.find((method) => !methods.includes(method));
  if (unknown !== undefined)
    throw new S3Error(
      'InvalidRequest',
      `Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`,
    );
  const twice = [...origins, ...(headers ?? [])].find((pattern) => pattern.split('*').length > 2);
  if (twice !== undefined) throw invalidArgument('AllowedOrigin or AllowedHeader', twice, 'at most one "*"');
  const age = textOf(rule, 'MaxAgeSeconds');
  if (age !== undefined && !/^\d{1,9}$/.test(age)) throw invalidArgument('MaxAgeSeconds', age, 'a number of seconds');
  return {
    id: textOf(rule, 'ID'),
    origins,
    methods: allowed,
    headers: headers ?? [],
    exposed: textsOf(rule, 'ExposeHeader'),
    maxAgeSeconds: age === undefined ? undefined : Number(age),
  };
};

export const putCors = async (call: BucketCall): Promise<void> => {
  const rules = childrenOf(await receiveXml(call, 'CORSConfiguration'), 'CORSRule');
  if (rules.length === 0 || rules.length > mostRules)
    throw new S3Error('MalformedXML', `Expected 1 to ${mostRules} elements CORSRule.`);
  await changeBucket(call, { cors: rules.map(readRule) });
  sendEmpty(call.response);
};

export const getCors = ({ response, bucket }: BucketCall): void => {
  if (bucket.cors === undefined) throw new S3Error('NoSuchCORSConfiguration', undefined, { BucketName: bucket.name });
  const rules = bucket.cors.map((rule) =>
    element('CORSRule', [
      leafIf('ID', rule.id),
      ...rule.headers.map((name) => leaf('AllowedHeader', name)),
      ...rule.methods.map((name) => leaf('AllowedMethod', name)),
      ...rule.origins.map((name) => leaf('AllowedOrigin', name)),
      ...rule.exposed.map((name) => leaf('ExposeHeader', name)),
      leafIf('MaxAgeSeconds', rule.maxAgeSeconds),
    ]),
  );
  sendXml(response, document('CORSConfiguration', rules));
};

export const deleteCors = async (call: BucketCall): Promise<void> => {
  await changeBucket(call, { cors: undefined });
  sendEmpty(call.response, 204);
};

const listOf = (header: string | undefined): readonly string[] =>
  (header ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Says to a browser what a page of another origin may do. @returns whether it may */
const allow = (
  request: IncomingMessage,
  response: ServerResponse,
  bucket: BucketRecord,
  method: string,
  headers: readonly string[],
): boolean => {
  const { origin } = request.headers;
  const rule = origin === undefined ? undefined : findCorsRule(bucket.cors ?? [], origin, method, headers);
  if (rule === undefined || origin === undefined) return false;
  const anybody = rule.origins.includes('*');
  response.setHeader('Access-Control-Allow-Origin', anybody ? '*' : origin);
  if (!anybody) response.setHeader('Access-Control-Allow-Credentials', 'true');
  response.setHeader('Vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method');
  response.setHeader('Access-Control-Allow-Methods', rule.methods.join(', '));
  if (rule.exposed.length > 0) response.setHeader('Access-Control-Expose-Headers', rule.exposed.join(', '));
  if (headers.length > 0) response.setHeader('Access-Control-Allow-Headers', headers.join(', ').toLowerCase());
  if (rule.maxAgeSeconds !== undefined) response.setHeader('Access-Control-Max-Age', rule.maxAgeSeconds);
  return true;
};

/** Adds CORS headers to the answer of a request that a page of another origin makes. */
export const allowOrigin = (request: IncomingMessage, response: ServerResponse, bucket: BucketRecord): void => {
  if (bucket.cors !== undefined) allow(request, response, bucket, request.method ?? '', []);
};

/** A browser's question before such a request. @throws S3Error InvalidRequest, CORSForbidden */
export const preflight = (request: IncomingMessage, response: ServerResponse, bucket: BucketRecord): void => {
  const method = request.headers['access-control-request-method'];
  if (request.headers.origin === undefined)
    throw new S3Error('BadRequest', 'Insufficient information. Origin request header needed.');
  if (method === undefined) throw new S3Error('BadRequest', 'Invalid Access-Control-Request-Method: null');
  const headers = listOf(request.headers['access-control-request-headers']);
  if (!allow(request, response, bucket, method, headers)) throw new S3Error('CORSForbidden');
  sendEmpty(response);
};
