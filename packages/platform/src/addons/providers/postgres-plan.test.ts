import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { AddOnId } from '../../domain/ids.ts';
import { locateBinaries } from '../../postgres/binaries.ts';
import { findCluster, removeCluster } from '../../postgres/cluster.ts';
import { ClusterTemplate } from '../../postgres/template.ts';
import { templatesFolder } from '../../postgres/testing/templates-folder.ts';
import { type Plan, resolvePlan } from '../catalogue.ts';
import type { Provisioned } from '../provider.ts';
import { PostgresProvider } from './postgres.ts';

const small = resolvePlan('heroku-postgresql:essential-0');
const large = resolvePlan('heroku-postgresql:standard-0');
const id = randomUUID() as AddOnId; // A fresh UUID is what an AddOnId is.
const firstPort = 30_700 + (process.pid % 250);
const troubles: string[] = [];
let root: string;
let provider: PostgresProvider;
let made: Provisioned;

const query = async (sql: string): Promise<unknown[][]> => {
  const client = new pg.Client({ connectionString: made.config.URL });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
};
const up = async (plan: Plan): Promise<void> => {
  while ((await provider.ensureRunning(id, made.resource, plan)).kind !== 'up') await sleep(20);
};
const limits = () =>
  query("SELECT rolconnlimit, current_setting('max_connections')::int FROM pg_roles WHERE rolname = current_user");

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-plan-'));
  await chmod(root, 0o755);
  const binaries = await locateBinaries(join(root, 'runtimes'));
  provider = new PostgresProvider({
    binaries,
    template: new ClusterTemplate(binaries, templatesFolder(root)),
    folder: join(root, 'addons'),
    ports: { from: firstPort, to: firstPort + 20 },
    onTrouble: (_id, reason) => troubles.push(reason),
  });
  made = await provider.provision({ id, name: 'postgresql-bold-1', plan: small }, new AbortController().signal);
  await query('CREATE TABLE books AS SELECT 1 AS n');
});

after(async () => {
  await provider.close();
  for (const name of await readdir(join(root, 'addons'))) await removeCluster(join(root, 'addons', name));
  await rm(root, { recursive: true, force: true });
});

test('a larger plan gives more connections, at the cost of one start of the server, and keeps the data', async () => {
  assert.deepEqual(await limits(), [[20, 25]]);
  await up(large);
  assert.deepEqual(await limits(), [[120, 125]]);
  assert.equal((await provider.info(id, made.resource)).connectionLimit, 120);
  assert.deepEqual(await query('SELECT n FROM books'), [[1]]);
  // And once is enough.
  const pid = await findCluster(join(root, 'addons', id));
  await up(large);
  assert.equal(await findCluster(join(root, 'addons', id)), pid);
});

test('a smaller plan takes connections away at once, and cuts nobody off', async () => {
  const pid = await findCluster(join(root, 'addons', id));
  await up(small);
  assert.deepEqual(await limits(), [[20, 125]]);
  assert.equal(await findCluster(join(root, 'addons', id)), pid);
});

test('a database that is larger than its plan goes on, and its owner is told once', async () => {
  const tiny = { ...small, sizeBytes: 1024 * 1024 };
  await up(tiny);
  await up(tiny);
  await provider.close();
  assert.deepEqual(troubles, []);
  // Sizes are looked at every few minutes; a provider that has just started looks at once.
  await up(tiny);
  await up(tiny);
  assert.equal(troubles.length, 1);
  assert.match(
    troubles[0] ?? '',
    /has \d+ MB, and its plan essential-0 has 1 MB\. Take a larger one with heroku addons:upgrade/,
  );
  await query('INSERT INTO books VALUES (2)');
});
