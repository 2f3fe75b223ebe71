import type { AccountDatabase } from './account-database.ts';
import { objectOf } from './object-rows.ts';
import type { ObjectRecord } from './records.ts';

export interface ListingOptions {
  readonly bucket: string;
  readonly prefix: string;
  /** Keys that have it behind the prefix are folded into one common prefix; empty: none are. */
  readonly delimiter: string;
  /** Only what comes behind this key or common prefix. */
  readonly after: string;
  /** Of keys and common prefixes together. */
  readonly most: number;
}

export interface Listing {
  readonly objects: readonly ObjectRecord[];
  readonly prefixes: readonly string[];
  /** The last key or common prefix, when there are more behind it. */
  readonly next: string | undefined;
}

/** Behind every key that begins with what it is put behind. */
const beyond = '\u{10ffff}';
const batchSize = 256;

/** Keys in the order of their UTF-8 bytes; a folder of a million keys costs one step. */
export const listObjects = (db: AccountDatabase, options: ListingOptions): Listing => {
  const { bucket, prefix, delimiter, most } = options;
  const objects: ObjectRecord[] = [];
  const prefixes: string[] = [];
  let last = '';
  let from = startOf(options);
  if (most === 0) return { objects, prefixes, next: undefined };
  for (;;) {
    const limit = Math.min(batchSize, most - objects.length - prefixes.length + 1);
    const rows = db.all(
      'SELECT * FROM objects WHERE bucket = ? AND key > ? AND key >= ? ORDER BY key LIMIT ?',
      ...[bucket, from, prefix, limit],
    );
    for (const row of rows) {
      const key = String(row.key);
      if (!key.startsWith(prefix)) return { objects, prefixes, next: undefined };
      const folder = commonPrefix(key, prefix, delimiter);
      if (folder !== undefined && folder === prefixes.at(-1)) continue;
      if (objects.length + prefixes.length === most) return { objects, prefixes, next: last };
      if (folder === undefined) objects.push(objectOf(row));
      else prefixes.push(folder);
      last = folder ?? key;
      from = folder === undefined ? key : folder + beyond;
    }
    if (rows.length < limit) return { objects, prefixes, next: undefined };
    const lastKey = String(rows.at(-1)?.key);
    if (Buffer.compare(Buffer.from(lastKey), Buffer.from(from)) > 0) from = lastKey;
  }
};

const commonPrefix = (key: string, prefix: string, delimiter: string): string | undefined => {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
};

/** Behind a common prefix is behind all that it stands for. */
const startOf = ({ after, prefix, delimiter }: ListingOptions): string =>
  delimiter !== '' && after.startsWith(prefix) && commonPrefix(after, prefix, delimiter) === after
    ? after + beyond
    : after;
