import { uriEncoded } from '../auth/signed-request.ts';
import { checksumElement } from '../checksums/checksum.ts';
import { sendXml } from '../http/answer.ts';
import { type BucketCall, type ObjectCall, quoted } from '../http/call.ts';
import { invalidArgument } from '../s3-error.ts';
import { type Listing, listObjects } from '../store/object-listing.ts';
import type { ObjectRecord } from '../store/records.ts';
import { uploads } from '../store/upload-rows.ts';
import { document, element, leaf, leafIf, type Xml } from '../xml/write-xml.ts';
import { ownerElement } from './acl.ts';
import { findUpload } from './uploads.ts';

const mostKeys = 1000;

/** @throws S3Error InvalidArgument */
const countOf = ({ target }: BucketCall, name: string): number => {
  const text = target.query.get(name) ?? '';
  if (text === '') return mostKeys;
  const count = Number(text);
  if (!/^\d{1,10}$/.test(text) || count > 2 ** 31 - 1)
    throw invalidArgument(name, text, 'a number from 0 to 2147483647');
  return Math.min(count, mostKeys);
};

/** How keys are written: as they are, or percent-encoded for those that XML can't say. */
const encodingOf = ({ target }: BucketCall): ((key: string) => string) => {
  const type = target.query.get('encoding-type') ?? '';
  if (type === '') return (key) => key;
  if (type.toLowerCase() !== 'url') throw invalidArgument('encoding-type', type, '"url"');
  return (key) => uriEncoded(key).replaceAll('%2F', '/').replaceAll('%20', '+');
};

/** What the three listings of objects have in common. */
const list = (call: BucketCall, after: string) => {
  const { store, bucket, target } = call;
  const [prefix, delimiter] = [target.query.get('prefix') ?? '', target.query.get('delimiter') ?? ''];
  const most = countOf(call, 'max-keys');
  const encode = encodingOf(call);
  const listing: Listing = listObjects(store.db, { bucket: bucket.name, prefix, delimiter, after, most });
  const head = [
    leaf('Name', bucket.name),
    leaf('Prefix', encode(prefix)),
    ...(delimiter === '' ? [] : [leaf('Delimiter', encode(delimiter))]),
    leaf('MaxKeys', most),
    leafIf('EncodingType', target.query.get('encoding-type') || undefined),
    leaf('IsTruncated', listing.next !== undefined),
  ];
  const folders = listing.prefixes.map((one) => element('CommonPrefixes', [leaf('Prefix', encode(one))]));
  return { listing, head, folders, encode, delimiter };
};

const about = (object: ObjectRecord, encode: (key: string) => string): readonly Xml[] => [
  leaf('Key', encode(object.key)),
  leaf('LastModified', new Date(object.modifiedMs).toISOString()),
  leaf('ETag', quoted(object.etag)),
  ...(object.about.checksum === undefined
    ? []
    : [leaf('ChecksumAlgorithm', object.about.checksum.algorithm), leaf('ChecksumType', object.about.checksum.type)]),
  leaf('Size', object.size),
  leaf('StorageClass', 'STANDARD'),
];

/** ListObjects, the first version. */
export const listObjectsV1 = (call: BucketCall): void => {
  const marker = call.target.query.get('marker') ?? '';
  const { listing, head, folders, encode, delimiter } = list(call, marker);
  const owner = ownerElement(call.store.account);
  sendXml(
    call.response,
    document('ListBucketResult', [
      ...head,
      leaf('Marker', encode(marker)),
      // Where nothing is folded the last key is the next marker.
      leafIf('NextMarker', delimiter === '' || listing.next === undefined ? undefined : encode(listing.next)),
      ...listing.objects.map((object) => element('Contents', [...about(object, encode), owner])),
      ...folders,
    ]),
  );
};

const tokenOf = (key: string): string => Buffer.from(key).toString('base64url');
const keyOf = (token: string): string => {
  if (!/^[\w-]+$/.test(token)) throw invalidArgument('continuation-token', token, 'what NextContinuationToken said');
  return Buffer.from(token, 'base64url').toString();
};

/** ListObjectsV2. */
export const listObjectsV2 = (call: BucketCall): void => {
  const { query } = call.target;
  const [token, startAfter] = [query.get('continuation-token'), query.get('start-after')];
  if (token === '') throw invalidArgument('continuation-token', token, 'what NextContinuationToken said');
  const { listing, head, folders, encode } = list(call, token === undefined ? (startAfter ?? '') : keyOf(token));
  const owner = query.get('fetch-owner') === 'true' ? [ownerElement(call.store.account)] : [];
  sendXml(
    call.response,
    document('ListBucketResult', [
      ...head,
      leaf('KeyCount', listing.objects.length + listing.prefixes.length),
      leafIf('ContinuationToken', token),
      leafIf('NextContinuationToken', listing.next === undefined ? undefined : tokenOf(listing.next)),
      leafIf('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
      ...listing.objects.map((object) => element('Contents', [...about(object, encode), ...owner])),
      ...folders,
    ]),
  );
};

/** ListObjectVersions, of buckets that keep one version each: `null`. */
export const listVersions = (call: BucketCall): void => {
  const marker = call.target.query.get('key-marker') ?? '';
  const { listing, head, folders, encode } = list(call, marker);
  const owner = ownerElement(call.store.account);
  const next =
    listing.next === undefined
      ? []
      : [leaf('NextKeyMarker', encode(listing.next)), leaf('NextVersionIdMarker', 'null')];
  const versions = listing.objects.map((object) =>
    element('Version', [...about(object, encode), leaf('VersionId', 'null'), leaf('IsLatest', true), owner]),
  );
  sendXml(
    call.response,
    document('ListVersionsResult', [
      ...head,
      leaf('KeyMarker', encode(marker)),
      leaf('VersionIdMarker', ''),
      ...next,
      ...versions,
      ...folders,
    ]),
  );
};

/** ListMultipartUploads. */
export const listUploads = (call: BucketCall): void => {
  const { store, bucket, target, response } = call;
  const [prefix, keyMarker, idMarker] = ['prefix', 'key-marker', 'upload-id-marker'].map(
    (name) => target.query.get(name) ?? '',
  );
  const most = countOf(call, 'max-uploads');
  const encode = encodingOf(call);
  // Without an upload's id the marker stands for all uploads of its key.
  const after = [keyMarker ?? '', idMarker || (keyMarker ? '\u{10ffff}' : '')] as const;
  const found = uploads.list(store.db, bucket.name, prefix ?? '', after, most + 1);
  const shown = found.slice(0, most);
  const last = found.length > most ? shown.at(-1) : undefined;
  const owner = [ownerElement(store.account, 'Initiator'), ownerElement(store.account)];
  sendXml(
    response,
    document('ListMultipartUploadsResult', [
      leaf('Bucket', bucket.name),
      leaf('KeyMarker', encode(keyMarker ?? '')),
      leaf('UploadIdMarker', idMarker ?? ''),
      ...(last === undefined ? [] : [leaf('NextKeyMarker', encode(last.key)), leaf('NextUploadIdMarker', last.id)]),
      leaf('Prefix', encode(prefix ?? '')),
      leaf('MaxUploads', most),
      leaf('IsTruncated', last !== undefined),
      ...shown.map(({ key, id, startedMs }) =>
        element('Upload', [
          ...[leaf('Key', encode(key)), leaf('UploadId', id), ...owner],
          ...[leaf('StorageClass', 'STANDARD'), leaf('Initiated', new Date(startedMs).toISOString())],
        ]),
      ),
    ]),
  );
};

/** ListParts. */
export const listParts = (call: ObjectCall): void => {
  const { store, bucket, key, target, response } = call;
  const upload = findUpload(call);
  const most = countOf(call, 'max-parts');
  const marker = Number(target.query.get('part-number-marker') || 0);
  if (!Number.isInteger(marker))
    throw invalidArgument('part-number-marker', String(target.query.get('part-number-marker')), 'a number');
  const found = uploads.parts(store.db, upload.id, marker, most + 1);
  const shown = found.slice(0, most);
  sendXml(
    response,
    document('ListPartsResult', [
      ...[leaf('Bucket', bucket.name), leaf('Key', key), leaf('UploadId', upload.id)],
      ...[ownerElement(store.account, 'Initiator'), ownerElement(store.account), leaf('StorageClass', 'STANDARD')],
      ...[leaf('PartNumberMarker', marker), leaf('NextPartNumberMarker', shown.at(-1)?.number ?? 0)],
      ...[leaf('MaxParts', most), leaf('IsTruncated', found.length > most)],
      ...(upload.checksum === undefined
        ? []
        : [leaf('ChecksumAlgorithm', upload.checksum.algorithm), leaf('ChecksumType', upload.checksum.type)]),
      ...shown.map((part) =>
        element('Part', [
          leaf('PartNumber', part.number),
          leaf('LastModified', new Date(part.modifiedMs).toISOString()),
          leaf('ETag', quoted(part.etag)),
          leaf('Size', part.size),
          ...(part.checksum === undefined ? [] : [leaf(checksumElement(part.checksum.algorithm), part.checksum.value)]),
        ]),
      ),
    ]),
  );
};
