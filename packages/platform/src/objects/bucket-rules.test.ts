import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateMultipartUploadCommand,
  DeleteBucketCorsCommand,
  DeleteBucketLifecycleCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expire } from './expire.ts';
import { openTestStore, type TestStore, testAccount } from './testing/test-store.ts';

const shop = testAccount('shop');
const Bucket = shop.bucket;
const dayMs = 24 * 60 * 60 * 1000;
let store: TestStore;
let client: S3Client;

before(async () => {
  store = await openTestStore([shop]);
  client = store.client();
});
after(async () => {
  await store[Symbol.asyncDispose]();
  assert.deepEqual(store.faults, []);
});

const put = (Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }));
const keys = async (Prefix = ''): Promise<readonly string[]> => {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.map(({ Key = '' }) => Key);
};

/** What a browser learns when a page of another site asks whether it may. */
const preflight = async (path: string, origin: string, method: string, headers = '') => {
  const response = await fetch(`${store.endpoint}/${Bucket}/${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      ...(headers && { 'access-control-request-headers': headers }),
    },
  });
  await response.text();
  return response;
};
const allowed = ({ headers }: Response, name: string): string | null => headers.get(`access-control-${name}`);

test('a page of another site may do what a CORS rule says, and nothing else', async () => {
  await assert.rejects(client.send(new GetBucketCorsCommand({ Bucket })), { name: 'NoSuchCORSConfiguration' });
  assert.equal((await preflight('public/a', 'https://shop.example', 'GET')).status, 403);
  const CORSRules = [
    {
      ID: 'uploads',
      AllowedOrigins: ['https://*.example'],
      AllowedMethods: ['PUT', 'POST'],
      AllowedHeaders: ['content-*', 'x-amz-meta-by'],
      ExposeHeaders: ['ETag'],
      MaxAgeSeconds: 600,
    },
    { AllowedOrigins: ['*'], AllowedMethods: ['GET', 'HEAD'] },
  ];
  await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  assert.deepEqual((await client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules, CORSRules);

  const upload = await preflight('a', 'https://shop.example', 'PUT', 'Content-Type, x-amz-meta-by');
  assert.equal(upload.status, 200);
  assert.deepEqual(
    ['allow-origin', 'max-age', 'expose-headers'].map((name) => allowed(upload, name)),
    ['https://shop.example', '600', 'ETag'],
  );
  assert.match(allowed(upload, 'allow-methods') ?? '', /PUT/);
  assert.match(allowed(upload, 'allow-headers') ?? '', /content-type/i);
  for (const [origin, method, headers] of [
    ['https://shop.example.evil', 'PUT', ''],
    ['https://shop.example', 'DELETE', ''],
    ['https://shop.example', 'PUT', 'authorization'],
  ] as const) {
    assert.equal((await preflight('a', origin, method, headers)).status, 403, `${origin} ${method} ${headers}`);
  }

  await put('public/a', { ACL: 'public-read' });
  const read = (origin?: string) =>
    fetch(`${store.endpoint}/${Bucket}/public/a`, { headers: origin === undefined ? {} : { origin } });
  assert.equal(allowed(await read('https://anybody.test'), 'allow-origin'), '*');
  assert.equal(allowed(await read(), 'allow-origin'), null);
  await client.send(new DeleteBucketCorsCommand({ Bucket }));
  assert.equal(allowed(await read('https://anybody.test'), 'allow-origin'), null);
});

const rule = (ID: string, Prefix: string, more: Partial<LifecycleRule>): LifecycleRule => ({
  ID,
  Filter: { Prefix },
  Status: 'Enabled',
  ...more,
});

test('objects expire at the midnight after their days, those that a rule covers and no others', async () => {
  const Rules = [
    rule('day', 'tmp/', { Expiration: { Days: 1 } }),
    rule('off', 'off/', { Expiration: { Days: 1 }, Status: 'Disabled' }),
    rule('tagged', '', { Filter: { Tag: { Key: 'keep', Value: 'no' } }, Expiration: { Days: 3 } }),
    rule('uploads', 'parts/', { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } }),
  ];
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  const told = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  assert.deepEqual(
    told.Rules?.map(({ ID }) => ID),
    ['day', 'off', 'tagged', 'uploads'],
  );
  for (const key of ['tmp/a', 'tmp/b', 'off/a', 'kept']) await put(key);
  await put('tagged', { Tagging: 'keep=no' });
  await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts/a' }));
  await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'other/a' }));

  const midnight = (days: number): number => Math.ceil((Date.now() + days * dayMs) / dayMs) * dayMs;
  const { Expiration = '' } = await client.send(new HeadObjectCommand({ Bucket, Key: 'tmp/a' }));
  assert.match(Expiration, /rule-id="day"/);
  assert.equal(Date.parse(/expiry-date="([^"]+)"/.exec(Expiration)?.[1] ?? ''), midnight(1));

  assert.equal(await expire(store.accounts, midnight(1) - 1), 0);
  assert.equal(await expire(store.accounts, midnight(1)), 2);
  assert.deepEqual(await keys(), ['kept', 'off/a', 'public/a', 'tagged']);
  assert.equal(await expire(store.accounts, midnight(2)), 1);
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  assert.deepEqual(
    Uploads.map(({ Key }) => Key),
    ['other/a'],
  );
  assert.equal(await expire(store.accounts, midnight(3)), 1);
  assert.equal(await expire(store.accounts, midnight(1000)), 0);
  assert.deepEqual(await keys(), ['kept', 'off/a', 'public/a']);
  await client.send(new DeleteBucketLifecycleCommand({ Bucket }));
  await assert.rejects(client.send(new GetBucketLifecycleConfigurationCommand({ Bucket })), {
    name: 'NoSuchLifecycleConfiguration',
  });
});

test('versions are listed as those of a bucket that keeps one each, folded and page by page', async () => {
  for (const key of ['v/a', 'v/b', 'v/c/1', 'v/c/2', 'v/ü &']) await put(key);
  const found: string[] = [];
  let KeyMarker: string | undefined;
  do {
    const page = await client.send(
      new ListObjectVersionsCommand({ Bucket, Prefix: 'v/', Delimiter: '/', MaxKeys: 2, KeyMarker }),
    );
    for (const { Key, VersionId, IsLatest } of page.Versions ?? []) {
      assert.deepEqual([VersionId, IsLatest], ['null', true]);
      found.push(Key ?? '');
    }
    found.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
    assert.deepEqual(page.DeleteMarkers ?? [], []);
    KeyMarker = page.IsTruncated ? page.NextKeyMarker : undefined;
  } while (KeyMarker !== undefined);
  // A page has its versions before its folders.
  assert.deepEqual(found.toSorted(), ['v/a', 'v/b', 'v/c/', 'v/ü &']);
});
