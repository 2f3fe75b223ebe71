import { sendEmpty, sendXml } from '../http/answer.ts';
import { assertCurrentVersion, type BucketCall, type ObjectCall } from '../http/call.ts';
import { receiveXml } from '../http/read-body.ts';
import { S3Error } from '../s3-error.ts';
import { buckets } from '../store/bucket-rows.ts';
import { objects } from '../store/object-rows.ts';
import type { BucketRecord, ObjectAbout } from '../store/records.ts';
import { aclDocument, receiveAcl } from './acl.ts';
import { findObject } from './send-object.ts';
import { tagsDocument, tagsFromXml } from './tags.ts';

/** Changes what is noted of a bucket. */
export const changeBucket = async ({ store, bucket }: BucketCall, change: Partial<BucketRecord>): Promise<void> => {
  await store.change([], () => {
    const current = buckets.byName(store.db, bucket.name);
    if (current === undefined) throw new S3Error('NoSuchBucket', undefined, { BucketName: bucket.name });
    buckets.update(store.db, { ...current, ...change });
    return { result: undefined, dropped: [] };
  });
};

const changeObject = async (call: ObjectCall, change: Partial<ObjectAbout>): Promise<void> => {
  const { store, bucket, key, target } = call;
  assertCurrentVersion(target.query.get('versionId'));
  await store.change([], () => {
    const object = objects.get(store.db, bucket.name, key);
    if (object === undefined) throw new S3Error('NoSuchKey', undefined, { Key: key });
    objects.setAbout(store.db, bucket.name, key, { ...object.about, ...change });
    return { result: undefined, dropped: [] };
  });
};

export const getBucketAcl = ({ response, store, bucket }: BucketCall): void =>
  sendXml(response, aclDocument(bucket.acl, store.account));

export const putBucketAcl = async (call: BucketCall): Promise<void> => {
  await changeBucket(call, { acl: await receiveAcl(call, call.store.account) });
  sendEmpty(call.response);
};

export const getObjectAcl = (call: ObjectCall): void =>
  sendXml(call.response, aclDocument(findObject(call).about.acl, call.store.account));

export const putObjectAcl = async (call: ObjectCall): Promise<void> => {
  findObject(call);
  await changeObject(call, { acl: await receiveAcl(call, call.store.account) });
  sendEmpty(call.response);
};

export const getObjectTags = (call: ObjectCall): void =>
  sendXml(call.response, tagsDocument(findObject(call).about.tags));

export const putObjectTags = async (call: ObjectCall): Promise<void> => {
  await changeObject(call, { tags: tagsFromXml(await receiveXml(call, 'Tagging'), 'object') });
  sendEmpty(call.response);
};

export const deleteObjectTags = async (call: ObjectCall): Promise<void> => {
  await changeObject(call, { tags: {} });
  sendEmpty(call.response, 204);
};

export const getBucketTags = ({ response, bucket }: BucketCall): void => {
  if (bucket.tags === undefined) throw new S3Error('NoSuchTagSet', undefined, { BucketName: bucket.name });
  sendXml(response, tagsDocument(bucket.tags));
};

export const putBucketTags = async (call: BucketCall): Promise<void> => {
  await changeBucket(call, { tags: tagsFromXml(await receiveXml(call, 'Tagging'), 'bucket') });
  sendEmpty(call.response, 204);
};

export const deleteBucketTags = async (call: BucketCall): Promise<void> => {
  await changeBucket(call, { tags: undefined });
  sendEmpty(call.response, 204);
};
