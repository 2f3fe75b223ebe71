import { S3Error } from '../s3-error.ts';
import * as attributes from './attributes.ts';
import * as buckets from './buckets.ts';
import { copyObject } from './copy-object.ts';
import { copyPart } from './copy-part.ts';
import { deleteCors, getCors, putCors } from './cors.ts';
import { deleteLifecycle, getLifecycle, putLifecycle } from './lifecycle.ts';
import * as listings from './listings.ts';
import type { Operation } from './operation.ts';
import { postForm } from './post-form.ts';
import { sendObject } from './send-object.ts';
import * as uploads from './uploads.ts';
import { deleteObject, deleteObjects, putObject } from './write-objects.ts';

const source = 'x-amz-copy-source';

/** All that this store can do, in the order in which requests are held against it. @see Amazon S3 API Reference, "Operations" */
export const operations: readonly Operation[] = [
  { name: 'ListBuckets', on: 'service', method: 'GET', run: buckets.listBuckets },

  { name: 'GetBucketLocation', on: 'bucket', method: 'GET', query: 'location', access: 'owner', run: buckets.getLocation },
  { name: 'GetBucketVersioning', on: 'bucket', method: 'GET', query: 'versioning', access: 'owner', run: buckets.getVersioning },
  { name: 'GetBucketAcl', on: 'bucket', method: 'GET', query: 'acl', access: 'owner', run: attributes.getBucketAcl },
  { name: 'PutBucketAcl', on: 'bucket', method: 'PUT', query: 'acl', access: 'owner', run: attributes.putBucketAcl },
  { name: 'GetBucketTagging', on: 'bucket', method: 'GET', query: 'tagging', access: 'owner', run: attributes.getBucketTags },
  { name: 'PutBucketTagging', on: 'bucket', method: 'PUT', query: 'tagging', access: 'owner', run: attributes.putBucketTags },
  { name: 'DeleteBucketTagging', on: 'bucket', method: 'DELETE', query: 'tagging', access: 'owner', run: attributes.deleteBucketTags },
  { name: 'GetBucketCors', on: 'bucket', method: 'GET', query: 'cors', access: 'owner', run: getCors },
  { name: 'PutBucketCors', on: 'bucket', method: 'PUT', query: 'cors', access: 'owner', run: putCors },
  { name: 'DeleteBucketCors', on: 'bucket', method: 'DELETE', query: 'cors', access: 'owner', run: deleteCors },
  { name: 'GetBucketLifecycleConfiguration', on: 'bucket', method: 'GET', query: 'lifecycle', access: 'owner', run: getLifecycle },
  { name: 'PutBucketLifecycleConfiguration', on: 'bucket', method: 'PUT', query: 'lifecycle', access: 'owner', run: putLifecycle },
  { name: 'DeleteBucketLifecycle', on: 'bucket', method: 'DELETE', query: 'lifecycle', access: 'owner', run: deleteLifecycle },
  { name: 'ListMultipartUploads', on: 'bucket', method: 'GET', query: 'uploads', access: 'owner', run: listings.listUploads },
  { name: 'ListObjectVersions', on: 'bucket', method: 'GET', query: 'versions', access: 'list', run: listings.listVersions },
  { name: 'DeleteObjects', on: 'bucket', method: 'POST', query: 'delete', access: 'write', run: deleteObjects },
  { name: 'ListObjectsV2', on: 'bucket', method: 'GET', query: 'list-type', access: 'list', run: listings.listObjectsV2 },
  { name: 'ListObjects', on: 'bucket', method: 'GET', access: 'list', run: listings.listObjectsV1 },
  { name: 'HeadBucket', on: 'bucket', method: 'HEAD', access: 'list', run: buckets.headBucket },
  { name: 'PostObject', on: 'bucket', method: 'POST', access: 'form', run: postForm },
  { name: 'CreateBucket', on: 'bucket name', method: 'PUT', run: buckets.createBucket },
  { name: 'DeleteBucket', on: 'bucket', method: 'DELETE', access: 'owner', run: buckets.deleteBucket },

  { name: 'GetObjectAcl', on: 'object', method: 'GET', query: 'acl', access: 'owner', run: attributes.getObjectAcl },
  { name: 'PutObjectAcl', on: 'object', method: 'PUT', query: 'acl', access: 'owner', run: attributes.putObjectAcl },
  { name: 'GetObjectTagging', on: 'object', method: 'GET', query: 'tagging', access: 'owner', run: attributes.getObjectTags },
  { name: 'PutObjectTagging', on: 'object', method: 'PUT', query: 'tagging', access: 'owner', run: attributes.putObjectTags },
  { name: 'DeleteObjectTagging', on: 'object', method: 'DELETE', query: 'tagging', access: 'owner', run: attributes.deleteObjectTags },
  { name: 'CreateMultipartUpload', on: 'object', method: 'POST', query: 'uploads', access: 'write', run: uploads.createUpload },
  { name: 'UploadPartCopy', on: 'object', method: 'PUT', query: 'uploadId', header: source, access: 'write', run: copyPart },
  { name: 'UploadPart', on: 'object', method: 'PUT', query: 'uploadId', access: 'write', run: uploads.uploadPart },
  { name: 'CompleteMultipartUpload', on: 'object', method: 'POST', query: 'uploadId', access: 'write', run: uploads.completeUpload },
  { name: 'AbortMultipartUpload', on: 'object', method: 'DELETE', query: 'uploadId', access: 'write', run: uploads.abortUpload },
  { name: 'ListParts', on: 'object', method: 'GET', query: 'uploadId', access: 'owner', run: listings.listParts },
  { name: 'CopyObject', on: 'object', method: 'PUT', header: source, access: 'write', run: copyObject },
  { name: 'GetObject', on: 'object', method: 'GET', access: 'read', run: sendObject },
  { name: 'HeadObject', on: 'object', method: 'HEAD', access: 'read', run: sendObject },
  { name: 'PutObject', on: 'object', method: 'PUT', access: 'write', run: putObject },
  { name: 'DeleteObject', on: 'object', method: 'DELETE', access: 'write', run: deleteObject },
]; // biome-ignore format: a table

/** What S3 has at these query parameters, and this store has not. */
const absent = new Set(
  `accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle location logging
  metadataTable metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock renameObject
  replication requestPayment restore retention select session tagging torrent uploads versioning versions website`.split(
    /\s+/,
  ),
);

interface Asked {
  readonly method: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly hasQuery: (name: string) => boolean;
  readonly queryNames: readonly string[];
  readonly hasHeader: (name: string) => boolean;
}

/** @throws S3Error NotImplemented for what S3 has and this store has not, MethodNotAllowed for what nobody has */
export const findOperation = ({ method, bucket, key, hasQuery, queryNames, hasHeader }: Asked): Operation => {
  const place = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object';
  const found = operations.find(
    (one) =>
      one.method === method &&
      one.on.startsWith(place) &&
      (one.query === undefined || hasQuery(one.query)) &&
      (one.header === undefined || hasHeader(one.header)),
  );
  const other = queryNames.find((name) => absent.has(name));
  if (other !== undefined && found?.query === undefined)
    throw new S3Error('NotImplemented', `This store has no ${method} of "?${other}".`);
  if (found === undefined)
    throw new S3Error('MethodNotAllowed', undefined, { Method: method, ResourceType: place.toUpperCase() });
  return found;
};
