import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../files/write-durably.ts';
import { accountFolder, accountsFolder, readAccount } from './account-file.ts';
import { AccountStore } from './account-store.ts';
import { BlobCache } from './blob-cache.ts';
import { buckets } from './bucket-rows.ts';

/** All accounts of a folder, by what requests name: access keys and buckets. */
export class Accounts implements AsyncDisposable {
  readonly #root: string;
  readonly #byId = new Map<string, AccountStore>();
  readonly #byKey = new Map<string, AccountStore>();
  readonly #byBucket = new Map<string, AccountStore>();
  readonly #onFault: (error: unknown) => void;
  readonly #cache = new BlobCache();

  private constructor(root: string, onFault: (error: unknown) => void) {
    this.#root = root;
    this.#onFault = onFault;
  }

  /** One that can't be opened is left out and told to `onFault`; the others are there. */
  static async open(root: string, onFault: (error: unknown) => void): Promise<Accounts> {
    const accounts = new Accounts(root, onFault);
    await makeFolder(accountsFolder(root), 0o700);
    for (const id of await readdir(accountsFolder(root))) {
      if (id.includes('.removed-')) await rm(join(accountsFolder(root), id), { recursive: true, force: true });
      else await accounts.load(id).catch(onFault);
    }
    return accounts;
  }

  /** Reads an account's file, for the first time or again. @throws when there is none or it can't be opened. */
  async load(id: string): Promise<AccountStore> {
    const account = await readAccount(this.#root, id);
    if (account === undefined) throw new Error(`There is no account ${id}.`);
    const before = this.#byId.get(id);
    const store = before ?? (await AccountStore.open(this.#root, account, this.#cache));
    if (before !== undefined) this.#byKey.delete(before.account.accessKeyId);
    store.account = account;
    this.#byId.set(id, store);
    this.#byKey.set(account.accessKeyId, store);
    for (const { name } of buckets.all(store.db)) this.#byBucket.set(name, store);
    return store;
  }

  /** Removes an account and all it holds; no-op when there is none. */
  async remove(id: string): Promise<void> {
    const store = this.#byId.get(id);
    this.#byId.delete(id);
    if (store !== undefined) {
      this.#byKey.delete(store.account.accessKeyId);
      for (const [name, owner] of this.#byBucket) if (owner === store) this.#byBucket.delete(name);
      await store.close();
    }
    const gone = join(accountsFolder(this.#root), `${id}.removed-${randomBytes(4).toString('hex')}`);
    try {
      await rename(accountFolder(this.#root, id), gone);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // rename() fails with system errors only
      throw error;
    }
    await rm(gone, { recursive: true, force: true });
  }

  byId = (id: string): AccountStore | undefined => this.#byId.get(id);
  byKey = (accessKeyId: string): AccountStore | undefined => this.#byKey.get(accessKeyId);
  byBucket = (name: string): AccountStore | undefined => this.#byBucket.get(name);
  all = (): Iterable<AccountStore> => this.#byId.values();

  bucketAdded(name: string, store: AccountStore): void {
    this.#byBucket.set(name, store);
  }

  bucketRemoved(name: string): void {
    this.#byBucket.delete(name);
  }

  async close(): Promise<void> {
    for (const store of this.#byId.values()) await store.close().catch(this.#onFault);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
