import pg from 'pg';
import type { SuperuserConnection } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';
import { copyIn } from '../copy-streams.ts';
import { makeExtension } from '../extensions.ts';
import { withSuperuser } from '../superuser.ts';
import { ArchiveReader } from './archive-reader.ts';
import { sections, type TocEntry } from './toc.ts';
import { withoutEnd } from './without-end.ts';

export interface RestoreDumpOptions {
  readonly server: SuperuserConnection;
  /** An empty database, which the user owns. */
  readonly database: string;
  /** Runs what is in the dump, with no more rights than it has. */
  readonly user: string;
  readonly password: string;
  readonly source: AsyncIterable<Buffer>;
  /** Whether what others were granted is granted again, to roles that are there; else it is left out. */
  readonly privileges?: true;
  readonly onProgress?: (bytes: number) => void;
  /** Told of what was left out, and why. */
  readonly onWarning: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** Entries that are about who owns what, or that the target has already. */
const skipped = new Set(['DATABASE', 'DATABASE PROPERTIES', 'TABLESPACE', 'SECURITY LABEL']);
const privileges = new Set(['ACL', 'DEFAULT ACL']);
/** What an ordinary user may not make, or may make only where it exists; without it the data is whole all the same. */
const dispensable = new Set([
  ...[
    'COMMENT',
    'EXTENSION',
    'PUBLICATION',
    'PUBLICATION TABLE',
    'SUBSCRIPTION',
    'EVENT TRIGGER',
    'PROCEDURAL LANGUAGE',
  ],
  ...['FOREIGN DATA WRAPPER', 'SERVER', 'USER MAPPING', 'CAST', 'STATISTICS', 'STATISTICS DATA'],
]);

/**
 * Restores a dump in custom format into an empty database, owners and privileges left out.
 * @throws the first failure, unless it is about something that the data can do without.
 */
export const restoreDump = async (options: RestoreDumpOptions): Promise<void> => {
  const { server, database, user, password, onWarning, signal } = options;
  const reader = new ArchiveReader(options.source);
  await reader.head();
  const entries = await reader.entries();
  const client = new pg.Client({ host: server.host, port: server.port, user, password, database });
  client.on('error', () => {}); // Cut off: the query that waits fails.
  await client.connect();
  const stop = () => void client.end();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await client.query(
      "SET synchronous_commit = off; SET maintenance_work_mem = '128MB'; SET check_function_bodies = false",
    );
    const run = (entry: TocEntry) => make(client, options, entry);
    for (const entry of entries.filter((one) => one.section <= sections.preData)) await run(entry);
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    for await (const block of reader.blocks()) {
      signal?.throwIfAborted();
      if (block.kind === 'large-object') await putLargeObject(client, block.oid, block.content);
      else await putRows(client, byId.get(block.id), block.content);
      options.onProgress?.(reader.bytesRead);
    }
    for (const entry of entries.filter((one) => one.section === sections.data && !one.hasData)) await run(entry);
    for (const entry of entries.filter((one) => one.section === sections.postData)) await run(entry);
    await client.query('ANALYZE').catch((error: Error) => onWarning(`ANALYZE: ${error.message}`));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await client.end().catch(() => {});
  }
};

const make = async (client: pg.Client, options: RestoreDumpOptions, entry: TocEntry): Promise<void> => {
  const { kind, create, tag } = entry;
  if (privileges.has(kind) && !options.privileges) return;
  if (skipped.has(kind) || !create?.trim() || (kind === 'SCHEMA' && tag === 'public')) return;
  if (kind === 'COMMENT' && /^(EXTENSION|SCHEMA public|DATABASE)/.test(tag)) return;
  try {
    if (kind === 'EXTENSION') await makeNamed(options, tag, create);
    else await client.query(create);
  } catch (error) {
    options.signal?.throwIfAborted();
    const message = `${kind} ${tag}: ${error instanceof Error ? error.message : String(error)}`;
    if (!dispensable.has(kind) && !privileges.has(kind))
      throw new ClusterError(`The dump could not be restored: ${message}`, { cause: error });
    options.onWarning(message);
  }
};

/** Made by the superuser, by its name alone: nothing else that stands in a dump runs with such rights. */
const makeNamed = async ({ server, database }: RestoreDumpOptions, name: string, create: string): Promise<void> => {
  const schema = /\bSCHEMA\s+("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)\s*;/.exec(create)?.[1];
  const place = schema === undefined || schema === 'pg_catalog' ? undefined : unquote(schema);
  await withSuperuser(server, database, (superuser) => makeExtension(superuser, name, place));
};

const unquote = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);

const putRows = async (
  client: pg.Client,
  entry: TocEntry | undefined,
  content: AsyncIterable<Buffer>,
): Promise<void> => {
  const statement = entry?.copy?.trim().replace(/;$/, '');
  // What it says is run as the user; that it begins as it should only makes the error clear.
  if (!statement || !/^COPY .* FROM stdin$/is.test(statement)) {
    throw new ClusterError('The dump could not be restored: it has rows that it does not say the table of.');
  }
  const table = /^COPY ((?:"(?:[^"]|"")+"|[\w$]+)\.(?:"(?:[^"]|"")+"|[\w$]+)) /i.exec(statement)?.[1];
  const isFresh = table !== undefined && (await isOwnAndEmpty(client, table));
  try {
    // Rows of a table that was emptied in the same transaction need not be written again once the transaction is known
    // to be over; with checksums that would go through the log once more.
    if (isFresh) await client.query(`BEGIN; TRUNCATE ONLY ${table}`);
    await copyIn(client, isFresh ? `${statement} WITH (FREEZE)` : statement, withoutEnd(content));
    if (isFresh) await client.query('COMMIT');
  } catch (error) {
    throw new ClusterError(
      `The dump could not be restored: rows of ${entry?.tag}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
};

/** Whether it is a table of the user's own that holds nothing yet; one of an extension may be filled in part. */
const isOwnAndEmpty = async (client: pg.Client, table: string): Promise<boolean> => {
  const { rowCount } = await client.query(
    `SELECT FROM pg_class c WHERE oid = to_regclass($1) AND relkind = 'r' AND relowner = current_user::regrole
      AND pg_relation_size(oid) = 0
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')`,
    [table],
  );
  return rowCount === 1;
};

const putLargeObject = async (client: pg.Client, oid: number, content: AsyncIterable<Buffer>): Promise<void> => {
  let at = 0;
  for await (const bytes of content) {
    await client.query('SELECT pg_catalog.lo_put($1, $2, $3)', [oid, at, bytes]);
    at += bytes.length;
  }
};
