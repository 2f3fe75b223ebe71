import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { AddOnId } from '../../domain/ids.ts';
import { locateBinaries } from '../../postgres/binaries.ts';
import { removeCluster } from '../../postgres/cluster.ts';
import { ClusterTemplate } from '../../postgres/template.ts';
import { templatesFolder } from '../../postgres/testing/templates-folder.ts';
import { resolvePlan } from '../catalogue.ts';
import type { AddOnOptions, Provisioned } from '../provider.ts';
import { PostgresProvider } from './postgres.ts';

const plan = resolvePlan('heroku-postgresql:essential-0');
const never = new AbortController().signal;
const firstPort = 30_100 + (process.pid % 250);
let root: string;
let provider: PostgresProvider;
let id: AddOnId;
let made: Provisioned;
const troubles: string[] = [];

const newId = () => randomUUID() as AddOnId; // A fresh UUID is what an AddOnId is.
const provision = (which: AddOnId, options: AddOnOptions = {}) =>
  provider.provision({ id: which, name: 'postgresql-curved-1', plan, options }, never);
const query = async (of: Provisioned, sql: string): Promise<string> => {
  const client = new pg.Client({ connectionString: of.config.URL });
  client.on('error', () => {}); // Cut off by a stop that the test asked for.
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows.map((row: unknown[]) => row.join('|')).join(',');
  } finally {
    await client.end();
  }
};
const open = async () => {
  const binaries = await locateBinaries(join(root, 'runtimes'));
  return new PostgresProvider({
    binaries,
    template: new ClusterTemplate(binaries, templatesFolder(root)),
    folder: join(root, 'addons'),
    ports: { from: firstPort, to: firstPort + 50 },
    onTrouble: (_id, reason) => troubles.push(reason),
  });
};
const up = async (): Promise<void> => {
  while ((await provider.ensureRunning(id, made.resource, plan)).kind !== 'up') await sleep(20);
};

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-pg-damage-'));
  await chmod(root, 0o755);
  provider = await open();
  id = newId();
  made = await provision(id);
  await query(made, 'CREATE TABLE books AS SELECT 1 AS n');
  while ((await provider.backupFacts(id)).lastBase === undefined) await sleep(50);
});

after(async () => {
  await provider.close();
  for (const name of await readdir(join(root, 'addons'))) await removeCluster(join(root, 'addons', name));
  await rm(root, { recursive: true, force: true });
});

test('a fork is not made while the log can not be archived, and holds what was committed last once it can', async () => {
  const inbox = join(root, 'addons', id, 'wal');
  const { mode } = await stat(inbox);
  await chmod(inbox, 0o500);
  await query(made, 'INSERT INTO books VALUES (2)');
  const fork = newId();
  await assert.rejects(provision(fork, { from: id }), /could not archive its log just now; is the disk full\?/);
  await chmod(inbox, mode & 0o777);
  const forked = await provision(fork, { from: id });
  assert.equal(await query(forked, 'SELECT n FROM books ORDER BY n'), '1,2');
  await provider.deprovision(fork);
});

test('a database that does not run is not forked as it was some time ago, but can be had back at a moment before', async () => {
  const moment = await query(made, 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 1');
  await query(made, 'SELECT pg_sleep(0.02)');
  await query(made, 'INSERT INTO books VALUES (3)');
  await provider.stopAll();
  const fork = newId();
  await assert.rejects(provision(fork, { from: id }), /not running now, so its last changes are not in its backups/);
  const late = new Date(Date.now() + 60_000).toISOString();
  await assert.rejects(provision(fork, { from: id, until: late }), /nothing is archived after 20/);
  const until = new Date(Number(moment)).toISOString();
  const forked = await provision(fork, { from: id, until });
  assert.equal(await query(forked, 'SELECT n FROM books ORDER BY n'), '1,2');
  await provider.deprovision(fork);
  await up();
});

test("a damaged allocation stops neither its own database nor others, and its user's files become nobody else's", async () => {
  await provider.close();
  const file = join(root, 'addons', id, 'allocation.json');
  const before = JSON.parse(await readFile(file, 'utf8')) as { uid: number; port: number }; // its provider's own file
  await writeFile(file, '{"port": ');
  provider = await open();
  const other = newId();
  const another = await provision(other);
  assert.notEqual(another.resource.uid, before.uid);
  assert.notEqual(another.resource.port, before.port);
  assert.match(troubles.join(), /allocation\.json could not be read, and was set aside/);
  await up();
  assert.equal(await query(made, 'SELECT count(*) FROM books'), '3');
  const { connections: _, ...allocation } = made.resource;
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), allocation);
  await provider.deprovision(other);
});
