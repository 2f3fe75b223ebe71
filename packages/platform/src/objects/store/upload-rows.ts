import type { Checksum } from '../checksums/checksum.ts';
import type { AccountDatabase, Row } from './account-database.ts';
import type { Piece } from './blob-files.ts';
import { dropPieces, keepPieces, piecesOf } from './object-rows.ts';
import type { PartRecord, UploadRecord } from './records.ts';

const uploadOf = ({ id, bucket, key, started_ms, about }: Row): UploadRecord => ({
  ...(JSON.parse(String(about)) as Pick<UploadRecord, 'about' | 'checksum'>), // What insert() wrote.
  id: String(id),
  bucket: String(bucket),
  key: String(key),
  startedMs: Number(started_ms),
});

const partOf = (row: Row): PartRecord => ({
  number: Number(row.number),
  size: Number(row.size),
  etag: String(row.etag),
  modifiedMs: Number(row.modified_ms),
  pieces: piecesOf(row),
  checksum: row.checksum === null ? undefined : (JSON.parse(String(row.checksum)) as Checksum), // What putPart() wrote.
});

/** Uploads in parts; changes belong inside AccountDatabase.commit, and give back the files that nobody names any more. */
export const uploads = {
  insert(db: AccountDatabase, { id, bucket, key, startedMs, about, checksum }: UploadRecord): void {
    db.run(
      'INSERT INTO uploads VALUES (?, ?, ?, ?, ?)',
      id,
      bucket,
      key,
      startedMs,
      JSON.stringify({ about, checksum }),
    );
  },

  get(db: AccountDatabase, bucket: string, key: string, id: string): UploadRecord | undefined {
    const row = db.one('SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?', id, bucket, key);
    return row && uploadOf(row);
  },

  /** Those behind a key, and behind an upload of that key, in the order of keys. */
  list(
    db: AccountDatabase,
    bucket: string,
    prefix: string,
    after: readonly [key: string, id: string],
    most: number,
  ): UploadRecord[] {
    return db
      .all(
        `SELECT * FROM uploads WHERE bucket = ? AND substr(key, 1, length(?)) = ? AND (key > ? OR (key = ? AND id > ?))
         ORDER BY key, id LIMIT ?`,
        ...[bucket, prefix, prefix, after[0], after[0], after[1], most],
      )
      .map(uploadOf);
  },

  parts: (db: AccountDatabase, id: string, after = 0, most = 10_000): PartRecord[] =>
    db.all('SELECT * FROM parts WHERE upload = ? AND number > ? ORDER BY number LIMIT ?', id, after, most).map(partOf),

  putPart(db: AccountDatabase, id: string, part: PartRecord): readonly Piece[] {
    const before = db.one('DELETE FROM parts WHERE upload = ? AND number = ? RETURNING pieces', id, part.number);
    const dropped = before === undefined ? [] : piecesOf(before);
    dropPieces(db, dropped);
    keepPieces(db, part.pieces);
    const { number, size, etag, modifiedMs, pieces, checksum } = part;
    db.run(
      'INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[id, number, size, etag, modifiedMs, JSON.stringify(pieces), checksum ? JSON.stringify(checksum) : null],
    );
    return dropped;
  },

  /** @param kept pieces that an object has taken over */
  remove(db: AccountDatabase, id: string, kept: readonly Piece[] = []): readonly Piece[] {
    const keep = new Set(kept.map(({ blob }) => blob));
    const dropped = uploads
      .parts(db, id)
      .flatMap(({ pieces }) => pieces)
      .filter(({ blob }) => !keep.has(blob));
    dropPieces(db, dropped);
    db.run('DELETE FROM uploads WHERE id = ?', id);
    return dropped;
  },
};
