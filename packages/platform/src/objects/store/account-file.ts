import { createHash } from 'node:crypto';
import { chown, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeDurably } from '../../files/write-durably.ts';

/** One customer of the store, as written in its folder's `account.json`. */
export interface Account {
  readonly id: string;
  readonly accessKeyId: string;
  /** In clear, since signatures are computed with it: the file is readable by the store's user only. */
  readonly secretKey: string;
  /** Made with the account; others may be made by its owner. */
  readonly bucket: string;
  readonly quotaBytes: number;
  readonly mostBuckets: number;
  /** Keys that begin with this may be read by anybody: `public/`. */
  readonly publicPrefix?: string;
}

/** S3's name for whoever owns a bucket. */
export const ownerIdOf = (accountId: string): string => createHash('sha256').update(`owner ${accountId}`).digest('hex');

export const accountsFolder = (root: string): string => join(root, 'accounts');
export const accountFolder = (root: string, id: string): string => join(accountsFolder(root), id);

const isAccount = (value: unknown): value is Account => {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>; // an object, checked above
  const texts = [fields.id, fields.accessKeyId, fields.secretKey, fields.bucket];
  const numbers = [fields.quotaBytes, fields.mostBuckets];
  return texts.every((text) => typeof text === 'string' && text !== '') && numbers.every(Number.isFinite);
};

/** Undefined when there is none. @throws when its file is not one of ours. */
export const readAccount = async (root: string, id: string): Promise<Account | undefined> => {
  const path = join(accountFolder(root, id), 'account.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (isAccount(value)) return value;
  throw new Error(`${path} is not the account of a store; restore it from a backup or destroy the add-on.`);
};

/** Replaces the account's file as a whole; `uid` is the store's user where we are root. */
export const writeAccount = async (root: string, account: Account, uid?: number): Promise<void> => {
  const folder = accountFolder(root, account.id);
  await makeFolder(folder, 0o700);
  await writeDurably(join(folder, 'account.json'), `${JSON.stringify(account)}\n`, uid);
  if (uid !== undefined) await chown(folder, uid, uid);
};
