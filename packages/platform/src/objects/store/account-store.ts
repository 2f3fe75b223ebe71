import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../files/write-durably.ts';
import { S3Error } from '../s3-error.ts';
import { AccountDatabase } from './account-database.ts';
import { type Account, accountFolder } from './account-file.ts';
import type { BlobCache } from './blob-cache.ts';
import { BlobFiles, type Piece } from './blob-files.ts';
import { buckets } from './bucket-rows.ts';
import { blobsOf, objects } from './object-rows.ts';
import { hasFiles, UnnamedFiles } from './unnamed-files.ts';

/** Left free on the disk, so that deleting still works when it is full. */
const reserveBytes = 16 * 1024 * 1024;

/** What one account has: its books and its files. */
export class AccountStore implements AsyncDisposable {
  account: Account;
  readonly db: AccountDatabase;
  readonly files: BlobFiles;
  readonly #folder: string;
  readonly #unnamed: UnnamedFiles;
  readonly #closing = new AbortController();
  /** Resolves when what a killed process had left is out of the way, or the store is closed. */
  swept: Promise<unknown> = Promise.resolve();

  private constructor(account: Account, folder: string, db: AccountDatabase, cache: BlobCache) {
    this.account = account;
    this.db = db;
    this.#folder = folder;
    this.files = new BlobFiles(join(folder, 'data'), cache);
    this.#unnamed = new UnnamedFiles(join(folder, 'data'), join(folder, 'unnamed'));
  }

  /**
   * Makes the account's bucket on first opening; sets aside what a killed process has left, in the background.
   * @throws when there are files and no books of them
   */
  static async open(root: string, account: Account, cache: BlobCache): Promise<AccountStore> {
    const folder = accountFolder(root, account.id);
    await makeFolder(join(folder, 'data'), 0o700);
    const db = await AccountDatabase.open(join(folder, 'index.sqlite'), () => hasFiles(join(folder, 'data')));
    const store = new AccountStore(account, folder, db, cache);
    try {
      if (buckets.byName(db, account.bucket) === undefined && buckets.all(db).length === 0)
        db.commit(() => buckets.insert(db, { name: account.bucket, createdMs: Date.now(), acl: 'private' }));
      await db.durable();
      store.swept = store.#sweep().catch(() => undefined); // The next start tries again.
      return store;
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  /**
   * To be asked before bytes are taken in.
   * @throws S3Error QuotaExceeded, StorageFull
   */
  async assertRoom(bytes: number): Promise<void> {
    this.#assertQuota(bytes);
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize < bytes + reserveBytes) throw new S3Error('StorageFull');
  }

  /**
   * Changes the books, and then removes the files that `work` says nobody names any more.
   * @param fresh files that were made for it; they go when it fails
   */
  async change<T>(
    fresh: readonly Piece[],
    work: () => { readonly result: T; readonly dropped: readonly Piece[] },
  ): Promise<T> {
    let done: { readonly result: T; readonly dropped: readonly Piece[] };
    try {
      done = this.db.commit(() => {
        const outcome = work();
        if (fresh.length > 0) this.#assertQuota(0);
        return outcome;
      });
    } catch (error) {
      await this.files.discard(blobsOf(fresh));
      throw error;
    }
    this.files.settle(blobsOf(fresh));
    await this.db.durable();
    await this.files.remove(blobsOf(done.dropped));
    return done.result;
  }

  /** Removes files that have been nobody's for days. */
  async forgetUnnamed(nowMs: number): Promise<void> {
    await this.swept;
    await this.#unnamed.forget(nowMs, this.#closing.signal);
  }

  usage(): { readonly bytes: number; readonly objects: number } {
    return { bytes: objects.usedBytes(this.db), objects: objects.count(this.db) };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.swept;
    await this.db.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #sweep(): Promise<void> {
    const isNamed = (blob: string) => this.db.one('SELECT 1 FROM blobs WHERE id = ?', blob) !== undefined;
    await this.#unnamed.putBack(isNamed, this.#closing.signal);
    await this.#unnamed.setAside((blob) => this.files.isInUse(blob) || isNamed(blob), this.#closing.signal);
  }

  #assertQuota(bytes: number): void {
    const { quotaBytes } = this.account;
    if (objects.usedBytes(this.db) + bytes <= quotaBytes) return;
    const megabytes = Math.floor(quotaBytes / 1024 / 1024);
    throw new S3Error(
      'QuotaExceeded',
      `The plan of this add-on has ${megabytes} MB, and this would be more; delete objects or take a larger plan.`,
    );
  }
}
