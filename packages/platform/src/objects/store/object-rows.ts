import type { AccountDatabase, Row } from './account-database.ts';
import type { Piece } from './blob-files.ts';
import type { ObjectAbout, ObjectRecord } from './records.ts';

export const objectOf = (row: Row): ObjectRecord => ({
  key: String(row.key),
  size: Number(row.size),
  etag: String(row.etag),
  modifiedMs: Number(row.modified_ms),
  pieces: piecesOf(row),
  about: JSON.parse(String(row.about)) as ObjectAbout, // What put() wrote.
});

export const piecesOf = (row: Row): readonly Piece[] => JSON.parse(String(row.pieces)) as Piece[]; // What we wrote.

export const blobsOf = (pieces: readonly Piece[]): readonly string[] => pieces.map(({ blob }) => blob);

/** Names files in the account's books; changes belong inside AccountDatabase.commit. */
export const keepPieces = (db: AccountDatabase, pieces: readonly Piece[]): void => {
  for (const { blob, size } of pieces) db.run('INSERT INTO blobs VALUES (?, ?)', blob, size);
};

export const dropPieces = (db: AccountDatabase, pieces: readonly Piece[]): void => {
  for (const { blob } of pieces) db.run('DELETE FROM blobs WHERE id = ?', blob);
};

/** An account's objects; changes belong inside AccountDatabase.commit, and give back the files that nobody names any more. */
export const objects = {
  get(db: AccountDatabase, bucket: string, key: string): ObjectRecord | undefined {
    return db.remember(`object ${bucket} ${key}`, () => {
      const row = db.one('SELECT * FROM objects WHERE bucket = ? AND key = ?', bucket, key);
      return row && objectOf(row);
    });
  },

  /** @param known whether the pieces are in the books already, as those of an upload's parts are */
  put(db: AccountDatabase, bucket: string, object: ObjectRecord, known = false): readonly Piece[] {
    const before = objects.remove(db, bucket, object.key);
    if (!known) keepPieces(db, object.pieces);
    const { key, size, etag, modifiedMs, pieces, about } = object;
    db.run(
      'INSERT INTO objects (bucket, key, size, etag, modified_ms, pieces, about) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[bucket, key, size, etag, modifiedMs, JSON.stringify(pieces), JSON.stringify(about)],
    );
    return before;
  },

  setAbout(db: AccountDatabase, bucket: string, key: string, about: ObjectAbout): void {
    db.run('UPDATE objects SET about = ? WHERE bucket = ? AND key = ?', JSON.stringify(about), bucket, key);
  },

  remove(db: AccountDatabase, bucket: string, key: string): readonly Piece[] {
    const row = db.one('DELETE FROM objects WHERE bucket = ? AND key = ? RETURNING pieces', bucket, key);
    if (row === undefined) return [];
    const pieces = piecesOf(row);
    dropPieces(db, pieces);
    return pieces;
  },

  usedBytes: (db: AccountDatabase): number => Number(db.one('SELECT bytes FROM usage')?.bytes ?? 0),
  count: (db: AccountDatabase): number => Number(db.one('SELECT count(*) AS n FROM objects')?.n ?? 0),
};
