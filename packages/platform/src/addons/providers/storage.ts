import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { AddOnId } from '../../domain/ids.ts';
import { accountUsage, loadAccount, removeAccount } from '../../objects/admin-client.ts';
import { type Account, readAccount, writeAccount } from '../../objects/store/account-file.ts';
import type { PortRange } from '../../postgres/free-port.ts';
import type { Plan } from '../catalogue.ts';
import type { AddOnHealth, AddOnProvider, AddOnRequest, Provisioned, Resource } from '../provider.ts';
import { StorageServer } from './storage-server.ts';

const region = 'us-east-1';
const mostBuckets = 10;
/** Anybody may read what is below. @see Dev Center "Bucketeer" */
const publicPrefix = 'public/';

export interface StorageProviderOptions {
  /** Of the store: everything that it keeps. */
  readonly folder: string;
  /** The store has the highest free port of these at its first start, and keeps it. */
  readonly ports: PortRange;
  /** Buckets are served to visitors as `BUCKET.` and this: `media.localhost`. */
  readonly mediaDomain: string;
  /** Of a host name, as visitors reach it: `http://HOST:8080`. */
  readonly urlOf: (host: string) => string;
  /** User of the store where we are root; 300001 unless told. */
  readonly uid?: number;
}

/** bucketeer: an account with a bucket in the platform's object store, which is one process for all of them. */
export class StorageProvider implements AddOnProvider {
  readonly service = 'bucketeer';
  readonly #options: StorageProviderOptions;
  readonly #server: StorageServer;
  readonly #ids = new Set<AddOnId>();
  /** Those that the store that runs now has opened. */
  readonly #opened = new Set<AddOnId>();
  readonly #events = new EventEmitter();

  constructor(options: StorageProviderOptions) {
    this.#options = options;
    const { folder, ports, mediaDomain, uid = 300_001 } = options;
    const onChange = () => {
      this.#opened.clear();
      if (this.#server.state.kind === 'up') this.#events.emit('up');
      for (const id of this.#ids) this.#events.emit('change', id);
    };
    this.#server = new StorageServer({ folder, ports, mediaDomain, uid, onChange });
  }

  async provision({ id, plan }: AddOnRequest, signal: AbortSignal): Promise<Provisioned> {
    const { folder, mediaDomain, urlOf } = this.#options;
    const port = await this.#server.running(signal);
    const before = await readAccount(folder, id);
    // New keys each time: those of an attempt whose answer got lost are known to nobody.
    const account: Account = {
      id,
      accessKeyId: `AKIA${randomText(16).toUpperCase()}`,
      secretKey: randomBytes(30).toString('base64url'),
      bucket: before?.bucket ?? `bucketeer-${id}`,
      quotaBytes: plan.sizeBytes,
      ...{ mostBuckets, publicPrefix },
    };
    await writeAccount(folder, account, this.#server.uid);
    await loadAccount(folder, id);
    this.#ids.add(id);
    const { accessKeyId, secretKey, bucket } = account;
    // An address, not a name: clients then put the bucket into the path, which every resolver can do.
    const endpoint = `http://127.0.0.1:${port}`;
    return {
      resource: { port, bucket },
      config: {
        BUCKET_NAME: bucket,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretKey,
        AWS_REGION: region,
        PUBLIC_URL: urlOf(`${bucket}.${mediaDomain}`),
        '=AWS_ACCESS_KEY_ID': accessKeyId,
        '=AWS_SECRET_ACCESS_KEY': secretKey,
        '=AWS_REGION': region,
        '=AWS_STORAGE_BUCKET_NAME': bucket,
        '=AWS_S3_ENDPOINT_URL': endpoint,
        '=AWS_ENDPOINT_URL_S3': endpoint,
      },
    };
  }

  async deprovision(id: AddOnId): Promise<void> {
    this.#ids.delete(id);
    if (
      (await readAccount(this.#options.folder, id).catch(() => undefined)) === undefined &&
      this.#server.state.kind !== 'up'
    )
      return;
    await this.#server.running(new AbortController().signal);
    await removeAccount(this.#options.folder, id);
  }

  async ensureRunning(id: AddOnId, _resource: Resource, plan: Plan | undefined): Promise<AddOnHealth> {
    this.#ids.add(id);
    this.#server.keepRunning();
    const { state } = this.#server;
    if (state.kind !== 'up' || plan === undefined) return state;
    const { folder } = this.#options;
    const account = await readAccount(folder, id);
    if (account === undefined)
      return {
        kind: 'down',
        reason: 'The keys of this bucket are missing; restore the folder of the object store from a backup.',
      };
    const fits = account.quotaBytes === plan.sizeBytes;
    if (fits && this.#opened.has(id)) return state;
    if (!fits) await writeAccount(folder, { ...account, quotaBytes: plan.sizeBytes }, this.#server.uid);
    try {
      await loadAccount(folder, id);
    } catch (error) {
      return { kind: 'down', reason: error instanceof Error ? error.message : String(error) };
    }
    this.#opened.add(id);
    return state;
  }

  /** Bytes and objects that it keeps. @throws when the store can't be asked now */
  usage(id: AddOnId): ReturnType<typeof accountUsage> {
    return accountUsage(this.#options.folder, id);
  }

  /** Port of localhost where the store listens, or did when it was last seen; none before the first bucket. */
  get port(): number | undefined {
    return this.#server.port;
  }

  /** Calls back when the store has come up. */
  onPort(listener: () => void): void {
    this.#events.on('up', listener);
  }

  onChange(listener: (id: AddOnId) => void): () => void {
    this.#events.on('change', listener);
    return () => this.#events.off('change', listener);
  }

  stopAll(): Promise<void> {
    return this.#server.stop();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

const randomText = (length: number): string =>
  Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join('');
