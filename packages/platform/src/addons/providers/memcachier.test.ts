import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import memjs from 'memjs';
import { systemPython } from '../../../../../scripts/python-modules.ts';
import type { AddOnId } from '../../domain/ids.ts';
import { findServer } from '../../memcached/detached-server.ts';
import { resolvePlan } from '../catalogue.ts';
import type { Provisioned } from '../provider.ts';
import { MemcachierProvider } from './memcachier.ts';

const plan = resolvePlan('memcachier:dev');
const id = '11111111-1111-4111-8111-111111111111' as AddOnId; // as the store makes them
let folder: string;
let provider: MemcachierProvider;
let made: Provisioned;

const open = (): MemcachierProvider => new MemcachierProvider({ folder, ports: { from: 27_000, to: 27_999 } });

/** The client that the Dev Center names for Node.js, with the config vars as a dyno has them. */
const client = ({ SERVERS, USERNAME, PASSWORD }: Provisioned['config']) =>
  memjs.Client.create(SERVERS, { username: USERNAME, password: PASSWORD, retries: 1, timeout: 2 });

const cached = async (config: Provisioned['config'], key: string): Promise<string | undefined> => {
  const cache = client(config);
  try {
    return (await cache.get(key)).value?.toString();
  } finally {
    cache.close();
  }
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ravine-memcachier-'));
  provider = open();
  made = await provider.provision({ id, name: 'memcachier-round-1', plan });
});

after(async () => {
  await provider.stopAll();
  await provider.close();
  await rm(folder, { recursive: true, force: true });
});

test('memjs works with what the config vars say: values, expiry, counters, statistics', async () => {
  assert.deepEqual(Object.keys(made.config), ['SERVERS', 'USERNAME', 'PASSWORD']);
  const cache = client(made.config);
  assert.equal(await cache.set('book', 'Walden', { expires: 600 }), true);
  assert.equal((await cache.get('book')).value?.toString(), 'Walden');
  assert.equal(await cache.add('book', 'again', {}), false);
  assert.equal((await cache.increment('visits', 1, { initial: 41 })).value, 41);
  assert.equal((await cache.increment('visits', 1, { initial: 0 })).value, 42);
  assert.equal(await cache.delete('book'), true);
  assert.equal((await cache.get('book')).value, null);
  const large = Buffer.alloc(1024 * 1024, 'x');
  assert.equal(await cache.set('large', large, {}), true);
  assert.deepEqual((await cache.get('large')).value, large);
  cache.close();
  assert.equal((await provider.statistics(id)).limit_maxbytes, plan.sizeBytes);
});

test('clients of Python log in with SASL and do the same: bmemcached and pylibmc', async () => {
  const { SERVERS = '', USERNAME = '', PASSWORD = '' } = made.config;
  const env = { MEMCACHIER_SERVERS: SERVERS, MEMCACHIER_USERNAME: USERNAME, MEMCACHIER_PASSWORD: PASSWORD };
  const script = join(import.meta.dirname, 'memcachier-clients.fixture.py');
  const { stdout } = await promisify(execFile)(systemPython, [script], { env: { ...process.env, ...env } });
  assert.equal(stdout, 'python: ok\n');
});

test('a wrong password gets nothing, and a restart of control empties no cache', async () => {
  const cache = client(made.config);
  await cache.set('kept', 'yes', {});
  cache.close();
  await assert.rejects(cached({ ...made.config, PASSWORD: 'guess' }, 'kept'));
  const pid = await findServer(folder);
  await provider.close();
  provider = open();
  assert.deepEqual(await provider.ensureRunning(id, made.resource, plan), { kind: 'up' });
  assert.equal(await findServer(folder), pid);
  assert.equal(await cached(made.config, 'kept'), 'yes');
});

test('a killed server is started again with the same port and credentials', async () => {
  const pid = await findServer(folder);
  assert.ok(pid !== undefined);
  process.kill(pid, 'SIGKILL');
  while ((await findServer(folder)) === pid);
  assert.deepEqual(await provider.ensureRunning(id, made.resource, plan), { kind: 'up' });
  const cache = client(made.config);
  assert.equal(await cache.set('anew', '1', {}), true);
  cache.close();
});

test('another plan is another quota, and what is cached stays', async () => {
  const cache = client(made.config);
  await cache.set('stays', 'here', {});
  cache.close();
  const larger = resolvePlan('memcachier:100');
  await provider.ensureRunning(id, made.resource, larger);
  assert.equal((await provider.statistics(id)).limit_maxbytes, larger.sizeBytes);
  assert.equal(await cached(made.config, 'stays'), 'here');
});

test('a credential may be for reading alone, is taken away again, and rotates with a time in which both work', async () => {
  const reader = await provider.addCredential(id, { canWrite: false, canFlush: false });
  const config = { SERVERS: made.config.SERVERS ?? '', USERNAME: reader.username, PASSWORD: reader.password };
  const cache = client(made.config);
  await cache.set('shared', 'yes', {});
  assert.equal(await cached(config, 'shared'), 'yes');
  const reading = client(config);
  await assert.rejects(reading.set('shared', 'no', {}));
  reading.close();
  assert.equal(await provider.removeCredential(id, reader.username), true);
  await assert.rejects(cached(config, 'shared'));
  const { config: rotated, retireOthers } = await provider.rotate(id);
  await retireOthers();
  assert.notEqual(rotated.USERNAME, made.config.USERNAME);
  assert.equal(await cached(rotated, 'shared'), 'yes');
  assert.equal(await cached(made.config, 'shared'), 'yes');
  assert.ok(
    (await provider.credentials(id)).some(({ username, endsAtMs }) => username === made.config.USERNAME && endsAtMs),
  );
  await provider.flush(id);
  assert.equal(await cached(rotated, 'shared'), undefined);
  cache.close();
});

test("libmemcached's tools store and read over SASL", async () => {
  const { SERVERS = '', USERNAME = '', PASSWORD = '' } = made.config;
  const file = join(folder, 'note.txt');
  await writeFile(file, 'from a file');
  const login = [
    `--servers=${SERVERS.replace('localhost', '127.0.0.1')}`,
    '--binary',
    `--username=${USERNAME}`,
    `--password=${PASSWORD}`,
  ];
  const run = promisify(execFile);
  await run('memccp', [...login, file]);
  assert.match((await run('memccat', [...login, 'note.txt'])).stdout, /from a file/);
});

test('the last cache that goes takes the server with it', async () => {
  await provider.deprovision(id);
  assert.equal(await findServer(folder), undefined);
  assert.equal((await provider.ensureRunning(id, made.resource, plan)).kind, 'down');
});
