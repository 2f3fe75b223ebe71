import { sendEmpty, sendXml } from '../http/answer.ts';
import type { BucketCall, Call } from '../http/call.ts';
import { receiveXmlIfAny } from '../http/read-body.ts';
import { S3Error } from '../s3-error.ts';
import { buckets } from '../store/bucket-rows.ts';
import { uploads } from '../store/upload-rows.ts';
import { document, element, leaf, leafIf } from '../xml/write-xml.ts';
import { aclFromHeader, ownerElement } from './acl.ts';

/** The one there is, by the name that clients take for the default. */
export const region = 'us-east-1';

const isBucketName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name);

/** ListBuckets. */
export const listBuckets = ({ sender, response, target }: Call): void => {
  if (sender === undefined) throw new S3Error('AccessDenied');
  const prefix = target.query.get('prefix') ?? '';
  const found = buckets.all(sender.db).filter(({ name }) => name.startsWith(prefix));
  sendXml(
    response,
    document('ListAllMyBucketsResult', [
      ownerElement(sender.account),
      element(
        'Buckets',
        found.map(({ name, createdMs }) =>
          element('Bucket', [leaf('Name', name), leaf('CreationDate', new Date(createdMs).toISOString())]),
        ),
      ),
      leafIf('Prefix', prefix || undefined),
    ]),
  );
};

/** CreateBucket: again for a bucket that one has is no error, since clients do so before each copy. */
export const createBucket = async (call: Call): Promise<void> => {
  const { sender, accounts, response, target } = call;
  const name = target.bucket ?? '';
  if (sender === undefined) throw new S3Error('AccessDenied');
  if (!isBucketName(name)) throw new S3Error('InvalidBucketName', undefined, { BucketName: name });
  await receiveXmlIfAny(call, 'CreateBucketConfiguration');
  const acl = aclFromHeader(call) ?? 'private';
  if (call.request.headers['x-amz-bucket-object-lock-enabled'] === 'true')
    throw new S3Error('NotImplemented', 'x-amz-bucket-object-lock-enabled: Objects can not be locked in this store.');
  const owner = accounts.byBucket(name);
  if (owner !== undefined && owner !== sender)
    throw new S3Error('BucketAlreadyExists', undefined, { BucketName: name });
  if (owner === undefined) {
    const { mostBuckets } = sender.account;
    if (buckets.all(sender.db).length >= mostBuckets)
      throw new S3Error(
        'TooManyBuckets',
        `This add-on may have ${mostBuckets} ${mostBuckets === 1 ? 'bucket' : 'buckets'}; use ${sender.account.bucket}.`,
      );
    // Before the wait: nobody else may take the name meanwhile.
    accounts.bucketAdded(name, sender);
    try {
      await sender.change([], () => {
        buckets.insert(sender.db, { name, createdMs: Date.now(), acl });
        return { result: undefined, dropped: [] };
      });
    } catch (error) {
      accounts.bucketRemoved(name);
      throw error;
    }
  }
  response.setHeader('Location', `/${name}`);
  sendEmpty(response);
};

/** HeadBucket. */
export const headBucket = ({ response }: BucketCall): void => {
  response.setHeader('x-amz-bucket-region', region);
  response.writeHead(200).end();
};

/** DeleteBucket: an empty one. Uploads that were not completed go with it. */
export const deleteBucket = async ({ store, bucket, accounts, response }: BucketCall): Promise<void> => {
  await store.change([], () => {
    if (!buckets.isEmpty(store.db, bucket.name))
      throw new S3Error('BucketNotEmpty', undefined, { BucketName: bucket.name });
    const open = uploads.list(store.db, bucket.name, '', ['', ''], -1);
    const dropped = open.flatMap(({ id }) => uploads.remove(store.db, id));
    buckets.remove(store.db, bucket.name);
    return { result: undefined, dropped };
  });
  accounts.bucketRemoved(bucket.name);
  sendEmpty(response, 204);
};

/** GetBucketLocation: empty stands for us-east-1. */
export const getLocation = ({ response }: BucketCall): void => sendXml(response, document('LocationConstraint', []));

/** GetBucketVersioning: never was enabled. */
export const getVersioning = ({ response }: BucketCall): void =>
  sendXml(response, document('VersioningConfiguration', []));
