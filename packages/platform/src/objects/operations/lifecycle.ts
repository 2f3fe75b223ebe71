import { randomBytes } from 'node:crypto';
import { sendEmpty, sendXml } from '../http/answer.ts';
import type { BucketCall } from '../http/call.ts';
import { receiveXml } from '../http/read-body.ts';
import { invalidArgument, S3Error } from '../s3-error.ts';
import type { LifecycleRule } from '../store/lifecycle-rule.ts';
import { childOf, childrenOf, textOf, type XmlElement } from '../xml/parse-xml.ts';
import { document, element, leaf, leafIf, type Xml } from '../xml/write-xml.ts';
import { changeBucket } from './attributes.ts';
import { tagPairs } from './tags.ts';

const mostRules = 1000;
const refused = ['Transition', 'NoncurrentVersionTransition', 'NoncurrentVersionExpiration'];

const positive = (parent: XmlElement | undefined, name: string): number | undefined => {
  const text = parent && textOf(parent, name);
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text.trim())) throw invalidArgument(name, text, 'a positive number');
  return Number(text);
};

const midnight = (parent: XmlElement | undefined): number | undefined => {
  const text = parent && textOf(parent, 'Date');
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(11, 19) !== '00:00:00')
    throw invalidArgument('Date', text, 'midnight (UTC) of a day, in ISO 8601');
  return ms;
};

const readRule = (rule: XmlElement): LifecycleRule => {
  const unknown = refused.find((name) => childOf(rule, name) !== undefined);
  if (unknown !== undefined)
    throw new S3Error('NotImplemented', `${unknown}: this store has one storage class and one version of each object.`);
  const status = textOf(rule, 'Status')?.trim();
  if (status !== 'Enabled' && status !== 'Disabled')
    throw new S3Error('MalformedXML', 'Expected Status, Enabled or Disabled, in each Rule.');
  const filter = childOf(rule, 'Filter');
  const within = filter === undefined ? rule : (childOf(filter, 'And') ?? filter);
  const expiration = childOf(rule, 'Expiration');
  const [expireDays, expireAtMs] = [positive(expiration, 'Days'), midnight(expiration)];
  const abortUploadDays = positive(childOf(rule, 'AbortIncompleteMultipartUpload'), 'DaysAfterInitiation');
  if ([expireDays, expireAtMs, abortUploadDays].every((action) => action === undefined))
    throw new S3Error(
      'MalformedXML',
      'Expected Expiration with Days or Date, or AbortIncompleteMultipartUpload, in each Rule.',
    );
  const id = textOf(rule, 'ID') ?? randomBytes(12).toString('base64url');
  if (id.length > 255) throw invalidArgument('ID', id, 'at most 255 characters');
  return {
    id,
    enabled: status === 'Enabled',
    prefix: textOf(within, 'Prefix') ?? '',
    tags: Object.fromEntries(tagPairs(within)),
    largerThan: positive(within, 'ObjectSizeGreaterThan'),
    smallerThan: positive(within, 'ObjectSizeLessThan'),
    ...{ expireDays, expireAtMs, abortUploadDays },
    bare: filter === undefined ? true : undefined,
  };
};

export const putLifecycle = async (call: BucketCall): Promise<void> => {
  const rules = childrenOf(await receiveXml(call, 'LifecycleConfiguration'), 'Rule').map(readRule);
  if (rules.length === 0 || rules.length > mostRules)
    throw new S3Error('MalformedXML', `Expected 1 to ${mostRules} elements Rule.`);
  if (new Set(rules.map(({ id }) => id)).size !== rules.length)
    throw new S3Error('InvalidArgument', 'Rule ID must be unique. Found same ID for more than one rule');
  await changeBucket(call, { lifecycle: rules });
  sendEmpty(call.response);
};

const filterOf = (rule: LifecycleRule): Xml => {
  if (rule.bare === true) return leaf('Prefix', rule.prefix);
  const tags = Object.entries(rule.tags).map(([name, value]) =>
    element('Tag', [leaf('Key', name), leaf('Value', value)]),
  );
  const sizes = [
    leafIf('ObjectSizeGreaterThan', rule.largerThan),
    leafIf('ObjectSizeLessThan', rule.smallerThan),
  ].filter((xml) => xml !== '');
  const all = [
    ...(rule.prefix === '' && tags.length + sizes.length > 0 ? [] : [leaf('Prefix', rule.prefix)]),
    ...tags,
    ...sizes,
  ];
  return element('Filter', all.length > 1 ? [element('And', all)] : all);
};

export const getLifecycle = ({ response, bucket }: BucketCall): void => {
  if (bucket.lifecycle === undefined)
    throw new S3Error('NoSuchLifecycleConfiguration', undefined, { BucketName: bucket.name });
  const rules = bucket.lifecycle.map((rule) => {
    const { expireDays, expireAtMs, abortUploadDays } = rule;
    const date = expireAtMs === undefined ? undefined : new Date(expireAtMs).toISOString();
    const expires = expireDays !== undefined || date !== undefined;
    return element('Rule', [
      leaf('ID', rule.id),
      filterOf(rule),
      leaf('Status', rule.enabled ? 'Enabled' : 'Disabled'),
      ...(expires ? [element('Expiration', [leafIf('Days', expireDays), leafIf('Date', date)])] : []),
      ...(abortUploadDays === undefined
        ? []
        : [element('AbortIncompleteMultipartUpload', [leaf('DaysAfterInitiation', abortUploadDays)])]),
    ]);
  });
  sendXml(response, document('LifecycleConfiguration', rules));
};

export const deleteLifecycle = async (call: BucketCall): Promise<void> => {
  await changeBucket(call, { lifecycle: undefined });
  sendEmpty(call.response, 204);
};
