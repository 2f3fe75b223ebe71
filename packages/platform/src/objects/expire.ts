import type { AccountStore } from './store/account-store.ts';
import type { Accounts } from './store/accounts.ts';
import { buckets } from './store/bucket-rows.ts';
import { dueMs, expiryOf } from './store/expiry.ts';
import { listObjects } from './store/object-listing.ts';
import { objects } from './store/object-rows.ts';
import type { BucketRecord } from './store/records.ts';
import { uploads } from './store/upload-rows.ts';

/** Looked at before other requests get their turn. */
const batch = 200;

/** Removes what the lifecycle rules of all buckets say has lasted long enough. @returns how many objects and uploads */
export const expire = async (accounts: Accounts, nowMs: number): Promise<number> => {
  let removed = 0;
  for (const store of [...accounts.all()]) {
    for (const bucket of buckets.all(store.db)) {
      if (bucket.lifecycle === undefined) continue;
      removed += await expireObjects(store, bucket, nowMs);
      removed += await abortUploads(store, bucket, nowMs);
    }
  }
  return removed;
};

const expireObjects = async (
  store: AccountStore,
  { name, lifecycle = [] }: BucketRecord,
  nowMs: number,
): Promise<number> => {
  let removed = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { objects: found, next } = listObjects(store.db, {
      bucket: name,
      prefix: '',
      delimiter: '',
      after,
      most: batch,
    });
    const due = found.filter((object) => (expiryOf(lifecycle, object)?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs);
    if (due.length > 0) {
      await store.change([], () => ({
        result: undefined,
        dropped: due.flatMap(({ key }) => objects.remove(store.db, name, key)),
      }));
    } else {
      await new Promise((resolve) => setImmediate(resolve));
    }
    removed += due.length;
    after = next;
  }
  return removed;
};

const abortUploads = async (
  store: AccountStore,
  { name, lifecycle = [] }: BucketRecord,
  nowMs: number,
): Promise<number> => {
  const rules = lifecycle.filter(({ enabled, abortUploadDays }) => enabled && abortUploadDays !== undefined);
  if (rules.length === 0) return 0;
  const due = uploads
    .list(store.db, name, '', ['', ''], -1)
    .filter(({ key, startedMs }) =>
      rules.some(
        ({ prefix, abortUploadDays = 0 }) => key.startsWith(prefix) && dueMs(startedMs, abortUploadDays) <= nowMs,
      ),
    );
  await store.change([], () => ({ result: undefined, dropped: due.flatMap(({ id }) => uploads.remove(store.db, id)) }));
  return due.length;
};
