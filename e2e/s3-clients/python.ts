import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemPython } from '../../scripts/python-modules.ts';
import type { Bucket, BucketClient } from './client.ts';

/** A client of Python's in a process of its own, which is asked by lines of JSON. */
export const python = (name: 'boto3' | 'django-storages', bucket: Bucket): BucketClient => {
  const child: ChildProcessWithoutNullStreams = spawn(systemPython, [join(import.meta.dirname, 'python.py'), name], {
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: bucket.accessKeyId,
      AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_S3_ENDPOINT_URL: bucket.endpoint,
      AWS_STORAGE_BUCKET_NAME: bucket.bucket,
    },
  });
  child.stderr.pipe(process.stderr);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async (verb: string, ...args: string[]): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify([verb, ...args])}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended`);
    const { error, answer } = JSON.parse(value);
    if (error !== undefined) throw new Error(error);
    return answer;
  };
  return {
    name,
    put: async (file, key) => void (await ask('put', file, key)),
    get: async (key, file) => void (await ask('get', key, file)),
    copy: async (from, to) => void (await ask('copy', from, to)),
    list: async (folder) => (await ask('list', folder)) as Record<string, number>, // what python.py answers
    clear: async (folder) => void (await ask('clear', folder)),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
};
