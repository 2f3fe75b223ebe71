import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openAuthority } from '../../certs/authority.ts';
import type { AddOnId } from '../../domain/ids.ts';
import { locateBinaries } from '../../postgres/binaries.ts';
import { findCluster, removeCluster, stopCluster } from '../../postgres/cluster.ts';
import { followerName } from '../../postgres/follow/leader.ts';
import { withSuperuser } from '../../postgres/superuser.ts';
import { ClusterTemplate } from '../../postgres/template.ts';
import { templatesFolder } from '../../postgres/testing/templates-folder.ts';
import { resolvePlan } from '../catalogue.ts';
import type { Provisioned } from '../provider.ts';
import { PostgresProvider, type PostgresProviderOptions } from './postgres.ts';

const never = new AbortController().signal;
const firstPort = 36_000 + (process.pid % 3_000);
const small = resolvePlan('heroku-postgresql:essential-0');
const large = resolvePlan('heroku-postgresql:essential-2');
const [leaderId, id] = [randomUUID(), randomUUID()] as [AddOnId, AddOnId]; // A fresh UUID is what an AddOnId is.
let root: string;
let options: PostgresProviderOptions;
let provider: PostgresProvider;
let leader: Provisioned;
let follower: Provisioned;

const follow = (of: PostgresProvider) =>
  of.provision({ id, name: 'postgresql-calm-1', plan: small, options: { follow: leaderId } }, never);

const query = async (url: string, sql: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // Cut off by a kill that the test asked for.
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows.map((row: unknown[]) => row.join('|')).join(',');
  } finally {
    await client.end();
  }
};
const onLeader = (sql: string) => query(leader.config.URL ?? '', sql);
/** With the leader's password, as its add-on's records give it. */
const followerUrl = () => {
  const url = new URL(follower.config.URL ?? '');
  url.password = new URL(leader.config.URL ?? '').password;
  return url.href;
};
const onFollower = (sql: string) => query(followerUrl(), sql);

/** Asks until the answer is the one that is to come, whatever fails meanwhile. */
const comes = async (ask: () => Promise<unknown>, wanted: unknown): Promise<void> => {
  while ((await ask().catch(() => undefined)) !== wanted) await sleep(20);
};
const up = async (of: PostgresProvider, which: AddOnId, made: Provisioned, plan = small): Promise<void> => {
  while ((await of.ensureRunning(which, made.resource, plan)).kind !== 'up') await sleep(20);
};
const superuser = (which: AddOnId, of: Provisioned, sql: string): Promise<string> =>
  withSuperuser(provider.running(which, of.resource).server, 'postgres', async (client) => {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows.map((row: unknown[]) => row.join('|')).join(',');
  });

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-followers-'));
  await chmod(root, 0o755);
  const binaries = await locateBinaries(join(root, 'runtimes'));
  const authority = await openAuthority(join(root, 'ca'));
  options = {
    binaries,
    template: new ClusterTemplate(binaries, templatesFolder(root)),
    folder: join(root, 'addons'),
    ports: { from: firstPort, to: firstPort + 50 },
    certificate: async () => readFile(await authority.certificateFor(['localhost']), 'utf8'),
  };
  provider = new PostgresProvider(options);
  leader = await provider.provision({ id: leaderId, name: 'postgresql-bold-1', plan: large }, never);
  await onLeader("CREATE TABLE books AS SELECT 1 AS id, 'before' AS title");
  follower = await follow(provider);
});

after(async () => {
  await provider.close();
  for (const name of await readdir(join(root, 'addons'))) await removeCluster(join(root, 'addons', name));
  await rm(root, { recursive: true, force: true });
});

test('a follower has what its leader had, gets what is committed there, and can only be read', async () => {
  assert.equal(await onFollower('SELECT title FROM books'), 'before');
  await onLeader("INSERT INTO books VALUES (2, 'after')");
  await comes(() => onFollower('SELECT title FROM books WHERE id = 2'), 'after');
  await assert.rejects(onFollower('DELETE FROM books'), /read-only transaction/);
});

test('it streams over TLS, with a role of its own that may do nothing else', async () => {
  const name = followerName(id);
  assert.equal(
    await superuser(
      leaderId,
      leader,
      'SELECT usename, state, ssl FROM pg_stat_replication JOIN pg_stat_ssl USING (pid)',
    ),
    `${name}|streaming|true`,
  );
  const secret = join(options.folder, id, 'leader.pgpass');
  assert.equal((await stat(secret)).mode & 0o077, 0);
  const [, , , user, password = ''] = (await readFile(secret, 'utf8')).trim().split(':');
  const url = new URL(leader.config.URL ?? '');
  url.username = user ?? '';
  url.password = password;
  await assert.rejects(query(url.href, 'SELECT 1'), /permission denied/);
  assert.doesNotMatch(
    await readFile(join(options.folder, id, 'data', 'postgresql.conf'), 'utf8'),
    new RegExp(password),
  );
});

test('it tells whom it follows and how far behind it is, and has no backups of its own', async () => {
  await comes(async () => (await provider.following(id))?.commitsBehind, 0);
  assert.equal((await provider.following(id))?.leader, leaderId);
  assert.equal(await provider.following(leaderId), undefined);
  assert.deepEqual(await provider.followersOf(leaderId), [id]);
  assert.throws(() => provider.archivistOf(id), /follows another/);
});

test('a follower is not followed, and neither is a database that is gone', async () => {
  const request = { id: randomUUID() as AddOnId, name: 'postgresql-odd-1', plan: small }; // as above
  await assert.rejects(provider.provision({ ...request, options: { follow: id } }, never), /follows another one/);
  await assert.rejects(provider.provision({ ...request, options: { follow: randomUUID() } }, never), /is gone/);
});

test('a plan with fewer connections than its leader has does not keep it from starting', () => {
  assert.equal(follower.resource.connections, large.connections);
});

test('what is committed while it is down it gets when it is back', async () => {
  await stopCluster(join(options.folder, id));
  await onLeader("INSERT INTO books VALUES (3, 'while down')");
  await comes(() => onFollower('SELECT title FROM books WHERE id = 3'), 'while down');
});

test('both servers and the provider killed, all goes on with the next one', async () => {
  await provider.close();
  for (const which of [leaderId, id]) {
    const pid = await findCluster(join(options.folder, which));
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }
  provider = new PostgresProvider(options);
  await Promise.all([up(provider, leaderId, leader), up(provider, id, follower)]);
  await onLeader("INSERT INTO books VALUES (4, 'after the kill')");
  await comes(() => onFollower('SELECT title FROM books WHERE id = 4'), 'after the kill');
});

test('followed no more, it takes writes and makes backups of its own, and its leader forgets it', async () => {
  await provider.unfollow(id);
  await up(provider, id, follower);
  await onFollower("INSERT INTO books VALUES (5, 'its own')");
  assert.equal(await onLeader('SELECT max(id) FROM books'), '4');
  assert.equal(await provider.following(id), undefined);
  while ((await provider.backupFacts(id)).lastBase === undefined) await sleep(50);
  const left =
    'SELECT (SELECT count(*) FROM pg_replication_slots), (SELECT count(*) FROM pg_roles WHERE rolreplication AND NOT rolsuper)';
  await comes(() => superuser(leaderId, leader, left), '0|0');
  await comes(() => superuser(id, follower, left), '0|0');
});

test('a follower whose leader is gone can be read, and made a database of its own', async () => {
  const [first, second] = [randomUUID(), randomUUID()] as [AddOnId, AddOnId]; // as above
  const made = await provider.provision({ id: first, name: 'postgresql-first-1', plan: small }, never);
  await query(made.config.URL ?? '', 'CREATE TABLE books AS SELECT 1 AS id');
  const copy = await provider.provision(
    { id: second, name: 'postgresql-second-1', plan: large, options: { follow: first } },
    never,
  );
  const address = new URL(copy.config.URL ?? '');
  address.password = new URL(made.config.URL ?? '').password;
  await comes(() => query(address.href, 'SELECT id FROM books'), '1');
  await provider.deprovision(first);
  await stopCluster(join(options.folder, second));
  await comes(() => query(address.href, 'SELECT id FROM books'), '1');
  // It takes logins a moment before its keeper knows.
  await up(provider, second, copy, large);
  await provider.unfollow(second);
  await up(provider, second, copy, large);
  await query(address.href, 'INSERT INTO books VALUES (2)');
  // Its plan's, where it was its leader's.
  const limit = `SELECT rolconnlimit FROM pg_roles WHERE rolname = '${copy.resource.user}'`;
  assert.equal(await superuser(second, copy, limit), String(large.connections));
});

test('a leader that was down while its follower was removed keeps no log for it when it is back', async () => {
  const other = randomUUID() as AddOnId; // A fresh UUID is what an AddOnId is.
  await provider.provision({ id: other, name: 'postgresql-dry-1', plan: small, options: { follow: leaderId } }, never);
  await provider.close();
  await stopCluster(join(options.folder, leaderId));
  provider = new PostgresProvider(options);
  await provider.deprovision(other);
  assert.deepEqual(await readdir(options.folder).then((names) => names.includes(other)), false);
  await up(provider, leaderId, leader);
  await comes(() => superuser(leaderId, leader, 'SELECT count(*) FROM pg_replication_slots WHERE NOT temporary'), '0');
});
