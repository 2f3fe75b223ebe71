import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectAclCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { openTestStore, type TestStore, testAccount } from './testing/test-store.ts';

const shop = testAccount('shop');
const rival = testAccount('rival');
const Bucket = shop.bucket;
let store: TestStore;
let client: S3Client;

before(async () => {
  store = await openTestStore([shop, rival]);
  client = store.client();
});
after(async () => {
  await store[Symbol.asyncDispose]();
  assert.deepEqual(store.faults, []);
});

const put = (
  Key: string,
  Body: NonNullable<PutObjectCommandInput['Body']>,
  more: Partial<PutObjectCommandInput> = {},
) => client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (Key: string, more: object = {}) => {
  const answer = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...answer, bytes: Buffer.from((await answer.Body?.transformToByteArray()) ?? []) };
};
const md5 = (bytes: Uint8Array) => `"${createHash('md5').update(bytes).digest('hex')}"`;

/** Fails unless the call is refused with this code of S3's and this status. */
const refused = async (promise: Promise<unknown>, code: string, status: number): Promise<void> => {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof S3ServiceException, String(error));
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], [code, status], error.message);
    return true;
  });
};

test('an object comes back as it was put, with its headers and metadata', async () => {
  const body = randomBytes(300_000);
  const about = {
    ContentType: 'image/png',
    CacheControl: 'max-age=60',
    ContentDisposition: 'inline; filename="ä.png"',
    Metadata: { colour: 'green', 'two-words': 'a b' },
  };
  const { ETag } = await put('covers/a b+c%é.png', body, { ...about, ContentDisposition: 'inline; filename="a.png"' });
  assert.equal(ETag, md5(body));
  const got = await get('covers/a b+c%é.png');
  assert.ok(got.bytes.equals(body));
  assert.deepEqual(
    [got.ContentType, got.CacheControl, got.ContentDisposition, got.ETag, got.ContentLength, got.Metadata],
    ['image/png', 'max-age=60', 'inline; filename="a.png"', md5(body), body.length, about.Metadata],
  );
});

for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
  test(`a stream of unknown kind is taken in chunks with a trailing ${ChecksumAlgorithm}, which is given back`, async () => {
    const body = randomBytes(200_000);
    const stream = Readable.from([body.subarray(0, 70_000), body.subarray(70_000)]);
    const key = `streams/${ChecksumAlgorithm}`;
    await put(key, stream, { ContentLength: body.length, ChecksumAlgorithm });
    const got = await get(key, { ChecksumMode: 'ENABLED' });
    assert.ok(got.bytes.equals(body));
    assert.ok(got[`Checksum${ChecksumAlgorithm}`]);
  });
}

test('a wrong checksum or MD5 is refused, and the object before it stays', async () => {
  await put('kept', 'first');
  await refused(put('kept', 'second', { ChecksumCRC32: 'AAAAAA==' }), 'BadDigest', 400);
  await refused(put('kept', 'second', { ContentMD5: '1B2M2Y8AsgTpgAmY7PhCfg==' }), 'BadDigest', 400);
  assert.equal((await get('kept')).bytes.toString(), 'first');
});

test('ranges give the bytes they name, and one behind the end is refused', async () => {
  await put('digits', '0123456789');
  const ranges = { 'bytes=2-4': '234', 'bytes=7-': '789', 'bytes=-2': '89', 'bytes=0-99': '0123456789' };
  for (const [Range, expected] of Object.entries(ranges))
    assert.equal((await get('digits', { Range })).bytes.toString(), expected);
  assert.equal((await get('digits', { Range: 'bytes=2-4' })).ContentRange, 'bytes 2-4/10');
  await refused(get('digits', { Range: 'bytes=10-' }), 'InvalidRange', 416);
});

test('conditions are held against the object that is there', async () => {
  const { ETag } = await put('one', 'here');
  await refused(get('one', { IfNoneMatch: ETag }), 'Unknown', 304);
  await refused(get('one', { IfMatch: '"another"' }), 'PreconditionFailed', 412);
  await refused(get('one', { IfModifiedSince: new Date(Date.now() + 60_000) }), 'Unknown', 304);
  await refused(get('one', { IfUnmodifiedSince: new Date(0) }), 'PreconditionFailed', 412);
  await refused(put('one', 'again', { IfNoneMatch: '*' }), 'PreconditionFailed', 412);
  await refused(put('none', 'again', { IfMatch: '"x"' }), 'NoSuchKey', 404);
  await put('one', 'changed', { IfMatch: ETag });
  assert.equal((await get('one')).bytes.toString(), 'changed');
});

test('of many that create the same object only if it is not there, exactly one does', async () => {
  const tries = Array.from({ length: 8 }, (_, at) => put('contested', `by ${at}`, { IfNoneMatch: '*' }));
  const made = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled');
  assert.equal(made.length, 1);
});

test('listings fold at the delimiter and go on where they stopped', async () => {
  for (const key of ['l/a', 'l/b/1', 'l/b/2', 'l/c', 'l/d/1', 'l/é']) await put(key, key);
  const all = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'l/', Delimiter: '/' }));
  assert.deepEqual(
    all.Contents?.map(({ Key }) => Key),
    ['l/a', 'l/c', 'l/é'],
  );
  assert.deepEqual(
    all.CommonPrefixes?.map(({ Prefix }) => Prefix),
    ['l/b/', 'l/d/'],
  );
  const seen: (string | undefined)[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'l/', Delimiter: '/', MaxKeys: 1, ContinuationToken: token }),
    );
    seen.push(page.Contents?.[0]?.Key ?? page.CommonPrefixes?.[0]?.Prefix);
    token = page.NextContinuationToken;
  } while (token !== undefined);
  assert.deepEqual(seen, ['l/a', 'l/b/', 'l/c', 'l/d/', 'l/é']);
  const old = await client.send(new ListObjectsCommand({ Bucket, Prefix: 'l/', Delimiter: '/', MaxKeys: 2 }));
  assert.equal(old.NextMarker, 'l/b/');
  const next = await client.send(
    new ListObjectsCommand({ Bucket, Prefix: 'l/', Delimiter: '/', Marker: old.NextMarker }),
  );
  assert.deepEqual([next.Contents?.[0]?.Key, next.CommonPrefixes?.map(({ Prefix }) => Prefix)], ['l/c', ['l/d/']]);
});

test('copies carry their metadata over or get their own', async () => {
  await put('from', 'copied bytes', { ContentType: 'text/css', Metadata: { a: '1' } });
  await client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/from` }));
  const copy = await get('to');
  assert.deepEqual([copy.bytes.toString(), copy.ContentType, copy.Metadata], ['copied bytes', 'text/css', { a: '1' }]);
  const replacing = { MetadataDirective: 'REPLACE', ContentType: 'text/plain', Metadata: { b: '2' } } as const;
  await client.send(new CopyObjectCommand({ Bucket, Key: 'from', CopySource: `/${Bucket}/from`, ...replacing }));
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'to' }));
  const changed = await get('from');
  assert.deepEqual(
    [changed.bytes.toString(), changed.ContentType, changed.Metadata],
    ['copied bytes', 'text/plain', { b: '2' }],
  );
  await refused(
    client.send(new CopyObjectCommand({ Bucket, Key: 'from', CopySource: `${Bucket}/from` })),
    'InvalidRequest',
    400,
  );
});

test('several objects are deleted at once, and deleting nothing is no error', async () => {
  await put('d/1', '1');
  await put('d/2', '2');
  const Delete = { Objects: [{ Key: 'd/1' }, { Key: 'd/2' }, { Key: 'd/never' }] };
  const answer = await client.send(new DeleteObjectsCommand({ Bucket, Delete }));
  assert.deepEqual(
    answer.Deleted?.map(({ Key }) => Key),
    ['d/1', 'd/2', 'd/never'],
  );
  await refused(get('d/1'), 'NoSuchKey', 404);
});

test('a bucket is there from the start, is listed, and others are made within the plan', async () => {
  await client.send(new HeadBucketCommand({ Bucket }));
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new CreateBucketCommand({ Bucket: 'shop-second' }));
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  assert.deepEqual(
    Buckets?.map(({ Name }) => Name),
    [Bucket, 'shop-second'],
  );
  await client.send(new GetBucketLocationCommand({ Bucket }));
  await refused(client.send(new CreateBucketCommand({ Bucket: rival.bucket })), 'BucketAlreadyExists', 409);
  await refused(client.send(new CreateBucketCommand({ Bucket: 'No_Name' })), 'InvalidBucketName', 400);
  await client.send(new CreateBucketCommand({ Bucket: 'shop-third' }));
  await client.send(new CreateBucketCommand({ Bucket: 'shop-fourth' }));
  await refused(client.send(new CreateBucketCommand({ Bucket: 'shop-fifth' })), 'TooManyBuckets', 400);
});

test('another account and an unknown key reach nothing', async () => {
  await put('secret', 'mine');
  const other = store.client(rival);
  await refused(other.send(new GetObjectCommand({ Bucket, Key: 'secret' })), 'AccessDenied', 403);
  await refused(other.send(new PutObjectCommand({ Bucket, Key: 'secret', Body: 'x' })), 'AccessDenied', 403);
  await refused(other.send(new ListObjectsV2Command({ Bucket })), 'AccessDenied', 403);
  await refused(
    other.send(new CopyObjectCommand({ Bucket: rival.bucket, Key: 'stolen', CopySource: `${Bucket}/secret` })),
    'AccessDenied',
    403,
  );
  const nobody = store.client({ ...shop, accessKeyId: 'AKIANOBODY' });
  await refused(nobody.send(new ListBucketsCommand({})), 'InvalidAccessKeyId', 403);
  const guesser = store.client({ ...shop, secretKey: 'guess' });
  await refused(guesser.send(new ListBucketsCommand({})), 'SignatureDoesNotMatch', 403);
});

test('what is public is read by anybody, what is not by nobody, and it can be changed', async () => {
  const status = async (key: string) => (await fetch(`${store.endpoint}/${Bucket}/${key}`)).status;
  await put('open', 'see', { ACL: 'public-read' });
  await put('closed', 'hidden');
  await put('public/logo', 'see');
  assert.deepEqual(
    [await status('open'), await status('closed'), await status('public/logo'), await status('absent')],
    [200, 403, 200, 403],
  );
  assert.equal((await fetch(`${store.endpoint}/${Bucket}?list-type=2`)).status, 403);
  assert.equal((await fetch(`${store.endpoint}/${Bucket}/public/logo`, { method: 'PUT', body: 'x' })).status, 403);
  await client.send(new PutObjectAclCommand({ Bucket, Key: 'closed', ACL: 'public-read' }));
  assert.equal(await status('closed'), 200);
  const { Grants } = await client.send(new GetObjectAclCommand({ Bucket, Key: 'closed' }));
  assert.deepEqual(
    Grants?.map(({ Permission }) => Permission),
    ['FULL_CONTROL', 'READ'],
  );
});

test('an empty object is one', async () => {
  await put('empty', '');
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'empty' }));
  assert.equal(head.ContentLength, 0);
  assert.equal((await get('empty')).bytes.length, 0);
});
