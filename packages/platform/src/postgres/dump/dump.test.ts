import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { locateBinaries } from '../binaries.ts';
import { type Cluster, openCluster, removeCluster } from '../cluster.ts';
import { withSuperuser } from '../superuser.ts';
import { ClusterTemplate } from '../template.ts';
import { templatesFolder } from '../testing/templates-folder.ts';
import { addOnSettings } from '../tuning.data.ts';
import { dumpDatabase } from './dump-database.ts';
import { restoreDump } from './restore-dump.ts';
import { contentOf, replaceContent } from './swap-database.ts';

const run = promisify(execFile);
const port = 24_900 + (process.pid % 90);
let root: string;
let cluster: Cluster;
let file: string;

const sql = (database: string, text: string): Promise<string[]> =>
  withSuperuser(cluster.superuser, database, async (client) => {
    // Of several statements there are as many results.
    const results = [await client.query({ text, rowMode: 'array' })].flat();
    return (results.at(-1)?.rows ?? []).map((row: unknown[]) => row.join('|'));
  });

/** Everything in it that a user can see, in a form that is equal for equal databases. */
const contents = async (database: string): Promise<string[]> => [
  ...(await sql(database, 'SELECT id, title, price, tags, at, upper FROM shop."Odd ""Books""" ORDER BY id')),
  ...(await sql(database, 'SELECT * FROM parts ORDER BY 1')),
  ...(await sql(database, "SELECT n, nextval('shop.counter') > 41 FROM shop.sums ORDER BY n")),
  ...(await sql(
    database,
    "SELECT conname FROM pg_constraint WHERE connamespace <> 'pg_catalog'::regnamespace AND contype <> 'n' AND conname !~ '^(cardinal|yes_or)' ORDER BY 1",
  )),
  ...(await sql(database, "SELECT indexname FROM pg_indexes WHERE schemaname IN ('public', 'shop') ORDER BY 1")),
  ...(await sql(database, "SELECT oid, encode(lo_get(oid), 'escape') FROM pg_largeobject_metadata")),
  ...(await sql(database, "SELECT shop.twice(21), extname FROM pg_extension WHERE extname = 'pgcrypto'")),
];

const bootstrap = [
  `CREATE ROLE alice LOGIN PASSWORD 'secret'`,
  'ALTER DATABASE app OWNER TO alice',
  'REVOKE ALL ON DATABASE app FROM PUBLIC',
];

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-dump-'));
  await chmod(root, 0o755);
  const binaries = await locateBinaries(join(root, 'runtimes'));
  const template = new ClusterTemplate(binaries, templatesFolder(root));
  const folder = join(root, 'db');
  const settings = addOnSettings(20);
  cluster = await openCluster({ binaries, template, folder, port, tcp: true, uid: 300_901, settings, bootstrap });
  await cluster.start();
  await sql('app', 'CREATE EXTENSION pgcrypto');
  await sql(
    'app',
    `SET ROLE alice; CREATE SCHEMA shop; CREATE TYPE shop.mood AS ENUM ('good', 'bad');
     CREATE SEQUENCE shop.counter START 40; SELECT nextval('shop.counter'), nextval('shop.counter');
     CREATE TABLE shop."Odd ""Books""" (id serial PRIMARY KEY, title text NOT NULL UNIQUE, price numeric, tags text[], at timestamptz,
       upper text GENERATED ALWAYS AS (upper(title)) STORED, mood shop.mood DEFAULT 'good');
     INSERT INTO shop."Odd ""Books""" (title, price, tags, at) VALUES ('a\ttab, \\\\. and a "quote"', 9.99, '{x,"y z"}', '2026-01-02 03:04:05.678+00'), ('Zeile\nzwei', NULL, NULL, NULL), ('\\.', 1, '{}', NULL), ('é漢字😀', 3, NULL, NULL);
     CREATE TABLE parts (id int, day date) PARTITION BY RANGE (id); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
     INSERT INTO parts SELECT n, '2026-01-01' FROM generate_series(1, 50) n; CREATE INDEX parts_day ON parts (day);
     CREATE TABLE refs (book int REFERENCES shop."Odd ""Books"""(id)); INSERT INTO refs VALUES (1); CREATE TABLE empty ();
     CREATE FUNCTION shop.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2';
     CREATE MATERIALIZED VIEW shop.sums AS SELECT count(*) AS n FROM shop."Odd ""Books""";
     SELECT lo_from_bytea(70001, 'large object');`,
  );
  file = join(root, 'a.dump');
});

after(async () => {
  await removeCluster(join(root, 'db'));
  await rm(root, { recursive: true, force: true });
});

const options = (database: string, source: AsyncIterable<Buffer>, warnings: string[] = []) => ({
  server: cluster.superuser,
  database,
  user: 'alice',
  password: 'secret',
  source,
  onWarning: (message: string) => void warnings.push(message),
});

test("a dump is one that Debian's pg_restore lists and restores to equal contents", async () => {
  await dumpDatabase({ server: cluster.superuser, database: 'app', path: file });
  const { stdout } = await run('pg_restore', ['--list', file]);
  assert.match(stdout, /TABLE DATA shop Odd "Books" alice/);
  await sql('postgres', 'CREATE DATABASE by_pg_restore OWNER alice TEMPLATE template0');
  await sql('by_pg_restore', 'CREATE EXTENSION pgcrypto');
  const target = `postgres://alice:secret@localhost:${port}/by_pg_restore`;
  for (const section of ['pre-data', 'data', 'post-data']) {
    await run('pg_restore', [
      '--no-owner',
      '--no-acl',
      '-e',
      '--section',
      section,
      '-L',
      await listed(stdout),
      '-d',
      target,
      file,
    ]);
  }
  assert.deepEqual(await contents('by_pg_restore'), await contents('app'));
  const { stdout: again } = await run('pg_restore', ['-f', '-', '-a', '-j', '1', '-t', 'parts_1', file]);
  assert.equal(again.split('\n').filter((line) => line.endsWith('2026-01-01')).length, 50);
});

/** Without what only a superuser may do, and public, which is there. */
const listed = async (list: string): Promise<string> => {
  const path = join(root, 'list');
  await writeFile(
    path,
    list
      .split('\n')
      .filter((line) => !/ EXTENSION | SCHEMA - public/.test(line))
      .join('\n'),
  );
  return path;
};

test('a dump is restored beside the living database and takes its place at once; its clients are cut off then', async () => {
  await sql('app', 'CREATE TABLE later ()');
  const warnings: string[] = [];
  const swap = { server: cluster.superuser, database: 'app', owner: 'alice', mark: 'transfer 1' };
  await withSuperuser(cluster.superuser, 'app', async (client) => {
    await replaceContent(swap, async (database) => {
      await restoreDump(options(database, createReadStream(file), warnings));
      await client.query('SELECT 1 FROM later');
    });
    await assert.rejects(client.query('SELECT 1'));
  });
  assert.deepEqual(warnings, []);
  assert.equal(await contentOf(cluster.superuser, 'app'), 'transfer 1');
  assert.deepEqual(await sql('app', "SELECT 1 FROM pg_class WHERE relname = 'later'"), []);
  assert.deepEqual(await contents('app'), await contents('by_pg_restore'));
  assert.deepEqual(await sql('postgres', "SELECT datname FROM pg_database WHERE datname ~ '^app_'"), []);
  const rewrittenLater = await sql(
    'app',
    "SELECT relname FROM pg_class WHERE relowner = 'alice'::regrole AND relkind = 'r' AND relallvisible < relpages",
  );
  assert.deepEqual(rewrittenLater, []);
});

test('a dump that is cut short or of another kind leaves the database as it was, with a clear reason', async () => {
  const bytes = await readFile(file);
  const bad: [Buffer, RegExp][] = [
    [bytes.subarray(0, bytes.length - 200), /ends too early|end of file/],
    [Buffer.from('-- a text dump\n'), /Expected a dump in pg_dump's custom format/],
    [Buffer.concat([Buffer.from('PGDMP'), Buffer.of(1, 99, 0)]), /Expected a dump of format 1.12 to 1.16, got 1.99/],
  ];
  const swap = { server: cluster.superuser, database: 'app', owner: 'alice', mark: 'never' };
  for (const [content, reason] of bad) {
    const restored = replaceContent(swap, (database) => restoreDump(options(database, Readable.from([content]))));
    await assert.rejects(restored, reason);
  }
  assert.equal(await contentOf(cluster.superuser, 'app'), 'transfer 1');
  assert.deepEqual(await contents('app'), await contents('by_pg_restore'));
});

test("what a dump says runs with its user's rights only", async () => {
  const evil = join(root, 'evil.dump');
  await sql('app', 'CREATE TABLE audit (who text)');
  await dumpDatabase({ server: cluster.superuser, database: 'app', path: evil });
  // The archive holds "CREATE TABLE public.audit (…)"; a statement of the same length takes its place.
  const bytes = await readFile(evil);
  const at = bytes.indexOf('CREATE TABLE public.audit');
  const length = bytes.indexOf(');\n', at) + 3 - at;
  bytes.write("RESET ROLE;COPY(SELECT 1)TO'/tmp/x'".padEnd(length), at);
  await assert.rejects(
    replaceContent({ server: cluster.superuser, database: 'app', owner: 'alice', mark: 'never' }, (database) =>
      restoreDump(options(database, Readable.from([bytes]))),
    ),
    /permission denied/,
  );
});

test('a dump that is stopped leaves no file', async () => {
  const stopped = dumpDatabase({
    server: cluster.superuser,
    database: 'app',
    path: join(root, 'b.dump'),
    signal: AbortSignal.timeout(1),
  });
  await assert.rejects(stopped);
  assert.deepEqual(
    (await readdir(root)).filter((name) => name.startsWith('b.dump')),
    [],
  );
});
