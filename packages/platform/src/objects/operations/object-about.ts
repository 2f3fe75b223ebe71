import { amzHeader, type Call } from '../http/call.ts';
import { S3Error } from '../s3-error.ts';
import type { ObjectAbout } from '../store/records.ts';
import { aclFromHeader } from './acl.ts';
import { tagsFromHeader } from './tags.ts';

/** Given back as they were. */
const keptHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
] as const;
const metadataPrefix = 'x-amz-meta-';
const mostMetadataBytes = 2048;

/** What S3 has and we have not; better refused than ignored. */
const refusedHeaders: Readonly<Record<string, string>> = {
  'x-amz-server-side-encryption': 'Objects are not encrypted by this store',
  'x-amz-server-side-encryption-customer-algorithm': 'Objects are not encrypted by this store',
  'x-amz-object-lock-mode': 'Objects can not be locked in this store',
  'x-amz-object-lock-legal-hold': 'Objects can not be locked in this store',
  'x-amz-website-redirect-location': 'Buckets are no web sites in this store',
  'x-amz-write-offset-bytes': 'Objects can not be appended to',
};

/** `aws-chunked` was for the way here. */
const keptEncoding = (value: string): string =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== 'aws-chunked' && name !== '')
    .join(', ');

/** What a request says of the object that it makes. @throws S3Error */
export const aboutFromHeaders = (call: Call): ObjectAbout => {
  const { headers } = call.request;
  for (const [name, why] of Object.entries(refusedHeaders)) {
    if (amzHeader(call, name) !== undefined) throw new S3Error('NotImplemented', `${name}: ${why}.`);
  }
  const storageClass = amzHeader(call, 'x-amz-storage-class') ?? 'STANDARD';
  if (storageClass !== 'STANDARD' && storageClass !== 'REDUCED_REDUNDANCY')
    throw new S3Error(
      'InvalidStorageClass',
      `x-amz-storage-class: expected STANDARD; got ${JSON.stringify(storageClass.slice(0, 50))}.`,
    );
  const kept = keptHeaders.flatMap((name) => {
    const value = String(headers[name] ?? '');
    const clean = name === 'content-encoding' ? keptEncoding(value) : value;
    return clean === '' ? [] : [[name, clean] as const];
  });
  return {
    contentType: headers['content-type'] || 'binary/octet-stream',
    headers: Object.fromEntries(kept),
    metadata: metadataOf(call),
    acl: aclFromHeader(call) ?? 'private',
    tags: tagsFromHeader(amzHeader(call, 'x-amz-tagging')),
  };
};

const metadataOf = ({ request, target }: Call): Readonly<Record<string, string>> => {
  const sent = target.query.has('X-Amz-Signature') ? target.query.entries : [];
  const pairs = [...sent, ...Object.entries(request.headers)]
    .map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(',') : (value ?? '')] as const)
    .filter(([name]) => name.startsWith(metadataPrefix))
    .map(([name, value]) => [name.slice(metadataPrefix.length), value] as const);
  const bytes = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > mostMetadataBytes) throw new S3Error('MetadataTooLarge');
  return Object.fromEntries(pairs);
};
