import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type pg from 'pg';
import { syncFolder } from '../../files/write-durably.ts';
import type { SuperuserConnection } from '../cluster.ts';
import { copyRows } from '../copy-streams.ts';
import { quoteName, withSuperuser } from '../superuser.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { readSchema } from './read-schema.ts';
import { sections, type TocEntry } from './toc.ts';

export interface DumpOptions {
  readonly server: SuperuserConnection;
  readonly database: string;
  /** Has its name once it is whole. */
  readonly path: string;
  /** Told of the bytes written so far, now and then. */
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

const batchBytes = 256 * 1024;
const largeObjectsId = 'BLOBS';

/**
 * Dumps a database as it is at one moment, while it is in use, into a file in pg_dump's custom format.
 * @returns the bytes of the file.
 */
export const dumpDatabase = async (options: DumpOptions): Promise<number> => {
  const { server, database, path, signal } = options;
  const fresh = `${path}.new-${randomBytes(4).toString('hex')}`;
  try {
    const size = await withSuperuser(server, database, async (client) => {
      const stop = () => void client.end();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        return await dump(client, options, fresh);
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    });
    await rename(fresh, path);
    await syncFolder(dirname(path));
    return size;
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
};

const dump = async (client: pg.Client, options: DumpOptions, path: string): Promise<number> => {
  const { server, database, onProgress, signal } = options;
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await client.query(
    "SET LOCAL search_path = pg_catalog; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL extra_float_digits = 3",
  );
  const { rows } = await client.query<{ snapshot: string }>('SELECT pg_export_snapshot() AS snapshot');
  const schema = await readSchema(server, database, rows[0]?.snapshot ?? '', signal);
  const contents = await addData(client, schema.entries);
  const head = {
    version: 114,
    compression: 'gzip' as const,
    database,
    serverVersion: schema.serverVersion,
    dumpVersion: schema.dumpVersion,
    createdAt: new Date(),
  };
  await using archive = await ArchiveWriter.create(path, head, contents);
  for (const entry of contents) {
    if (!entry.hasData) continue;
    signal?.throwIfAborted();
    if (entry.kind === 'BLOBS') await archive.largeObjects(entry.id, largeObjects(client));
    else
      await archive.data(
        entry.id,
        rowsOf(client, entry, () => onProgress?.(archive.size)),
      );
  }
  await archive.finish();
  return archive.size;
};

/** Entries for data, which a dump of definitions lacks, at their places in the order. */
const addData = async (client: pg.Client, entries: readonly TocEntry[]): Promise<readonly TocEntry[]> => {
  let id = Math.max(0, ...entries.map((entry) => entry.id));
  const fresh = (from: Partial<TocEntry>): TocEntry => ({ ...blank, ...from, id: ++id });
  const data: TocEntry[] = [];
  const after: TocEntry[] = [];
  const before: TocEntry[] = [];
  for (const entry of entries) {
    const { kind, schema, tag, owner, catalogOid } = entry;
    const name = `${quoteName(schema ?? 'public')}.${quoteName(tag)}`;
    const from = { schema, tag, owner, dependencies: [String(entry.id)] };
    if (kind === 'TABLE') {
      const columns = await columnsOf(client, catalogOid);
      if (columns === undefined) continue;
      const copy = `COPY ${name} ${columns}FROM stdin;\n`;
      data.push(fresh({ ...from, kind: 'TABLE DATA', hasData: true, section: sections.data, copy, catalogOid }));
    }
    if (kind === 'MATERIALIZED VIEW' && (await isPopulated(client, catalogOid))) {
      const create = `REFRESH MATERIALIZED VIEW ${name};\n`;
      after.push(fresh({ ...from, kind: 'MATERIALIZED VIEW DATA', section: sections.postData, create }));
    }
  }
  const { rows } = await client.query<{ oid: string; owner: string }>(
    'SELECT oid::text, pg_get_userbyid(lomowner) AS owner FROM pg_largeobject_metadata ORDER BY pg_largeobject_metadata.oid',
  );
  for (const { oid, owner } of rows) {
    const create = `SELECT pg_catalog.lo_create('${oid}');\n`;
    const drop = `SELECT pg_catalog.lo_unlink('${oid}');\n`;
    before.push(fresh({ kind: 'BLOB', tag: oid, owner, create, drop, catalogOid: oid, section: sections.preData }));
  }
  if (rows.length > 0) {
    const dependencies = before.map((entry) => String(entry.id));
    data.push(fresh({ kind: 'BLOBS', tag: largeObjectsId, hasData: true, section: sections.data, dependencies }));
  }
  const ofData = entries.filter((entry) => entry.section === sections.data);
  const ofPost = entries.filter((entry) => entry.section === sections.postData);
  const ofPre = entries.filter((entry) => !ofData.includes(entry) && !ofPost.includes(entry));
  return [...ofPre, ...before, ...data, ...ofData, ...ofPost, ...after];
};

const blank: Omit<TocEntry, 'id'> = {
  hasData: false,
  catalogTable: '0',
  catalogOid: '0',
  tag: '',
  kind: '',
  section: sections.data,
  create: '',
  drop: '',
  copy: null,
  schema: null,
  tablespace: null,
  accessMethod: null,
  owner: null,
  dependencies: [],
};

/** `(id, title) ` of a table that holds rows itself; undefined for others, such as partitioned ones. */
const columnsOf = async (client: pg.Client, oid: string): Promise<string | undefined> => {
  const { rows } = await client.query<{ kind: string; columns: string[] | null }>(
    `SELECT relkind AS kind, (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns
      FROM pg_class c WHERE c.oid = $1`,
    [oid],
  );
  if (rows[0]?.kind !== 'r') return undefined;
  const columns = rows[0].columns ?? [];
  return columns.length === 0 ? '' : `(${columns.map(quoteName).join(', ')}) `;
};

const isPopulated = async (client: pg.Client, oid: string): Promise<boolean> => {
  const { rows } = await client.query<{ is: boolean }>('SELECT relispopulated AS is FROM pg_class WHERE oid = $1', [
    oid,
  ]);
  return rows[0]?.is === true;
};

/** The rows of a table as COPY sends them, in larger pieces, and the mark that ends them. */
async function* rowsOf(client: pg.Client, entry: TocEntry, onBatch: () => void): AsyncGenerator<Buffer> {
  const statement = (entry.copy ?? '').replace(/ FROM stdin;\n$/, ' TO STDOUT');
  for await (const rows of copyRows(client, statement) as AsyncIterable<Buffer>) {
    yield rows;
    onBatch();
  }
  yield Buffer.from('\\.\n\n\n');
}

async function* largeObjects(client: pg.Client): AsyncGenerator<{ oid: number; content: AsyncIterable<Buffer> }> {
  const { rows } = await client.query<{ oid: string }>(
    'SELECT oid::text FROM pg_largeobject_metadata ORDER BY pg_largeobject_metadata.oid',
  );
  for (const { oid } of rows) yield { oid: Number(oid), content: largeObject(client, oid) };
}

async function* largeObject(client: pg.Client, oid: string): AsyncGenerator<Buffer> {
  for (let at = 0; ; at += batchBytes) {
    const { rows } = await client.query<{ bytes: Buffer }>('SELECT lo_get($1, $2, $3) AS bytes', [oid, at, batchBytes]);
    const bytes = rows[0]?.bytes ?? Buffer.alloc(0);
    if (bytes.length > 0) yield bytes;
    if (bytes.length < batchBytes) return;
  }
}
