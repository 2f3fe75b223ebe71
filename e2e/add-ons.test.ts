import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { appCommands } from './harness/app-commands.ts';
import { startPlatform } from './harness/platform.ts';

/** A redis-server that starts no server as long as a file is there. */
const folder = await mkdtemp(join(tmpdir(), 'ravine-slow-redis-'));
await chmod(folder, 0o755);
const gate = join(folder, 'closed');
await writeFile(gate, '');
await writeFile(
  join(folder, 'redis-server'),
  `#!/bin/sh\nPATH=/usr/local/bin:/usr/bin:/bin\ncase "$1" in -*) ;; *) while [ -e '${gate}' ]; do sleep 0.05; done ;; esac\nexec redis-server "$@"\n`,
  { mode: 0o755 },
);
const platform = await startPlatform({
  DOCKER_HOST: 'unix:///nowhere/docker.sock',
  PATH: [folder, process.env.PATH].join(delimiter),
});
after(async () => {
  await platform[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
const shell = await platform.loggedIn('ann');
const shop = appCommands(shell, 'shop');
const stall = appCommands(shell, 'stall');
const configVar = async (name: string, app = 'shop'): Promise<string | undefined> =>
  (await platform.configVars(app))[name];

test('redis:wait and addons:wait wait until an add-on is there', async () => {
  for (const app of ['shop', 'stall']) {
    const { status, stderr } = await shell.heroku('create', app);
    assert.equal(status, 0, stderr);
  }
  // It says that the add-on is there, or, when that takes longer, that it will be.
  const created = shop.says('addons:create', 'heroku-redis:mini', '--name', 'redis-slow');
  while ((await shell.heroku('addons:info', 'redis-slow')).status !== 0);
  const redisWait = shell.terminal('heroku', ['redis:wait', 'redis-slow', '-a', 'shop', '--wait-interval', '1']);
  const addOnsWait = shell.terminal('heroku', ['addons:wait', '-a', 'shop', '--wait-interval', '1']);
  await redisWait.shows(/Waiting for database redis-slow\.\.\. .*creating/);
  await addOnsWait.shows(/Creating redis-slow/);
  assert.match(await shop.says('addons:info', 'redis-slow'), /State: +creating/);
  await rm(gate);
  assert.match(await created, /redis-slow/);
  for (const { screen, status } of await Promise.all([redisWait.ended, addOnsWait.ended]))
    assert.equal(status, 0, screen);
  assert.match((await redisWait.ended).screen, /Waiting for database redis-slow\.\.\. available/);
  assert.match((await addOnsWait.ended).screen, /Created redis-slow as REDIS_URL, REDIS_TLS_URL/);
});

test('what does not exist is refused with what does: services, plans, and plans of other services', async () => {
  assert.match(await shop.refuses('addons:create', 'heroku-redis:huge'), /Plans of heroku-redis: mini, premium-0/);
  assert.match(await shop.refuses('addons:create', 'papertrail'), /papertrail/);
  assert.match(await shop.refuses('addons:upgrade', 'redis-slow', 'heroku-redis:huge'), /Plans of heroku-redis: mini/);
});

test('plans are changed up and down, and what is kept stays', async () => {
  await shop.says('addons:create', 'bucketeer:hobbyist', '--name', 'bucketeer-one');
  const [url, bucket] = [await configVar('REDIS_URL'), await configVar('BUCKETEER_BUCKET_NAME')];
  assert.match(
    await shop.says('addons:upgrade', 'redis-slow', 'heroku-redis:premium-0'),
    /Changing redis-slow on shop from heroku-redis:mini to heroku-redis:premium-0\.\.\. done/,
  );
  while (!/Memory: +.* of 50 MB\nConnections: +\d+\/40/.test(await shop.says('redis:info')));
  await shop.says('addons:upgrade', 'redis-slow', 'heroku-redis:mini');
  while (!/Memory: +.* of 25 MB/.test(await shop.says('redis:info')));
  assert.match(
    await shop.says('addons:upgrade', 'bucketeer-one', 'bucketeer:micro'),
    /from bucketeer:hobbyist to bucketeer:micro\.\.\. done/,
  );
  assert.deepEqual([await configVar('REDIS_URL'), await configVar('BUCKETEER_BUCKET_NAME')], [url, bucket]);
});

test('what another app is attached to is destroyed only by who insists, and then both lose it', async () => {
  await stall.says('addons:attach', 'redis-slow', '--as', 'SHARED');
  assert.equal(await configVar('SHARED_URL', 'stall'), await configVar('REDIS_URL'));
  assert.match(
    await shop.refuses('addons:destroy', 'redis-slow', '--confirm', 'shop'),
    /must be detached from all other apps before destroying: stall/,
  );
  assert.match(await stall.refuses('addons:destroy', 'redis-slow', '--confirm', 'stall'), /is on shop not stall/);
  assert.equal(await configVar('SHARED_URL', 'stall'), await configVar('REDIS_URL'));
  await shop.says('addons:destroy', 'redis-slow', '--confirm', 'shop', '--force');
  assert.deepEqual([await configVar('SHARED_URL', 'stall'), await configVar('REDIS_URL')], [undefined, undefined]);
});
