import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { putSignedStream, type SignedStream } from './testing/signed-stream.ts';
import { openTestStore, type TestStore, testAccount } from './testing/test-store.ts';

const shop = testAccount('shop');
const Bucket = shop.bucket;
const body = randomBytes(200_000);
let store: TestStore;

before(async () => {
  store = await openTestStore([shop]);
});
after(async () => {
  await store[Symbol.asyncDispose]();
  assert.deepEqual(store.faults, []);
});

const crcOf = (bytes: Buffer): string => {
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(bytes));
  return digest.toString('base64');
};
const put = (Key: string, more: Partial<SignedStream> = {}) =>
  putSignedStream({ port: store.port, account: shop, path: `/${Bucket}/${Key}`, body, ...more });
const bytesOf = async (Key: string): Promise<Buffer> => {
  const { Body } = await store.client().send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

test('a stream of signed chunks becomes an object, without its encoding', async () => {
  assert.deepEqual(await put('plain'), { status: 200, body: '' });
  assert.ok((await bytesOf('plain')).equals(body));
  const head = await store.client().send(new HeadObjectCommand({ Bucket, Key: 'plain' }));
  assert.equal(head.ContentEncoding ?? '', '');
});

test('with a signed trailer its checksum is held against the bytes, and kept', async () => {
  assert.equal((await put('trailing', { trailer: { 'x-amz-checksum-crc32': crcOf(body) } })).status, 200);
  const head = await store.client().send(new HeadObjectCommand({ Bucket, Key: 'trailing', ChecksumMode: 'ENABLED' }));
  assert.equal(head.ChecksumCRC32, crcOf(body));
  const wrong = await put('trailing', { body: randomBytes(10), trailer: { 'x-amz-checksum-crc32': crcOf(body) } });
  assert.equal(wrong.status, 400);
  assert.match(wrong.body, /BadDigest/);
  assert.ok((await bytesOf('trailing')).equals(body));
});

test('bytes that were changed on their way are refused, and what was there stays', async () => {
  const changed = (bytes: Buffer): Buffer => {
    const other = Buffer.from(bytes);
    other.writeUInt8(other.readUInt8(1000) ^ 1, 1000);
    return other;
  };
  const refused = await put('plain', { spoil: changed });
  assert.equal(refused.status, 403);
  assert.match(refused.body, /SignatureDoesNotMatch/);
  const cut = await put('plain', { spoil: (bytes) => bytes.subarray(0, 100_000) });
  assert.match(cut.body, /IncompleteBody/);
  assert.ok((await bytesOf('plain')).equals(body));
});

test('a key that is wrong signs nothing', async () => {
  const refused = await put('plain', { account: { ...shop, secretKey: 'guess' } });
  assert.equal(refused.status, 403);
  assert.match(refused.body, /SignatureDoesNotMatch/);
});
