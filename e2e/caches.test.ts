import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { installBrowser } from './harness/browser.ts';
import { startPlatform } from './harness/platform.ts';
import { steady } from './harness/said.ts';
import type { Outcome } from './harness/shell.ts';
import { visit } from './harness/visit.ts';

const platform = await startPlatform({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.loggedIn('ann');
const { heroku } = shell;
const ravine = join(import.meta.dirname, '..', 'packages', 'platform', 'bin', 'ravine.ts');

/** Counts visits in both caches by their own protocols, with what the config vars say and no package at all. */
const server = `
const { createServer } = require('node:http');
const { connect } = require('node:net');
const ask = (port, host, text, done) => new Promise((resolve, reject) => {
  let answer = '';
  const socket = connect(port, host, () => socket.write(text)).on('error', reject);
  socket.on('data', (chunk) => {
    answer += chunk;
    if (!done.test(answer)) return;
    socket.end();
    resolve(answer);
  });
});
const visits = async () => {
  const { MEMCACHIER_SERVERS = '', MEMCACHIER_USERNAME, MEMCACHIER_PASSWORD, REDIS_URL } = process.env;
  const [host, port] = MEMCACHIER_SERVERS.split(':');
  const login = MEMCACHIER_USERNAME + ' ' + MEMCACHIER_PASSWORD;
  const cached = await ask(port, host, 'set login 0 0 ' + login.length + '\\r\\n' + login + '\\r\\nadd n 0 0 1\\r\\n0\\r\\nincr n 1\\r\\n', /\\n\\d+\\r\\n$/);
  const redis = new URL(REDIS_URL);
  const counted = await ask(redis.port, redis.hostname, 'AUTH ' + redis.password + '\\r\\nINCR n\\r\\n', /:\\d+\\r\\n$/);
  return [/(\\d+)\\r\\n$/.exec(cached)[1], /:(\\d+)\\r\\n$/.exec(counted)[1]].join(' ');
};
createServer((request, response) => visits().then((text) => response.end(text), (error) => response.end(String(error)))).listen(process.env.PORT);
`;

const said = ({ stdout, stderr }: Outcome): string => steady(`${stdout}\n${stderr}`);

const does = async (...args: string[]): Promise<string> => {
  const outcome = await heroku(...args);
  assert.equal(outcome.status, 0, `${args.join(' ')}: ${said(outcome)}`);
  return said(outcome);
};

const refuses = async (...args: string[]): Promise<string> => {
  const outcome = await heroku(...args);
  assert.notEqual(outcome.status, 0, `${args.join(' ')}: ${said(outcome)}`);
  return said(outcome).replaceAll(/\s+/g, ' ');
};

const configVar = async (name: string, app = 'counting'): Promise<string> =>
  (await platform.configVars(app))[name] ?? '';

const counts = async (): Promise<string> => (await visit(platform, 'counting', '/')).body;

before(async () => {
  const folder = join(shell.folder, 'counting');
  await mkdir(folder);
  await writeFile(join(folder, 'server.js'), server);
  await writeFile(join(folder, 'Procfile'), 'web: node server.js\ntick: echo ticked with $REDIS_URL\n');
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'counting', version: '1.0.0', private: true }));
  await does('create', 'counting');
  await does('create', 'other-shop');
  await does('addons:create', 'memcachier:dev', '-a', 'counting', '--name', 'memcachier-one');
  await does('addons:create', 'heroku-redis:mini', '-a', 'counting', '--name', 'redis-one', '--wait');
  for (const args of [['init', '-q'], ['add', '.'], ['commit', '-qm', 'Count visits']]) {
    assert.equal((await shell.run('git', args, { cwd: folder })).status, 0);
  } // biome-ignore format: three commands
  await shell.run('heroku', ['git:remote', '-a', 'counting'], { cwd: folder });
  const pushed = await shell.run('git', ['push', 'heroku', 'HEAD:main'], { cwd: folder });
  assert.equal(pushed.status, 0, pushed.stderr);
});

test('a dyno counts in memcached and in Redis with nothing but its config vars', async () => {
  assert.deepEqual([await counts(), await counts()], ['1 1', '2 2']);
  assert.match(await does('addons', '-a', 'counting'), /memcachier \(memcachier-one\) {2}dev {2}/);
  assert.match(await does('addons:info', 'memcachier-one'), /Plan:\s+memcachier:dev[\s\S]+State:\s+created/);
});

test('redis:info, wait, credentials and settings do what the client says they do', async () => {
  const info = await does('redis:info', '-a', 'counting');
  assert.match(info, /=== redis-one \(REDIS_URL, REDIS_TLS_URL\)/);
  assert.match(info, /Plan:\s+mini[\s\S]+Status:\s+available[\s\S]+Version:\s+\d+\.\d+[\s\S]+Persistence:\s+AOF/);
  await does('redis:wait', '-a', 'counting');
  assert.match(await does('redis:timeout', '-s', '60', '-a', 'counting'), /set to 60 seconds/);
  assert.match(
    await does('redis:maxmemory', '-p', 'allkeys-lru', '-a', 'counting'),
    /allkeys-lru will remove the least recently used keys first/,
  );
  assert.match(await refuses('redis:maxmemory', '-p', 'never', '-a', 'counting'), /expected one of noeviction/);
  assert.match(await does('redis:keyspace-notifications', '-c', 'AKE', '-a', 'counting'), /set to 'AKE'/);
  assert.match(
    await does('redis:stats-reset', '-a', 'counting', '--confirm', 'counting'),
    /Statistics have been reset/,
  );
  assert.match(
    await refuses('redis:upgrade', '-v', '99', '-a', 'counting', '--confirm', 'counting'),
    /installed on this machine/,
  );
  assert.match(await does('redis:info', '-a', 'counting'), /Timeout:\s+60[\s\S]+Maxmemory:\s+allkeys-lru/);
  assert.equal((await heroku('redis:credentials', '-a', 'counting')).stdout.trim(), await configVar('REDIS_TLS_URL'));
});

test('redis:cli speaks to the database over TLS', async () => {
  const answer = await shell.run('heroku', ['redis:cli', '-a', 'counting'], {
    input: 'SET greeting hello\nGET greeting\n',
  });
  assert.match(steady(answer.stdout), /Connecting to redis-one \(REDIS_URL, REDIS_TLS_URL\):[\s\S]*hello/);
});

test('credentials are reset, every app gets the others by a release, and counting goes on', async () => {
  const before = await configVar('REDIS_URL');
  await does('redis:credentials', '--reset', '-a', 'counting');
  assert.notEqual(await configVar('REDIS_URL'), before);
  assert.equal((await heroku('config:get', 'REDIS_URL', '-a', 'counting')).stdout, `${await configVar('REDIS_URL')}\n`);
  assert.match(await does('releases', '-a', 'counting'), /Update REDIS by heroku-redis/);
  assert.match(await counts(), /^\d+ \d+$/);
});

test('a further Redis is promoted; one is attached to another app under another name, and detached', async () => {
  await does('addons:create', 'heroku-redis:premium-0', '-a', 'counting', '--name', 'redis-two', '--as', 'SECOND');
  assert.match(await refuses('redis:credentials', '-a', 'counting'), /Please specify a single instance/);
  await does('redis:promote', 'redis-two', '-a', 'counting');
  assert.equal(await configVar('REDIS_URL'), await configVar('SECOND_URL'));
  await does('addons:attach', 'memcachier-one', '-a', 'other-shop', '--as', 'PAGES');
  assert.equal(await configVar('PAGES_USERNAME', 'other-shop'), await configVar('MEMCACHIER_USERNAME'));
  await does('addons:detach', 'PAGES', '-a', 'other-shop');
  assert.equal(await configVar('PAGES_USERNAME', 'other-shop'), '');
});

test('plans are listed, changed and refused with those that there are; add-ons are renamed, opened and explained', async () => {
  assert.match(await does('addons:services'), /heroku-scheduler[\s\S]+memcachier/);
  assert.match(await does('addons:plans', 'memcachier'), /memcachier:100 [\s\S]+default {2}memcachier:dev/);
  await does('addons:upgrade', 'memcachier-one', 'memcachier:100', '-a', 'counting');
  assert.match(await does('addons:info', 'memcachier-one'), /memcachier:100/);
  assert.match(
    await refuses('addons:upgrade', 'memcachier-one', 'memcachier:huge', '-a', 'counting'),
    /Plans of memcachier: dev, 100/,
  );
  await does('addons:rename', 'memcachier-one', 'memcachier-renamed');
  const browser = await installBrowser(shell);
  const opened = await shell.run('heroku', ['addons:open', 'memcachier-renamed', '-a', 'counting'], {
    env: browser.env,
  });
  assert.equal(opened.status, 0, opened.stderr);
  assert.equal(await browser.opened(), `${platform.apiUrl}/dashboard/apps/counting/resources/memcachier-renamed`);
  const docs = await shell.run('heroku', ['addons:docs', 'memcachier-renamed', '--show-url']);
  assert.match(docs.stdout, /devcenter\.heroku\.com\/articles\//);
});

test('a job of the scheduler runs as a one-off dyno, and its log and its history tell of it', async () => {
  const asked = await shell.run(process.execPath, [ravine, 'scheduler', 'add', 'counting', 'tick', '--daily', '04:30']);
  assert.match(asked.stderr, /heroku addons:create heroku-scheduler -a counting/);
  await does('addons:create', 'heroku-scheduler', '-a', 'counting');
  const added = await shell.run(process.execPath, [ravine, 'scheduler', 'add', 'counting', 'tick', '--daily', '04:30']);
  assert.match(added.stdout, /daily 04:30 UTC {2}Basic {2}next \S+T04:30:00Z {2}tick/);
  const [id = ''] = added.stdout.split(' ');
  const run = await shell.run(process.execPath, [ravine, 'scheduler', 'run', 'counting', id]);
  const [, dyno = ''] = /running {2}(scheduler\.\d+)/.exec(run.stdout) ?? [];
  for (;;) {
    const { stdout } = await shell.run(process.execPath, [ravine, 'scheduler', 'runs', 'counting', id]);
    if (/finished {2}scheduler\.\d+ {2}0/.test(stdout)) break;
    assert.match(stdout, /running/);
    await sleep(200);
  }
  const log = await does('logs', '-a', 'counting', '--dyno-name', dyno);
  assert.match(log, /ticked with/);
  assert.doesNotMatch(log, /rediss?:\/\/:p/); // secrets are not told
  const removed = await shell.run(process.execPath, [ravine, 'scheduler', 'remove', 'counting', id]);
  assert.equal(removed.stdout, `removed ${id}\n`);
});

test('what is destroyed asks first, and nothing of it is left', async () => {
  assert.match(
    await refuses('addons:destroy', 'redis-two', '-a', 'counting', '--confirm', 'wrong'),
    /did not match|Confirmation/,
  );
  await does('addons:destroy', 'redis-two', '-a', 'counting', '--confirm', 'counting');
  assert.equal(await configVar('SECOND_URL'), '');
  await does('addons:destroy', 'memcachier-renamed', '-a', 'counting', '--confirm', 'counting');
  const { tenants } = JSON.parse(await readFile(join(platform.dataFolder, 'memcached', 'tenants.json'), 'utf8'));
  assert.deepEqual(tenants, []);
});
