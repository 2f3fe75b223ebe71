import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import type { AddOnId } from '../../domain/ids.ts';
import { locateBinaries } from '../../postgres/binaries.ts';
import { removeCluster } from '../../postgres/cluster.ts';
import { openedExtensions } from '../../postgres/opened-extensions.data.ts';
import { ClusterTemplate } from '../../postgres/template.ts';
import { templatesFolder } from '../../postgres/testing/templates-folder.ts';
import { resolvePlan } from '../catalogue.ts';
import type { Provisioned } from '../provider.ts';
import { PostgresProvider } from './postgres.ts';

const id = randomUUID() as AddOnId; // A fresh UUID is what an AddOnId is.
const firstPort = 30_400 + (process.pid % 250);
let root: string;
let provider: PostgresProvider;
let made: Provisioned;
let client: pg.Client;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-extensions-'));
  await chmod(root, 0o755);
  const binaries = await locateBinaries(join(root, 'runtimes'));
  provider = new PostgresProvider({
    binaries,
    template: new ClusterTemplate(binaries, templatesFolder(root)),
    folder: join(root, 'addons'),
    ports: { from: firstPort, to: firstPort + 20 },
  });
  const plan = resolvePlan('heroku-postgresql:essential-0');
  made = await provider.provision({ id, name: 'postgresql-bold-1', plan }, new AbortController().signal);
  client = new pg.Client({ connectionString: made.config.URL });
  client.on('error', () => {}); // Cut off when its server is removed.
  await client.connect();
});

after(async () => {
  await client.end();
  await provider.close();
  for (const name of await readdir(join(root, 'addons'))) await removeCluster(join(root, 'addons', name));
  await rm(root, { recursive: true, force: true });
});

const ask = async (sql: string): Promise<unknown[][]> => (await client.query({ text: sql, rowMode: 'array' })).rows;

test("every extension on the list can be made by the database's own role, in plain SQL, and removed again", async () => {
  const [[listed] = []] = await ask("SELECT current_setting('extwlist.extensions')");
  assert.deepEqual(await ask("SELECT current_setting('rds.allowed_extensions')"), [[listed]]);
  const names = String(listed).split(',');
  for (const name of Object.keys(openedExtensions)) assert.ok(names.includes(name), name);
  const makes = names.filter((name) => name !== 'plpgsql');
  for (const name of makes) await client.query(`CREATE EXTENSION "${name}" CASCADE`).catch(told(name));
  const there = (await ask('SELECT extname FROM pg_extension ORDER BY 1')).flat();
  assert.deepEqual(there, names.toSorted());
  for (const name of makes) await client.query(`DROP EXTENSION IF EXISTS "${name}" CASCADE`);
});

/** What failed is of more use with the name of what it was about. */
const told = (name: string) => (cause: unknown) => {
  if (!String(cause).includes('already exists')) throw new Error(name, { cause });
};

test('pg:outliers and pg:calls work with the statements that the heroku CLI sends, and so does their reset', async () => {
  await client.query('CREATE EXTENSION pg_stat_statements');
  await client.query('SELECT 41 + $1::int AS answer', [1]);
  const schema = await ask(
    "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'",
  );
  const rows = await ask(`SELECT interval '1 millisecond' * total_exec_time AS total_exec_time,
    to_char((total_exec_time/sum(total_exec_time) OVER()) * 100, 'FM90D0') || '%'  AS prop_exec_time,
    to_char(calls, 'FM999G999G999G990') AS ncalls,
    interval '1 millisecond' * (shared_blk_read_time + shared_blk_write_time) AS sync_io_time, query AS query
    FROM ${String(schema[0]?.[0])}.pg_stat_statements
    WHERE userid = (SELECT usesysid FROM pg_user WHERE usename = current_user LIMIT 1) ORDER BY calls DESC`);
  assert.ok(rows.some((row) => String(row[4]).includes('AS answer')));
  for (const reset of ['_heroku.pg_stat_statements_reset()', 'public.pg_stat_statements_reset()']) {
    await client.query('SELECT 41 + $1::int AS answer', [1]);
    await client.query(`SELECT ${reset}`);
    assert.deepEqual(await ask("SELECT 1 FROM pg_stat_statements WHERE query LIKE '%AS answer'"), []);
  }
});

test('indexes are checked by whoever owns the database', async () => {
  await client.query('CREATE EXTENSION amcheck; CREATE EXTENSION pgstattuple; CREATE TABLE keyed (n int PRIMARY KEY)');
  await client.query(
    "SELECT bt_index_parent_check('keyed_pkey', true), gin_index_check(i) FROM (SELECT 1) one LEFT JOIN (SELECT NULL::regclass AS i) none ON false",
  );
  assert.deepEqual(await ask("SELECT count(*)::int FROM verify_heapam('keyed')"), [[0]]);
  assert.deepEqual(await ask("SELECT tuple_count::int FROM pgstattuple('keyed')"), [[0]]);
});

test('postgres_fdw reaches what has a password, and never the superuser over the socket', async () => {
  const { port, user, database } = made.resource;
  const password = new URL(made.config.URL ?? '').password;
  await client.query('CREATE EXTENSION postgres_fdw; CREATE TABLE far AS SELECT 7 AS n');
  const connectTo = async (host: string, options: string) => {
    await client.query(`DROP SERVER IF EXISTS away CASCADE;
      CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${host}', port '${port}', dbname '${database}');
      CREATE USER MAPPING FOR CURRENT_USER SERVER away OPTIONS (${options});
      CREATE FOREIGN TABLE near (n int) SERVER away OPTIONS (schema_name 'public', table_name 'far')`);
    return ask('SELECT n FROM near');
  };
  assert.deepEqual(await connectTo('localhost', `user '${user}', password '${password}'`), [[7]]);
  const { host } = provider.running(id, made.resource).server;
  await assert.rejects(connectTo(host, "user 'postgres'"), /password/);
  await assert.rejects(
    connectTo(host, "user 'postgres', password 'x'"),
    /password|authentication failed|could not connect/,
  );
  await assert.rejects(
    client.query("ALTER USER MAPPING FOR CURRENT_USER SERVER away OPTIONS (ADD password_required 'false')"),
    /superuser/,
  );
});

test('an extension that leads out of the database stays closed', async () => {
  await client.query('CREATE EXTENSION cube');
  for (const name of ['file_fdw', 'dblink', 'earthdistance', 'pg_surgery', 'plpython3u']) {
    await assert.rejects(client.query(`CREATE EXTENSION ${name}`), /permission denied/, name);
  }
});
