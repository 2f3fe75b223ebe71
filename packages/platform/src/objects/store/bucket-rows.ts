import type { AccountDatabase, Row } from './account-database.ts';
import type { BucketRecord } from './records.ts';

const bucketOf = ({ name, created_ms, about }: Row): BucketRecord => ({
  ...(JSON.parse(String(about)) as Omit<BucketRecord, 'name' | 'createdMs'>), // What write() wrote.
  name: String(name),
  createdMs: Number(created_ms),
});

const aboutOf = ({ name: _, createdMs: __, ...about }: BucketRecord): string => JSON.stringify(about);

/** An account's buckets; changes belong inside AccountDatabase.commit. */
export const buckets = {
  all: (db: AccountDatabase): BucketRecord[] => db.all('SELECT * FROM buckets ORDER BY name').map(bucketOf),

  byName(db: AccountDatabase, name: string): BucketRecord | undefined {
    return db.remember(`bucket ${name}`, () => {
      const row = db.one('SELECT * FROM buckets WHERE name = ?', name);
      return row && bucketOf(row);
    });
  },

  insert(db: AccountDatabase, bucket: BucketRecord): void {
    db.run('INSERT INTO buckets VALUES (?, ?, ?)', bucket.name, bucket.createdMs, aboutOf(bucket));
  },

  update(db: AccountDatabase, bucket: BucketRecord): void {
    db.run('UPDATE buckets SET about = ? WHERE name = ?', aboutOf(bucket), bucket.name);
  },

  isEmpty: (db: AccountDatabase, name: string): boolean =>
    db.one('SELECT 1 FROM objects WHERE bucket = ? LIMIT 1', name) === undefined,

  remove(db: AccountDatabase, name: string): void {
    db.run('DELETE FROM buckets WHERE name = ?', name);
  },
};
