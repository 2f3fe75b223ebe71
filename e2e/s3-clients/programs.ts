import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bucket, type BucketClient, ran } from './client.ts';

const nothing = async (): Promise<void> => {};

/** AWS's own CLI. */
export const awsCli = (bucket: Bucket): BucketClient => {
  const at = (key: string): string => `s3://${bucket.bucket}/${key}`;
  const aws = (...args: string[]) => ran(bucket, 'aws', ['--endpoint-url', bucket.endpoint, ...args]);
  const cp = async (from: string, to: string): Promise<void> => void (await aws('s3', 'cp', '--no-progress', from, to));
  return {
    name: 'awscli',
    put: (file, key) => cp(file, at(key)),
    get: (key, file) => cp(at(key), file),
    copy: (from, to) => cp(at(from), at(to)),
    async list(folder) {
      const where = ['--bucket', bucket.bucket, '--prefix', `${folder}/`, '--output', 'json'];
      const listed = await aws('s3api', 'list-objects-v2', ...where);
      const { Contents = [] }: { Contents?: { Key: string; Size: number }[] } = JSON.parse(listed || '{}');
      return Object.fromEntries(Contents.map(({ Key, Size }) => [Key, Size]));
    },
    clear: async (folder) => void (await aws('s3', 'rm', '--recursive', '--quiet', at(`${folder}/`))),
    [Symbol.asyncDispose]: nothing,
  };
};

/** @param folder for its configuration */
export const s3cmd = async (bucket: Bucket, folder: string): Promise<BucketClient> => {
  const { host } = new URL(bucket.endpoint);
  const settings = join(folder, 's3cfg');
  await writeFile(
    settings,
    `[default]\naccess_key = ${bucket.accessKeyId}\nsecret_key = ${bucket.secretAccessKey}\nhost_base = ${host}\nhost_bucket = ${host}\nuse_https = False\n`,
  );
  const at = (key: string): string => `s3://${bucket.bucket}/${key}`;
  const run = (...args: string[]) => ran(bucket, 's3cmd', ['-c', settings, '--no-progress', ...args]);
  return {
    name: 's3cmd',
    put: async (file, key) => void (await run('put', '--multipart-chunk-size-mb=5', file, at(key))),
    get: async (key, file) => void (await run('get', '--force', at(key), file)),
    copy: async (from, to) => void (await run('cp', at(from), at(to))),
    async list(folder) {
      const lines = (await run('ls', '-r', at(`${folder}/`))).trim().split('\n').filter(Boolean);
      return Object.fromEntries(
        lines.map((line) => {
          const [, size, key = ''] = /^\S+ \S+ +(\d+) +s3:\/\/[^/]+\/(.*)$/.exec(line) ?? [];
          return [key, Number(size)];
        }),
      );
    },
    clear: async (folder) => void (await run('del', '-r', '-f', at(`${folder}/`))),
    [Symbol.asyncDispose]: nothing,
  };
};

export const rclone = (bucket: Bucket): BucketClient => {
  const remote = {
    RCLONE_CONFIG_BOX_TYPE: 's3',
    RCLONE_CONFIG_BOX_PROVIDER: 'Other',
    RCLONE_CONFIG_BOX_ENV_AUTH: 'true',
    RCLONE_CONFIG_BOX_ENDPOINT: bucket.endpoint,
  };
  const at = (key: string): string => `box:${bucket.bucket}/${key}`;
  const run = (...args: string[]) =>
    ran(bucket, 'rclone', ['--s3-chunk-size=5M', '--s3-upload-cutoff=5M', '--retries=1', ...args], remote);
  return {
    name: 'rclone',
    put: async (file, key) => void (await run('copyto', file, at(key))),
    async get(key, file) {
      await run('copyto', at(key), file);
      // It takes what isn't there for an empty folder, and says nothing.
      await access(file);
    },
    copy: async (from, to) => void (await run('copyto', at(from), at(to))),
    async list(folder) {
      const found: { Path: string; Size: number }[] = JSON.parse(await run('lsjson', '-R', '--files-only', at('')));
      return Object.fromEntries(
        found.filter(({ Path }) => Path.startsWith(`${folder}/`)).map(({ Path, Size }) => [Path, Size]),
      );
    },
    clear: async (folder) => void (await run('delete', at(folder))),
    [Symbol.asyncDispose]: nothing,
  };
};
