import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { locateBinaries } from '../../postgres/binaries.ts';
import { openCluster, removeCluster } from '../../postgres/cluster.ts';
import { ClusterTemplate } from '../../postgres/template.ts';
import { templatesFolder } from '../../postgres/testing/templates-folder.ts';
import { addOnSettings } from '../../postgres/tuning.data.ts';
import { type RunningDatabase, resetContent, setPassword } from './postgres-content.ts';
import {
  disconnectRole,
  isCredentialName,
  putCredential,
  removeCredential,
  repairDefault,
} from './postgres-credentials.ts';
import { bootstrap } from './postgres-roles.ts';

const own = { port: 5433, uid: 300_903, user: 'ubold', database: 'dbold' };
let root: string;
let target: RunningDatabase;

const as = async (user: string, password: string, ...statements: readonly string[]): Promise<unknown[]> => {
  const { host, port } = target.server;
  const client = new pg.Client({ host, port, user, password, database: own.database });
  client.on('error', () => {}); // Cut off by what a test asked for.
  await client.connect();
  try {
    let last: unknown[] = [];
    for (const statement of statements) last = (await client.query({ text: statement, rowMode: 'array' })).rows.flat();
    return last;
  } finally {
    await client.end();
  }
};
const owner = (...statements: readonly string[]) => as(own.user, 'first', ...statements);
const put = (password: string) => putCredential(target, { name: 'reports', password, connections: 2 });

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-credentials-'));
  await chmod(root, 0o755);
  const binaries = await locateBinaries(join(root, 'runtimes'));
  const cluster = await openCluster({
    ...{ binaries, template: new ClusterTemplate(binaries, templatesFolder(root)), folder: join(root, 'db') },
    ...{ port: own.port, tcp: false, uid: own.uid, settings: addOnSettings(20), bootstrap: bootstrap(own, 20) },
  });
  await cluster.start();
  target = { server: cluster.superuser, user: own.user, database: own.database };
  await setPassword(target, 'first');
  await owner('CREATE TABLE books AS SELECT 1 AS id');
});

after(async () => {
  await removeCluster(join(root, 'db'));
  await rm(root, { recursive: true, force: true });
});

test('a credential may connect, and read what the owner grants, and no more', async () => {
  await put('one');
  await assert.rejects(as('reports', 'one', 'SELECT * FROM books'), /permission denied/);
  await owner('GRANT SELECT ON books TO reports');
  assert.deepEqual(await as('reports', 'one', 'SELECT * FROM books'), [1]);
  await assert.rejects(as('reports', 'one', 'CREATE TABLE more ()'), /permission denied/);
});

test('made again it has another password, and the same grants', async () => {
  await put('two');
  await assert.rejects(as('reports', 'one', 'SELECT 1'), /authentication failed/);
  assert.deepEqual(await as('reports', 'two', 'SELECT * FROM books'), [1]);
});

test('it can still connect after a reset of the database', async () => {
  await resetContent(target, []);
  assert.deepEqual(await as('reports', 'two', 'SELECT 1'), [1]);
});

test('the owner gets what credentials made by a repair, and when they are removed', async () => {
  await owner('GRANT CREATE ON SCHEMA public TO reports');
  await as('reports', 'two', 'CREATE TABLE mine AS SELECT 7 AS id');
  const ownerOf = "SELECT tableowner FROM pg_tables WHERE tablename = 'mine'";
  assert.deepEqual(await owner(ownerOf), ['reports']);
  await repairDefault(target, ['reports']);
  assert.deepEqual(await owner(ownerOf), [own.user]);
  await as('reports', 'two', 'CREATE TABLE last AS SELECT 8 AS id');
  await removeCredential(target, 'reports');
  await removeCredential(target, 'reports');
  await assert.rejects(as('reports', 'two', 'SELECT 1'), /authentication failed/);
  assert.deepEqual(await owner('SELECT * FROM last'), [8]);
});

test('connections of one credential are cut off without those of others', async () => {
  await put('three');
  const cut = assert.rejects(as('reports', 'three', 'SELECT pg_sleep(600)'));
  const asleep = "SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'reports' AND wait_event = 'PgSleep'";
  // The owner may see what a role does that it is a member of.
  while ((await owner(asleep))[0] !== 1);
  await disconnectRole(target, 'reports');
  await cut;
});

test('names that are roles of the server, or would confuse, are refused', () => {
  for (const name of [
    'default',
    'postgres',
    'pg_monitor',
    'ravine_follower_x',
    own.user,
    'Reports',
    '1st',
    'a b',
    '',
    'x'.repeat(51),
  ]) {
    assert.equal(isCredentialName(name, own.user), false, name);
  }
  for (const name of ['reports', 'read-only_2']) assert.equal(isCredentialName(name, own.user), true, name);
});
