import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { serveS3 } from '../serve-s3.ts';
import { type Account, writeAccount } from '../store/account-file.ts';
import { Accounts } from '../store/accounts.ts';

export const testAccount = (id: string): Account => ({
  id,
  accessKeyId: `AKIA${id.toUpperCase()}`,
  secretKey: `secret of ${id} with / and +`,
  bucket: `${id}-media`,
  quotaBytes: 64 * 1024 * 1024,
  mostBuckets: 4,
  publicPrefix: 'public/',
});

/** A store with accounts that listens on localhost, and clients for it. */
export interface TestStore extends AsyncDisposable {
  readonly root: string;
  readonly port: number;
  readonly endpoint: string;
  readonly accounts: Accounts;
  readonly faults: readonly unknown[];
  client(account?: Account, config?: S3ClientConfig): S3Client;
}

export const clientOf = (
  endpoint: string,
  { accessKeyId, secretKey }: Account,
  config: S3ClientConfig = {},
): S3Client =>
  new S3Client({
    endpoint,
    region: 'eu-west-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: secretKey },
    ...config,
  });

export const openTestStore = async (given: readonly Account[], folder?: string): Promise<TestStore> => {
  await using stack = new AsyncDisposableStack();
  const root = folder ?? (await mkdtemp(join(tmpdir(), 'ravine-objects-')));
  if (folder === undefined) stack.defer(() => rm(root, { recursive: true, force: true }));
  for (const account of given) await writeAccount(root, account);
  const faults: unknown[] = [];
  const onFault = (error: unknown) => faults.push(error);
  const accounts = stack.use(await Accounts.open(root, onFault));
  const server = serveS3({ accounts, mediaDomain: 'media.test', onFault }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(async () => {
    server.close().closeAllConnections();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo; // It listens by TCP.
  const endpoint = `http://127.0.0.1:${port}`;
  const owned = stack.move();
  return {
    ...{ root, port, endpoint, accounts, faults },
    client(account = given[0], config = {}) {
      if (account === undefined) throw new TypeError('there is no account');
      const client = clientOf(endpoint, account, config);
      owned.defer(() => client.destroy());
      return client;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};
