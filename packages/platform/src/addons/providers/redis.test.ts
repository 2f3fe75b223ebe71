import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { openAuthority } from '../../certs/authority.ts';
import type { AddOnId } from '../../domain/ids.ts';
import { startRedisClient } from '../../redis/redis.fixture.ts';
import type { RespClient } from '../../redis/resp-client.ts';
import { findServers } from '../../redis/server-process.ts';
import { resolvePlan } from '../catalogue.ts';
import type { Provisioned } from '../provider.ts';
import { RedisProvider } from './redis.ts';

const plan = resolvePlan('heroku-redis:mini');
const id = '22222222-2222-4222-8222-222222222222' as AddOnId; // as the store makes them
let folder: string;
let provider: RedisProvider;
let made: Provisioned;

const open = (path?: string): RedisProvider =>
  new RedisProvider({
    folder: join(folder, 'addons'),
    ports: { from: 28_000, to: 28_999 },
    certificate: async () => readFile(await (await openAuthority(folder)).certificateFor(['localhost']), 'utf8'),
    ...(path !== undefined && { path }),
  });

const request = { id, name: 'redis-round-1', plan };
const info = async (name: string): Promise<string | undefined> => (await provider.info(id)).facts.get(name);

before(async () => {
  folder = await mkdtemp('/var/tmp/ravine-redis-');
  await chmod(folder, 0o711); // where we are root the server is somebody else
  provider = open();
  made = await provider.provision(request);
});

after(async () => {
  await provider.stopAll();
  await provider.close();
  await rm(folder, { recursive: true, force: true });
});

test('a database takes commands with the password of its URL and no other, and none that reach beyond it', async () => {
  using client = await startRedisClient(made.config.URL ?? '');
  assert.equal(await client.send('SET', 'book', 'Walden'), 'OK');
  assert.equal(await client.send('GET', 'book'), 'Walden');
  assert.match(String(await client.send('INFO', 'server')), /redis_version|valkey_version/);
  for (const command of [['CONFIG', 'GET', 'dir'], ['ACL', 'LIST'], ['SHUTDOWN'], ['REPLICAOF', 'a', '1'], ['MODULE', 'LIST']]) {
    await assert.rejects(client.send(...command), /NOPERM/, command.join(' '));
  } // biome-ignore format: a list
  await assert.rejects(startRedisClient((made.config.URL ?? '').replace(/:p\w+@/, ':guess@')), /WRONGPASS/);
});

test('the same database is reached over TLS', async () => {
  const url = new URL(made.config.TLS_URL ?? '');
  assert.equal(url.protocol, 'rediss:');
  const socket = connect({ host: '127.0.0.1', port: Number(url.port), rejectUnauthorized: false });
  socket.write(`AUTH ${url.password}\r\nGET book\r\n`);
  let answer = '';
  for await (const chunk of socket) {
    answer += String(chunk);
    if (answer.includes('Walden')) break;
  }
  assert.match(answer, /^\+OK\r\n\$6\r\nWalden/);
});

test('a later control adopts the server, a killed server comes back with what it was told to keep', async () => {
  const pid = Number(await info('process_id'));
  await provider.close();
  provider = open();
  assert.deepEqual(await provider.ensureRunning(id, made.resource, plan), { kind: 'up' });
  assert.equal(Number(await info('process_id')), pid);
  {
    using client = await startRedisClient(made.config.URL ?? '');
    await client.send('SET', 'kept', 'yes');
    // Written to the disk each second: this says when.
    await client.send('WAIT', 0, 1).catch(() => {});
  }
  while ((await info('aof_pending_bio_fsync')) !== '0' || (await info('aof_buffer_length')) !== '0');
  process.kill(pid, 'SIGKILL');
  while ((await provider.ensureRunning(id, made.resource, plan)).kind !== 'up');
  assert.notEqual(Number(await info('process_id')), pid);
  using client = await startRedisClient(made.config.URL ?? '');
  assert.equal(await client.send('GET', 'kept'), 'yes');
});

test('settings hold at once and after a restart; a larger plan has more memory and keeps the data', async () => {
  await provider.change(id, { timeout: 60, maxmemoryPolicy: 'allkeys-lru', notifyKeyspaceEvents: 'AKE' });
  await provider.stopAll();
  await provider.close();
  provider = open();
  const larger = resolvePlan('heroku-redis:premium-0');
  while ((await provider.ensureRunning(id, made.resource, larger)).kind !== 'up');
  assert.equal(Number(await info('maxmemory')), larger.sizeBytes);
  assert.equal(await info('maxmemory_policy'), 'allkeys-lru');
  assert.equal((await provider.info(id)).instance.settings.timeout, 60);
  using client = await startRedisClient(made.config.URL ?? '');
  assert.equal(await client.send('GET', 'book'), 'Walden');
});

test('after a rotation both passwords work until dynos have the second', async () => {
  const { config, retireOthers } = await provider.rotate(id);
  await retireOthers();
  assert.notEqual(config.URL, made.config.URL);
  for (const url of [config.URL, made.config.URL]) {
    using client = await startRedisClient(url ?? '');
    assert.equal(await client.send('PING'), 'PONG');
  }
});

test('a server whose customers have all its connections is up: no second one is started, and it can be stopped', async () => {
  const pid = Number(await info('process_id'));
  const clients: RespClient[] = [];
  for (let refused = false; !refused; ) {
    const client = await startRedisClient(made.config.URL ?? '').catch(() => undefined);
    if (client === undefined) refused = true;
    else clients.push(client);
  }
  assert.ok(clients.length >= plan.connections, `${clients.length} of ${plan.connections}`);
  await assert.rejects(provider.info(id), /max number of clients/);
  await provider.close();
  provider = open();
  assert.deepEqual(await provider.ensureRunning(id, made.resource, plan), { kind: 'up' });
  assert.deepEqual(await findServers(join(folder, 'addons', id)), [pid]);
  // What could not be brought to it meanwhile is, once there is room.
  for (const client of clients) client[Symbol.dispose]();
  while (Number(await info('maxmemory').catch(() => 0)) !== plan.sizeBytes)
    await provider.ensureRunning(id, made.resource, plan);
  assert.equal(Number(await info('process_id')), pid);
  const again: RespClient[] = [];
  while (again.length < plan.connections) again.push(await startRedisClient(made.config.URL ?? ''));
  await provider.stopAll();
  assert.deepEqual(await findServers(join(folder, 'addons', id)), []);
  for (const client of again) client[Symbol.dispose]();
  await provider.close();
  provider = open();
  while ((await provider.ensureRunning(id, made.resource, plan)).kind !== 'up');
});

test('a server that does not answer is waited for, and no second one is started', async () => {
  const pid = Number(await info('process_id'));
  process.kill(pid, 'SIGSTOP');
  assert.deepEqual(await provider.ensureRunning(id, made.resource, plan), { kind: 'starting' });
  assert.deepEqual(await findServers(join(folder, 'addons', id)), [pid]);
  process.kill(pid, 'SIGCONT');
  while ((await provider.ensureRunning(id, made.resource, plan)).kind !== 'up');
  assert.equal(Number(await info('process_id')), pid);
});

test('without a server program the error names the package', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'ravine-no-redis-'));
  await using none = open(elsewhere);
  await assert.rejects(none.provision(request), /apt-get install redis-server/);
  await rm(elsewhere, { recursive: true });
});

test('a database that is removed leaves nothing', async () => {
  await provider.deprovision(id);
  assert.equal((await provider.ensureRunning(id, made.resource, plan)).kind, 'down');
  assert.deepEqual(await findServers(join(folder, 'addons', id)), []);
  await assert.rejects(startRedisClient(made.config.URL ?? ''));
});
