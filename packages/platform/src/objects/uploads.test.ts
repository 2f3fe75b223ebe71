import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  type UploadPartCommandInput,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { openTestStore, type TestStore, testAccount } from './testing/test-store.ts';

const shop = testAccount('shop');
const Bucket = shop.bucket;
const partBytes = 5 * 1024 * 1024;
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

const begin = async (Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}) => {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return { Bucket, Key, UploadId };
};
const complete = (upload: Awaited<ReturnType<typeof begin>>, Parts: CompletedPart[]) =>
  client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
const send = async (
  upload: Awaited<ReturnType<typeof begin>>,
  PartNumber: number,
  Body: Buffer,
  more: Partial<UploadPartCommandInput> = {},
): Promise<CompletedPart> => {
  const { ETag, ChecksumCRC32, ChecksumCRC64NVME } = await client.send(
    new UploadPartCommand({ ...upload, PartNumber, Body, ...more }),
  );
  return { PartNumber, ETag, ChecksumCRC32, ChecksumCRC64NVME };
};
const read = async (Key: string, more: object = {}) =>
  Buffer.from(
    (await (await client.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToByteArray()) ?? [],
  );
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();

test('parts sent in any order become one object, which is read across their borders and by part', async () => {
  const [one, two] = [randomBytes(partBytes), randomBytes(1000)];
  const upload = await begin('film', { Metadata: { a: 'b' }, ContentType: 'video/mp4' });
  const second = await send(upload, 7, two);
  await send(upload, 3, randomBytes(partBytes));
  const first = await send(upload, 3, one);
  const { Parts } = await client.send(new ListPartsCommand(upload));
  assert.deepEqual(
    Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
    [
      [3, partBytes],
      [7, 1000],
    ],
  );
  const { ETag } = await complete(upload, [first, second]);
  assert.equal(ETag, `"${md5(Buffer.concat([md5(one), md5(two)])).toString('hex')}-2"`);
  assert.ok((await read('film')).equals(Buffer.concat([one, two])));
  const across = await read('film', { Range: `bytes=${partBytes - 2}-${partBytes + 1}` });
  assert.ok(across.equals(Buffer.concat([one.subarray(-2), two.subarray(0, 2)])));
  assert.ok((await read('film', { PartNumber: 2 })).equals(two));
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'film', PartNumber: 1 }));
  assert.deepEqual(
    [head.PartsCount, head.ContentLength, head.Metadata, head.ContentType],
    [2, partBytes, { a: 'b' }, 'video/mp4'],
  );
  assert.equal((await complete(upload, [first, second])).ETag, ETag, 'asked again it says the same');
});

test('the checksum of the whole is had from those of the parts, of either kind', async () => {
  const [one, two] = [randomBytes(partBytes), randomBytes(10)];
  for (const ChecksumAlgorithm of ['CRC32', 'CRC64NVME'] as const) {
    const upload = await begin(`sum-${ChecksumAlgorithm}`, { ChecksumAlgorithm });
    const parts = [
      await send(upload, 1, one, { ChecksumAlgorithm }),
      await send(upload, 2, two, { ChecksumAlgorithm }),
    ];
    const done = await complete(upload, parts);
    if (ChecksumAlgorithm === 'CRC32') assert.match(done.ChecksumCRC32 ?? '', /^.{8}-2$/);
    else assert.equal(done.ChecksumType, 'FULL_OBJECT');
    const whole = await read(`sum-${ChecksumAlgorithm}`, { ChecksumMode: 'ENABLED' });
    assert.ok(whole.equals(Buffer.concat([one, two])), 'the client verifies the checksum of the whole where it can');
  }
});

test('a list of parts that is not what was sent is refused, and the upload can still be completed', async () => {
  const upload = await begin('strict');
  const [one, two] = [await send(upload, 1, Buffer.from('too small')), await send(upload, 2, Buffer.from('end'))];
  await assert.rejects(complete(upload, [two, one]), { name: 'InvalidPartOrder' });
  await assert.rejects(complete(upload, [one, two]), { name: 'EntityTooSmall' });
  await assert.rejects(complete(upload, [{ ...two, ETag: '"nothing"' }]), { name: 'InvalidPart' });
  await complete(upload, [two]);
  assert.equal((await read('strict')).toString(), 'end');
});

test('an upload that is aborted is gone, and its bytes with it', async () => {
  const before = store.accounts.byId('shop')?.usage().bytes;
  const upload = await begin('dropped');
  await send(upload, 1, randomBytes(100_000));
  const open = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  assert.deepEqual(
    open.Uploads?.map(({ Key, UploadId }) => [Key, UploadId]),
    [['dropped', upload.UploadId]],
  );
  await client.send(new AbortMultipartUploadCommand(upload));
  await assert.rejects(client.send(new ListPartsCommand(upload)), { name: 'NoSuchUpload' });
  await assert.rejects(send(upload, 2, Buffer.from('late')), { name: 'NoSuchUpload' });
  assert.equal(store.accounts.byId('shop')?.usage().bytes, before);
});

test('parts are copied from objects, whole or in a range', async () => {
  const body = randomBytes(partBytes + 10);
  await client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: body }));
  const upload = await begin('joined');
  const copy = async (PartNumber: number, CopySourceRange?: string): Promise<CompletedPart> => {
    const made = await client.send(
      new UploadPartCopyCommand({ ...upload, PartNumber, CopySource: `${Bucket}/source`, CopySourceRange }),
    );
    return { PartNumber, ETag: made.CopyPartResult?.ETag };
  };
  const parts = [await copy(1), await copy(2, 'bytes=5-9')];
  await assert.rejects(copy(3, `bytes=0-${body.length}`), { name: 'InvalidArgument' });
  await complete(upload, parts);
  assert.ok((await read('joined')).equals(Buffer.concat([body, body.subarray(5, 10)])));
});
