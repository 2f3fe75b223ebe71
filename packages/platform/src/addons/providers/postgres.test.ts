import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import type { AddOnId } from '../../domain/ids.ts';
import { locateBinaries } from '../../postgres/binaries.ts';
import { findCluster, removeCluster } from '../../postgres/cluster.ts';
import { ClusterTemplate } from '../../postgres/template.ts';
import { templatesFolder } from '../../postgres/testing/templates-folder.ts';
import { resolvePlan } from '../catalogue.ts';
import type { Provisioned } from '../provider.ts';
import { PostgresProvider, type PostgresProviderOptions } from './postgres.ts';

const plan = resolvePlan('heroku-postgresql:essential-0');
const never = new AbortController().signal;
const firstPort = 25_000 + (process.pid % 5_000);
let root: string;
let options: PostgresProviderOptions;
let provider: PostgresProvider;
let id: AddOnId;
let made: Provisioned;

const newId = () => randomUUID() as AddOnId; // A fresh UUID is what an AddOnId is.
const provision = (of: PostgresProvider, which: AddOnId, signal = never) =>
  of.provision({ id: which, name: 'postgresql-curved-34718', plan }, signal);

const query = async (url: string | undefined, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // Cut off by a stop that the test asked for.
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-addons-'));
  await chmod(root, 0o755);
  const binaries = await locateBinaries(join(root, 'runtimes'));
  const template = new ClusterTemplate(binaries, templatesFolder(root));
  options = { binaries, template, folder: join(root, 'addons'), ports: { from: firstPort, to: firstPort + 50 } };
  provider = new PostgresProvider(options);
  id = newId();
  made = await provision(provider, id);
});

after(async () => {
  await provider.close();
  for (const name of await readdir(join(root, 'addons'))) await removeCluster(join(root, 'addons', name));
  await rm(root, { recursive: true, force: true });
});

test('a database is reached by its URL from psql and from a client, and its user may create tables', async () => {
  const { stdout } = await promisify(execFile)('psql', [made.config.URL ?? '', '-Atc', 'SELECT current_user']);
  assert.equal(stdout.trim(), made.resource.user);
  await query(made.config.URL, 'CREATE TABLE books AS SELECT 1 AS id');
  await query(made.config.URL, 'CREATE EXTENSION pgcrypto');
  assert.deepEqual(await query(made.config.URL, 'SELECT * FROM books'), [{ id: 1 }]);
});

test('the URL has the shape that the heroku CLI and database libraries expect', () => {
  assert.match(made.config.URL ?? '', /^postgres:\/\/u[a-z0-9]{14}:p[0-9a-f]{64}@127\.0\.0\.1:\d+\/d[a-z0-9]{14}$/);
});

test("a customer's role is no superuser, can't read the server's files and sees no other database", async () => {
  const [role] = await query(made.config.URL, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user');
  assert.equal(role?.rolsuper, false);
  await assert.rejects(query(made.config.URL, "SELECT pg_read_file('/etc/passwd')"), /permission denied/);
  await assert.rejects(query(made.config.URL, "COPY (SELECT 1) TO PROGRAM 'true'"), /permission denied/);
  await assert.rejects(query(made.config.URL?.replace(/[^/]+$/, 'postgres'), 'SELECT 1'), /permission denied/);
});

test('a wrong password is refused, and nothing on disk holds the right one', async () => {
  await assert.rejects(query(made.config.URL?.replace(/:p\w+@/, ':guess@'), 'SELECT 1'), /authentication failed/);
  const password = /:(p\w+)@/.exec(made.config.URL ?? '')?.[1] ?? '';
  for (const name of ['allocation.json', 'server.log']) {
    assert.ok(!(await readFile(join(root, 'addons', id, name), 'utf8')).includes(password));
  }
  assert.ok(!JSON.stringify(made.resource).includes(password));
});

test('data is closed to other users of the machine', async () => {
  assert.equal((await stat(join(root, 'addons', id, 'data'))).mode & 0o077, 0);
});

test("the plan's limit of connections holds", async () => {
  const clients = Array.from({ length: plan.connections }, () => new pg.Client({ connectionString: made.config.URL }));
  try {
    await Promise.all(clients.map((client) => client.connect()));
    await assert.rejects(query(made.config.URL, 'SELECT 1'), /too many connections/);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
});

test('info tells version, size and use', async () => {
  const info = await provider.info(id, made.resource);
  assert.match(info.version, /^18\./);
  assert.ok(info.sizeBytes > 1_000_000);
  assert.equal(info.connectionLimit, plan.connections);
});

test('another provider adopts the running database with the same pid', async () => {
  const pid = await findCluster(join(root, 'addons', id));
  await using other = new PostgresProvider(options);
  await other.ensureRunning(id, made.resource, plan);
  while ((await other.ensureRunning(id, made.resource, plan)).kind === 'starting') {
    await new Promise<void>((resolve) => {
      const stop = other.onChange(() => {
        stop();
        resolve();
      });
    });
  }
  assert.deepEqual(await other.ensureRunning(id, made.resource, plan), { kind: 'up' });
  assert.equal(await findCluster(join(root, 'addons', id)), pid);
});

test('provisioning repeated after an answer got lost keeps the data and gives a password that works', async () => {
  const again = await provision(provider, id);
  assert.equal(again.resource.port, made.resource.port);
  assert.deepEqual(await query(again.config.URL, 'SELECT * FROM books'), [{ id: 1 }]);
  await assert.rejects(query(made.config.URL, 'SELECT 1'), /authentication failed/);
  made = again;
});

test('provisioning that is interrupted at any moment is finished when repeated', async () => {
  const which = newId();
  for (const afterMs of [5, 60, 120, 240, 480]) {
    const end = AbortSignal.timeout(afterMs);
    await provision(provider, which, end).catch(() => {});
  }
  const finished = await provision(provider, which);
  assert.deepEqual(await query(finished.config.URL, 'SELECT 1 AS one'), [{ one: 1 }]);
  assert.notEqual(finished.resource.port, made.resource.port);
  assert.notEqual(finished.resource.uid, made.resource.uid);
  await provider.deprovision(which);
  await assert.rejects(stat(join(root, 'addons', which)), /ENOENT/);
  await assert.rejects(query(finished.config.URL, 'SELECT 1'), /ECONNREFUSED/);
  await provider.deprovision(which);
});

test('a database whose port somebody else took is down with that reason, and comes back when it is free', async () => {
  await provider.stopAll();
  const intruder = createServer().listen(Number(made.resource.port), '127.0.0.1');
  await once(intruder, 'listening');
  await provider.ensureRunning(id, made.resource, plan);
  const down = await settledHealth();
  assert.ok(
    down.kind === 'down' && /did not start: .*port \d+ is in use by another program/.test(down.reason),
    JSON.stringify(down),
  );
  intruder.close();
  await once(intruder, 'close');
  while ((await provider.ensureRunning(id, made.resource, plan)).kind !== 'up') await healthChange();
  assert.deepEqual(await query(made.config.URL, 'SELECT * FROM books'), [{ id: 1 }]);
});

test('a database whose files are gone is down and says so; no empty one takes its place', async () => {
  await provider.stopAll();
  const data = join(root, 'addons', id, 'data');
  await rename(data, `${data}.away`);
  const health = await provider.ensureRunning(id, made.resource, plan);
  assert.ok(health.kind === 'down' && /there is none/.test(health.reason));
  await rename(`${data}.away`, data);
  await provider.ensureRunning(id, made.resource, plan);
  assert.equal((await settledHealth()).kind, 'up');
});

test('a fork has the rows that were there at a moment, under a role and a URL of its own, and the source is left alone', async () => {
  const archivist = provider.archivistOf(id);
  while ((await archivist.backups.list()).length === 0) await archivist.baseBackup();
  await query(made.config.URL, 'CREATE TABLE moments AS SELECT 1 AS n');
  const [row] = await query(
    made.config.URL,
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000 + 10)::float8 AS at, pg_sleep(0.02)',
  );
  await query(made.config.URL, 'INSERT INTO moments VALUES (2)');
  const request = (options: Record<string, string>) => ({
    id: newId(),
    name: 'postgresql-forked-10000',
    plan,
    options,
  });
  const past = request({ from: id, until: new Date(Number(row?.at)).toISOString() });
  const fork = await provider.provision(past, never);
  assert.deepEqual(await query(fork.config.URL, 'SELECT n FROM moments'), [{ n: 1 }]);
  await query(fork.config.URL, 'INSERT INTO moments VALUES (99)');
  assert.notEqual(fork.resource.user, made.resource.user);
  const latest = request({ from: id });
  const whole = await provider.provision(latest, never);
  assert.deepEqual(await query(whole.config.URL, 'SELECT n FROM moments ORDER BY n'), [{ n: 1 }, { n: 2 }]);
  assert.deepEqual(await query(made.config.URL, 'SELECT n FROM moments ORDER BY n'), [{ n: 1 }, { n: 2 }]);
  await assert.rejects(
    query(whole.config.URL?.replace(/:p\w+@/, made.config.URL?.match(/:p\w+@/)?.[0] ?? ''), 'SELECT 1'),
  );
  for (const gone of [past.id, latest.id]) await provider.deprovision(gone);
});

const healthChange = () =>
  new Promise<void>((resolve) => {
    const stop = provider.onChange(() => {
      stop();
      resolve();
    });
  });

const settledHealth = async () => {
  for (;;) {
    const health = await provider.ensureRunning(id, made.resource, plan);
    if (health.kind !== 'starting') return health;
    await healthChange();
  }
};
