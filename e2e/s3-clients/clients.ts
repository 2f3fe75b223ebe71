import type { Bucket, BucketClient } from './client.ts';
import { awsCli, rclone, s3cmd } from './programs.ts';
import { python } from './python.ts';
import { sdk } from './sdk.ts';

/** Those that apps and people use, each made for a bucket; `folder` is for what it has to keep. */
export const s3Clients: readonly ((bucket: Bucket, folder: string) => BucketClient | Promise<BucketClient>)[] = [
  awsCli,
  s3cmd,
  rclone,
  (bucket) => python('boto3', bucket),
  (bucket) => python('django-storages', bucket),
  sdk,
];
