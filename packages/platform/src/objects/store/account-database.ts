import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { syncFolder } from '../../files/write-durably.ts';

/** Of what was asked for since the last change. */
const mostRemembered = 256;

export type Row = Record<string, SQLOutputValue>;

/**
 * Tables of one account. Whatever nobody asks for by itself is JSON in `about`. `usage` has one row, kept by triggers.
 * Objects' bytes are files, named in `blobs`; a file that is not named there belongs to nobody.
 */
const schema = `
  CREATE TABLE buckets (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, about TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE objects (
    id INTEGER PRIMARY KEY, bucket TEXT NOT NULL REFERENCES buckets, key TEXT NOT NULL, size INTEGER NOT NULL,
    etag TEXT NOT NULL, modified_ms INTEGER NOT NULL, pieces TEXT NOT NULL, about TEXT NOT NULL, UNIQUE (bucket, key));
  CREATE TABLE uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL REFERENCES buckets, key TEXT NOT NULL, started_ms INTEGER NOT NULL,
    about TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX uploads_by_key ON uploads (bucket, key, id);
  CREATE TABLE parts (
    upload TEXT NOT NULL REFERENCES uploads ON DELETE CASCADE, number INTEGER NOT NULL, size INTEGER NOT NULL,
    etag TEXT NOT NULL, modified_ms INTEGER NOT NULL, pieces TEXT NOT NULL, checksum TEXT,
    PRIMARY KEY (upload, number)) WITHOUT ROWID;
  CREATE TABLE blobs (id TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE usage (bytes INTEGER NOT NULL);
  INSERT INTO usage VALUES (0);
  CREATE TRIGGER blob_added AFTER INSERT ON blobs BEGIN UPDATE usage SET bytes = bytes + NEW.size; END;
  CREATE TRIGGER blob_removed AFTER DELETE ON blobs BEGIN UPDATE usage SET bytes = bytes - OLD.size; END;
  PRAGMA user_version = 1;
`;

/**
 * SQLite in write-ahead mode. Reads and changes are immediate; that a change is on the disk is waited for apart, once
 * for all that are under way: SQLite itself would hold up every other request meanwhile.
 */
export class AccountDatabase implements AsyncDisposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #remembered = new Map<string, unknown>();
  readonly #log: FileHandle;
  #syncing: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  private constructor(database: DatabaseSync, log: FileHandle) {
    this.#database = database;
    this.#log = log;
  }

  /**
   * @param isExpected whether there is something that the books must know: they are not begun anew then
   * @throws when they are of a newer Ravine, can't be read, or are missing though expected
   */
  static async open(path: string, isExpected: () => Promise<boolean>): Promise<AccountDatabase> {
    const database = new DatabaseSync(path, { timeout: 5000 });
    try {
      database.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4096; PRAGMA foreign_keys = ON',
      );
      database.exec('BEGIN IMMEDIATE');
      const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
      if (version === 0) {
        if (await isExpected()) throw lost(path);
        database.exec(schema);
      }
      if (version > 1) throw new Error(`${path} was written by a newer Ravine; start that one.`);
      database.exec('COMMIT');
      const log = await open(`${path}-wal`, 'r+');
      // The names of both files; SQLite sees to what is in them.
      if (version === 0) await syncFolder(dirname(path));
      return new AccountDatabase(database, log);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  one(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values);
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  /**
   * What `find` has found under this name since the last change; only it may use the name.
   * What is found is not to be changed.
   */
  remember<T>(name: string, find: () => T): T {
    if (this.#database.isTransaction) return find();
    if (this.#remembered.has(name)) return this.#remembered.get(name) as T; // It was found by the same function.
    const found = find();
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear();
    this.#remembered.set(name, found);
    return found;
  }

  /** All of `work` or nothing; not on the disk before {@link durable} resolves. */
  commit<T>(work: () => T): T {
    this.#prepared('BEGIN IMMEDIATE').run();
    this.#remembered.clear();
    try {
      const result = work();
      this.#prepared('COMMIT').run();
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#prepared('ROLLBACK').run();
      throw error;
    }
  }

  /** Resolves when all that was committed before is on the disk. */
  durable(): Promise<void> {
    // A sync that runs already may have missed what was written since it began.
    this.#waiting ??= this.#syncing
      .catch(() => undefined)
      .then(() => {
        this.#waiting = undefined;
        this.#syncing = this.#log.datasync();
        return this.#syncing;
      });
    return this.#waiting;
  }

  async close(): Promise<void> {
    await this.#waiting?.catch(() => undefined);
    await this.#syncing.catch(() => undefined);
    await this.#log.close();
    this.#statements.clear();
    this.#database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

const lost = (path: string): Error =>
  new Error(
    `${path} was expected to list the files in ${dirname(path)}/data, and it is missing or empty. Nothing is removed. Put it and its -wal file back from a backup of the folder; to begin with an empty bucket instead, move the folder data away.`,
  );
