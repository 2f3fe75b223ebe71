import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine, inspectInEngine, runningInEngine } from '../scripts/platform-in-engine.ts';
import { startPlatform } from './harness/platform.ts';
import { steady } from './harness/said.ts';
import { TinyApp } from './harness/tiny-app.ts';
import { visit } from './harness/visit.ts';

const run = promisify(execFile);
const ravine = join(import.meta.dirname, '..', 'packages', 'platform', 'bin', 'ravine.ts');
const askEveryMs = 50;
const platform = await startPlatform({ DOCKER_HOST: ensureEngine(), RAVINE_ENGINE: 'auto', RAVINE_DRIVER: 'docker' });
after(async () => {
  await platform[Symbol.asyncDispose]();
  await clearEngine(platform.dataFolder);
});
const shell = await platform.loggedIn('ann');
const app = await TinyApp.make(join(shell.folder, 'shop'));
const heroku = (...args: string[]) => shell.run('heroku', args, { cwd: app.folder });

/** Resolves with the words of the page, once the app answers with what is looked for. */
const shows = async (pattern: RegExp): Promise<void> => {
  while (!pattern.test((await visit(platform, 'shop', '/').catch(() => undefined))?.body ?? ''))
    await sleep(askEveryMs);
};

test('a pushed Node app runs from its slug in a container, and its release phase did', async () => {
  assert.equal((await heroku('create', 'shop')).status, 0);
  assert.equal((await heroku('config:set', 'SECRET_WORD=swordfish')).status, 0);
  const release = 'pwd && echo "word of $(printf "$SECRET_WORD" | wc -c) letters"';
  await app.commit('v1', { Procfile: `web: node server.js\nrelease: ${release}\n` });
  const { stderr, status } = await shell.run('git', ['push', 'heroku', 'main'], { cwd: app.folder });
  assert.equal(status, 0, stderr);
  assert.match(steady(stderr), /-----> Building on the Heroku-24 stack\n/);
  assert.match(steady(stderr), /\/app *\n.*word of 9 letters/);
  await shows(/^v1 web\.1 \d+$/);
  assert.deepEqual(
    (await readdir(join(platform.dataFolder, 'dynos'))).filter((name) => !name.startsWith('.')),
    [],
  );
});

test('config vars are in the environment of its container alone, not in its labels or its command', async () => {
  const [container = '', ...others] = await runningInEngine(platform.dataFolder);
  assert.deepEqual(others, []);
  const { Config } = await inspectInEngine(container);
  assert.ok(Config.Env.includes('SECRET_WORD=swordfish'));
  assert.doesNotMatch(JSON.stringify({ ...Config, Env: [] }), /swordfish/);
});

test('heroku run runs in a container of its own', async () => {
  const { stdout, status } = await heroku(
    'run',
    '--no-tty',
    '--exit-code',
    '--',
    'pwd && node -p "2*3" && echo $DYNO; exit 5',
  );
  assert.match(stdout, /^\/app\n6\nrun\.\d+\n/m);
  assert.equal(status, 5);
});

test('ps:restart replaces the container, and its output is in the log', async () => {
  const before = await runningInEngine(platform.dataFolder);
  const log = shell.start('heroku', ['logs', '--tail', '-a', 'shop']);
  assert.equal((await heroku('ps:restart', 'web')).status, 0);
  await log.prints(/heroku\[web\.1\]: Process exited with status 0/);
  await log.stop();
  await shows(/^v1 web\.1 \d+$/);
  while ((await runningInEngine(platform.dataFolder)).some((name) => before.includes(name))) await sleep(askEveryMs);
});

/** Asks a cache and a bucket at the addresses that its config vars name, until both answer. */
const askAddOns = `
const { connect } = require('node:net');
const { once } = require('node:events');
const { MEMCACHIER_SERVERS, MEMCACHIER_USERNAME, MEMCACHIER_PASSWORD, AWS_S3_ENDPOINT_URL } = process.env;
const answered = async (ask) => {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
const cache = async () => {
  const [host, port] = MEMCACHIER_SERVERS.split(':');
  const socket = connect(port, host);
  await once(socket, 'connect');
  const login = MEMCACHIER_USERNAME + ' ' + MEMCACHIER_PASSWORD;
  socket.write('set login 0 0 ' + login.length + '\\r\\n' + login + '\\r\\n');
  const [said] = await once(socket, 'data');
  socket.destroy();
  return String(said).trim();
};
const bucket = async () => (await fetch(AWS_S3_ENDPOINT_URL)).status;
(async () => console.log('cache ' + (await answered(cache)) + ', bucket ' + (await answered(bucket))))();
`;

test('a dyno in a container reaches a cache and a bucket, which listen on localhost of the machine', async () => {
  for (const plan of ['memcachier:dev', 'bucketeer:hobbyist'])
    assert.equal((await heroku('addons:create', plan)).status, 0, plan);
  await app.commit('v2', { 'ask.js': askAddOns });
  const pushed = await shell.run('git', ['push', 'heroku', 'main'], { cwd: app.folder });
  assert.equal(pushed.status, 0, pushed.stderr);
  const { stdout, status } = await heroku('run', '--no-tty', '--exit-code', '--', 'node ask.js');
  assert.match(stdout, /^cache STORED, bucket 403$/m);
  assert.equal(status, 0);
});

test('without an engine, `ravine up --driver docker` does not start and says what to do', async () => {
  const env = { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  const data = join(shell.home, 'data');
  const up = run(process.execPath, [ravine, 'up', '--driver', 'docker', '--data', data, '--api-port', '0'], { env });
  await assert.rejects(up, (error: Error & { code: number; stderr: string }) => {
    assert.equal(error.code, 1);
    assert.match(
      error.stderr,
      /^ravine: --driver docker needs a container engine\. .+ Start it, or leave out --driver\.\n$/,
    );
    return true;
  });
});
