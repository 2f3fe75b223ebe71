import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { AddOnId } from '../../domain/ids.ts';
import { locateBinaries, type PostgresBinaries } from '../../postgres/binaries.ts';
import { openCluster, removeCluster } from '../../postgres/cluster.ts';
import { runProgram } from '../../postgres/run-program.ts';
import { withSuperuser } from '../../postgres/superuser.ts';
import { ClusterTemplate } from '../../postgres/template.ts';
import { templatesFolder } from '../../postgres/testing/templates-folder.ts';
import { makerOfClusters } from '../../postgres/unprivileged.ts';
import { findOlderServer, olderSettings } from '../../postgres/upgrade/older-server.ts';
import { resolvePlan } from '../catalogue.ts';
import type { Provisioned } from '../provider.ts';
import { PostgresProvider } from './postgres.ts';
import { bootstrap } from './postgres-roles.ts';

/** Of Debian's package postgresql-15, which `npm test` sees to; the only older server that a machine of ours is likely to have. */
const older = '15';
const plan = resolvePlan('heroku-postgresql:essential-0');
const id = randomUUID() as AddOnId; // A fresh UUID is what an AddOnId is.
const firstPort = 31_000 + (process.pid % 250);
let root: string;
let binaries: PostgresBinaries;
let provider: PostgresProvider;
let made: Provisioned;

const open = () =>
  new PostgresProvider({
    binaries,
    template: new ClusterTemplate(binaries, templatesFolder(root)),
    folder: join(root, 'addons'),
    ports: { from: firstPort, to: firstPort + 20 },
  });
const query = async (sql: string, url = made.config.URL): Promise<unknown[][]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
};
const as = (user: string, password: string): string => {
  const url = new URL(made.config.URL ?? '');
  [url.username, url.password] = [user, password];
  return url.href;
};
const upgraded = async () => {
  for (;;) {
    const state = provider.upgradeState(id);
    if (state.kind !== 'running') return state;
    await sleep(50);
  }
};

/** Puts a cluster that the older version has made in the place of the one that is there. */
const putOlder = async (folder: string): Promise<void> => {
  const server = await findOlderServer(older, binaries);
  const data = join(folder, 'data');
  await rm(data, { recursive: true });
  const runAs = await makerOfClusters();
  await mkdir(data, { mode: 0o700 });
  const own = (to: string) => runProgram('chown', ['-R', to, data]);
  if (runAs) await own(`${runAs.uid}:${runAs.gid}`);
  const how = ['--username=postgres', '--encoding=UTF8', '--locale=C', '--wal-segsize=1', '-D', data];
  await runProgram(server.initdb, how, { ...(runAs && { runAs }), cwd: data });
  const { uid, user, database, port } = made.resource as { uid: number; user: string; database: string; port: number };
  if (runAs) await own(`${uid}:${uid}`);
  const template = new ClusterTemplate(binaries, templatesFolder(root));
  const cluster = await openCluster({
    ...{ binaries: server, template, folder, port, tcp: false, uid, settings: olderSettings },
  });
  await cluster.start();
  await withSuperuser(cluster.superuser, 'postgres', async (client) => {
    await client.query('CREATE DATABASE app');
    for (const statement of bootstrap({ port, uid, user, database }, 20)) await client.query(statement);
    await client.query(`ALTER ROLE ${user} PASSWORD 'kept'; ALTER ROLE ${user} SET work_mem = '5MB'`);
    await client.query(`CREATE ROLE reports LOGIN PASSWORD 'read'; GRANT reports TO ${user} WITH ADMIN OPTION`);
    await client.query(`GRANT CONNECT ON DATABASE ${database} TO reports`);
  });
  await withSuperuser(cluster.superuser, database, async (client) => {
    await client.query(`SET ROLE ${user}; CREATE EXTENSION pg_trgm;
      CREATE TABLE books (n serial PRIMARY KEY, title text);
      INSERT INTO books (title) SELECT 'book ' || n FROM generate_series(1, 1000) n;
      CREATE INDEX ON books USING gin (title gin_trgm_ops);
      GRANT SELECT ON books TO reports`);
  });
  await cluster.stop();
};

before(async () => {
  if (!existsSync(`/usr/lib/postgresql/${older}/bin/postgres`)) {
    throw new Error(
      `a server of version ${older} is needed; install it, on Debian: apt-get install postgresql-${older}`,
    );
  }
  root = await mkdtemp(join(tmpdir(), 'ravine-upgrade-'));
  await chmod(root, 0o755);
  binaries = await locateBinaries(join(root, 'runtimes'));
  provider = open();
  made = await provider.provision({ id, name: 'postgresql-old-1', plan }, new AbortController().signal);
  await provider.stopAll();
  await putOlder(join(root, 'addons', id));
  made = { ...made, config: { URL: as(String(made.resource.user), 'kept') } };
});

after(async () => {
  await provider.close();
  for (const name of await readdir(join(root, 'addons')).catch(() => []))
    await removeCluster(join(root, 'addons', name));
  await rm(root, { recursive: true, force: true });
});

test('a database of an older version is not started, and its reason says what to do', async () => {
  const health = await provider.ensureRunning(id, made.resource, plan);
  assert.match(health.kind === 'down' ? health.reason : health.kind, /PostgreSQL 15.* heroku pg:upgrade:run/);
  assert.equal(await provider.olderVersion(id), older);
});

test('an upgrade that fails leaves the database as it was', async () => {
  const blocker = join(root, 'addons', id, 'upgrade');
  await provider.upgrade(id, { ...made.resource }, { ...plan, connections: -100 });
  const state = await upgraded();
  assert.equal(state.kind, 'failed');
  assert.equal(await provider.olderVersion(id), older);
  assert.equal(existsSync(blocker), false);
});

test('an upgrade brings rows, indexes, passwords, grants and settings over, and keeps the old files', async () => {
  await provider.upgrade(id, made.resource, plan);
  assert.deepEqual(await provider.ensureRunning(id, made.resource, plan), { kind: 'starting' });
  assert.deepEqual(await upgraded(), { kind: 'done', warnings: [] });
  while ((await provider.ensureRunning(id, made.resource, plan)).kind !== 'up') await sleep(20);
  assert.match((await provider.info(id, made.resource)).version, /^18\./);
  assert.deepEqual(await query("SELECT count(*)::int FROM books WHERE title LIKE 'book%'"), [[1000]]);
  assert.deepEqual(await query('INSERT INTO books (title) VALUES (DEFAULT) RETURNING n'), [[1001]]);
  assert.deepEqual(await query('SHOW work_mem'), [['5MB']]);
  assert.deepEqual(await query('SELECT count(*)::int FROM books', as('reports', 'read')), [[1001]]);
  const former = join(root, 'addons', id, 'before-upgrade', 'data', 'PG_VERSION');
  assert.equal((await readFile(former, 'utf8')).trim(), older);
  while ((await provider.backupFacts(id)).lastBase === undefined) await sleep(50);
});

test('an upgrade that is killed between two names is finished at the next start', async () => {
  await provider.stopAll();
  await provider.close();
  const folder = join(root, 'addons', id);
  // As it is once it has been decided and the old data has got its other name.
  await mkdir(join(folder, 'upgrade'));
  await rename(join(folder, 'data'), join(folder, 'upgrade', 'data'));
  await writeFile(join(folder, 'upgrade', 'ready'), '');
  provider = open();
  while ((await provider.ensureRunning(id, made.resource, plan)).kind !== 'up') await sleep(20);
  assert.deepEqual(await query('SELECT count(*)::int FROM books'), [[1001]]);
  assert.equal(existsSync(join(folder, 'upgrade')), false);
});
