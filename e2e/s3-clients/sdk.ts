import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Bucket, BucketClient } from './client.ts';

const partBytes = 5 * 1024 * 1024;

/** AWS's SDK for JavaScript: a stream where it fits into one request, else parts side by side. */
export const sdk = ({ bucket: Bucket, endpoint, accessKeyId, secretAccessKey }: Bucket): BucketClient => {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const putInParts = async (file: string, Key: string): Promise<void> => {
    const content = await readFile(file);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const Parts = await Promise.all(
      Array.from({ length: Math.ceil(content.length / partBytes) }, async (_, index) => {
        const Body = content.subarray(index * partBytes, (index + 1) * partBytes);
        const part = { Bucket, Key, UploadId, PartNumber: index + 1, Body };
        return { PartNumber: index + 1, ETag: (await client.send(new UploadPartCommand(part))).ETag };
      }),
    );
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  };
  const list = async (folder: string): Promise<Readonly<Record<string, number>>> => {
    const found: [string, number][] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client, pageSize: 2 },
      { Bucket, Prefix: `${folder}/` },
    )) {
      found.push(...Contents.map(({ Key = '', Size = 0 }): [string, number] => [Key, Size]));
    }
    return Object.fromEntries(found);
  };
  return {
    name: 'sdk',
    async put(file, Key) {
      const { size } = await stat(file);
      if (size > partBytes) return putInParts(file, Key);
      await client.send(new PutObjectCommand({ Bucket, Key, Body: createReadStream(file), ContentLength: size }));
    },
    async get(Key, file) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      if (!(Body instanceof Readable)) throw new TypeError('expected a stream of Node');
      await pipeline(Body, createWriteStream(file));
    },
    async copy(from, Key) {
      const CopySource = `${Bucket}/${encodeURIComponent(from)}`;
      await client.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
    },
    list,
    async clear(folder) {
      const Objects = Object.keys(await list(folder)).map((Key) => ({ Key }));
      await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
};
