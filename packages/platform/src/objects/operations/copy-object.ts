import { startChecksum } from '../checksums/checksum.ts';
import { sendXml } from '../http/answer.ts';
import { amzHeader, assertCurrentVersion, type Call, type ObjectCall, quoted } from '../http/call.ts';
import { assertWritable, failedPrecondition } from '../http/preconditions.ts';
import { invalidArgument, S3Error } from '../s3-error.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { Piece } from '../store/blob-files.ts';
import { buckets } from '../store/bucket-rows.ts';
import { blobsOf, objects } from '../store/object-rows.ts';
import { readPieces } from '../store/read-pieces.ts';
import type { ObjectRecord } from '../store/records.ts';
import { document, leaf } from '../xml/write-xml.ts';
import { mayRead } from './may.ts';
import { aboutFromHeaders } from './object-about.ts';
import { checksumLeaf, replaces, wantedAlgorithm } from './write-objects.ts';

export interface CopySource {
  readonly store: AccountStore;
  readonly object: ObjectRecord;
  readonly path: string;
}

/** The object that `x-amz-copy-source` names, its conditions held. @throws S3Error */
export const findCopySource = (call: Call): CopySource => {
  const header = amzHeader(call, 'x-amz-copy-source') ?? '';
  const [encoded = '', query = ''] = header.split('?');
  assertCurrentVersion(new URLSearchParams(query).get('versionId') ?? undefined);
  let path: string;
  try {
    path = decodeURIComponent(encoded).replace(/^\//, '');
  } catch {
    throw invalidArgument('x-amz-copy-source', header, 'a percent-encoded BUCKET/KEY');
  }
  const slash = path.indexOf('/');
  const [name, key] = [path.slice(0, slash), path.slice(slash + 1)];
  if (slash < 1 || key === '') throw invalidArgument('x-amz-copy-source', header, 'BUCKET/KEY');
  const store = call.accounts.byBucket(name);
  const bucket = store && buckets.byName(store.db, name);
  if (store === undefined || bucket === undefined) throw new S3Error('NoSuchBucket', undefined, { BucketName: name });
  const object = objects.get(store.db, name, key);
  if (!mayRead(call, store, bucket, object, key)) throw new S3Error('AccessDenied');
  if (object === undefined) throw new S3Error('NoSuchKey', undefined, { Key: key });
  const failed = failedPrecondition(
    {
      ifMatch: amzHeader(call, 'x-amz-copy-source-if-match'),
      ifNoneMatch: amzHeader(call, 'x-amz-copy-source-if-none-match'),
      ifModifiedSince: amzHeader(call, 'x-amz-copy-source-if-modified-since'),
      ifUnmodifiedSince: amzHeader(call, 'x-amz-copy-source-if-unmodified-since'),
    },
    object,
  );
  if (failed !== undefined) throw new S3Error('PreconditionFailed');
  return { store, object, path };
};

/** The same bytes once more, as further names of the same files. */
export const linkPieces = async (from: CopySource, to: AccountStore): Promise<readonly Piece[]> => {
  await to.assertRoom(from.object.size);
  const unpin = from.store.files.pin(blobsOf(from.object.pieces));
  const made: Piece[] = [];
  try {
    for (const { blob, size } of from.object.pieces)
      made.push({ blob: await to.files.linkFrom(from.store.files, blob), size });
    return made;
  } catch (error) {
    await to.files.discard(blobsOf(made));
    throw error;
  } finally {
    unpin();
  }
};

/** CopyObject: takes as long for a film as for a thumbnail. */
export const copyObject = async (call: ObjectCall): Promise<void> => {
  const { store, bucket, key, request, response } = call;
  const source = findCopySource(call);
  const { object } = source;
  const replacesMetadata = replaces(call, 'x-amz-metadata-directive');
  const replacesTags = replaces(call, 'x-amz-tagging-directive');
  const wanted = wantedAlgorithm(call, 'x-amz-checksum-algorithm');
  if (
    source.path === `${bucket.name}/${key}` &&
    !replacesMetadata &&
    !replacesTags &&
    wanted === undefined &&
    amzHeader(call, 'x-amz-storage-class') === undefined
  )
    throw new S3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  const sent = aboutFromHeaders(call);
  const { contentType, headers, metadata } = replacesMetadata ? sent : object.about;
  const checksum =
    wanted === undefined || wanted === object.about.checksum?.algorithm
      ? object.about.checksum
      : await checksumOf(source, wanted);
  const about = {
    ...{ contentType, headers, metadata, checksum, acl: sent.acl, tags: replacesTags ? sent.tags : object.about.tags },
    partSizes: object.about.partSizes,
  };
  const modifiedMs = Date.now();
  const pieces = await linkPieces(source, store);
  await store.change(pieces, () => {
    assertWritable(
      request.headers['if-match'],
      request.headers['if-none-match'],
      objects.get(store.db, bucket.name, key),
    );
    const copy = { key, size: object.size, etag: object.etag, modifiedMs, pieces, about };
    return { result: undefined, dropped: objects.put(store.db, bucket.name, copy) };
  });
  sendXml(
    response,
    document('CopyObjectResult', [
      leaf('LastModified', new Date(modifiedMs).toISOString()),
      leaf('ETag', quoted(object.etag)),
      ...checksumLeaf(checksum),
    ]),
  );
};

const checksumOf = async ({ store, object }: CopySource, algorithm: Parameters<typeof startChecksum>[0]) => {
  const running = startChecksum(algorithm);
  const unpin = store.files.pin(blobsOf(object.pieces));
  try {
    for await (const bytes of readPieces(store.files, object.pieces, { from: 0, to: object.size - 1 }))
      running.update(bytes);
  } finally {
    unpin();
  }
  return { algorithm, value: running.digest().toString('base64'), type: 'FULL_OBJECT' as const };
};
