import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine, inEngine } from '../scripts/platform-in-engine.ts';
import { startPlatform } from './harness/platform.ts';
import { newProject } from './harness/project.ts';
import { assertWaited, steady } from './harness/said.ts';
import { visit } from './harness/visit.ts';

const platform = await startPlatform({ DOCKER_HOST: ensureEngine(), RAVINE_ENGINE: 'auto', RAVINE_BOOT_TIMEOUT: '3' });
after(async () => {
  await platform[Symbol.asyncDispose]();
  await clearEngine(platform.dataFolder);
});
const shell = await platform.loggedIn('ann');
const shop = await newProject(shell, 'shop');

const askEveryMs = 50;
const herokuYml = (more = ''): string => `build:\n  docker:\n    web: Dockerfile\n${more}`;
const dockerfile = (command: string): string => `FROM python:3-slim
RUN echo first > index.html
CMD ${command}
`;
const serving = dockerfile('exec python3 -m http.server $PORT');

/** What the push says that is refused, without git's own words around it. */
const refusal = async (files: Readonly<Record<string, string>>): Promise<string> => {
  await shop.commit(files);
  const { stderr, status } = await shop.git('push', 'heroku', 'main');
  assert.equal(status, 1, stderr);
  assert.match(stderr, /! \[remote rejected\] main -> main/);
  return steady(stderr).replaceAll(/^remote: ?/gm, '');
};
const assertShowsFirst = async (): Promise<void> => {
  const { status, body } = await visit(platform, 'shop', '/');
  assert.deepEqual({ status, body }, { status: 200, body: 'first\n' });
};
const assertOldReleaseServes = async (): Promise<void> => {
  await assertShowsFirst();
  const { containers, networks } = await inEngine(platform.dataFolder);
  assert.deepEqual([containers.length, networks.length], [1, 1], 'one dyno and its network, and nothing left behind');
};

test("a bare Dockerfile is built, and web runs by the image's own CMD", async () => {
  assert.equal((await shop.heroku('create', 'shop')).status, 0);
  assert.equal((await shop.heroku('stack:set', 'container')).status, 0);
  await shop.commit({ Dockerfile: serving });
  const { stderr, status } = await shop.git('push', 'heroku', 'main');
  assert.equal(status, 0, stderr);
  assert.match(
    steady(stderr),
    /=== Building web \(Dockerfile\)\n[\s\S]*: RUN echo first > index\.html\n[\s\S]*Released v3\n/,
  );
  assertWaited(await shop.heroku('ps:wait'));
  await assertOldReleaseServes();
});

test('an unknown key in heroku.yml is refused with its line and column', async () => {
  const said = await refusal({ 'heroku.yml': herokuYml('relaese:\n  command:\n    - true\n') });
  assert.match(said, /! {2}heroku\.yml, line 4, column 1: .*relaese/);
  await assertOldReleaseServes();
});

test('a value of the wrong type in heroku.yml is refused with its line and column', async () => {
  const said = await refusal({ 'heroku.yml': herokuYml('run:\n  - web\n') });
  assert.match(said, /! {2}heroku\.yml, line 5, column 3: run: expected a map, got a list\./);
  await assertOldReleaseServes();
});

test('a Dockerfile that is not in the source is named', async () => {
  const said = await refusal({ 'heroku.yml': 'build:\n  docker:\n    web: docker/web/Dockerfile\n' });
  assert.match(said, /! {2}heroku\.yml builds web from docker\/web\/Dockerfile, which is not in the source\./);
  await rm(join(shop.folder, 'heroku.yml'));
  await rm(join(shop.folder, 'Dockerfile'));
  assert.match(
    await refusal({}),
    /! {2}The app is on the container stack, so heroku\.yml or a Dockerfile was expected/,
  );
  await assertOldReleaseServes();
});

test('an image that can not be pulled fails the build with its name', async () => {
  const said = await refusal({ Dockerfile: 'FROM registry.invalid/no-such-image:1\nCMD ["true"]\n' });
  assert.match(said, /! {2}The image registry\.invalid\/no-such-image:1 could not be pulled: .*no such host\.\n/);
  assert.match(said, /! {2}Push failed/);
  await assertOldReleaseServes();
});

test('a RUN that fails ends the build with its output and its status', async () => {
  const said = await refusal({ Dockerfile: 'FROM python:3-slim\nRUN echo glue is out && exit 7\nCMD ["true"]\n' });
  assert.match(said, /^glue is out$/m);
  assert.match(said, /! {2}The command `echo glue is out && exit 7` ended with status 7\.\n !\n ! {2}Push failed/);
  await assertOldReleaseServes();
});

test('a release command that fails fails the push, and leaves nothing of itself', async () => {
  const said = await refusal({
    Dockerfile: serving,
    'heroku.yml': herokuYml('release:\n  image: web\n  command:\n    - echo no luck; exit 3\n'),
  });
  assert.match(said, /^no luck$/m);
  assert.match(
    said,
    /! {2}Release v4 failed: the release command ended with status 3\n ! {2}The release before it is still running\./,
  );
  await assertOldReleaseServes();
});

test('a container that ignores PORT is ended at its boot timeout and takes no visitor from the old release', async () => {
  const log = shell.start('heroku', ['logs', '--tail', '-a', 'shop']);
  await rm(join(shop.folder, 'heroku.yml'));
  await shop.commit({ Dockerfile: dockerfile('exec python3 -m http.server 8000') });
  const { stderr, status } = await shop.git('push', 'heroku', 'main');
  assert.equal(status, 0, stderr);
  await log.prints(/Error R10 \(Boot timeout\) -> Web process failed to bind to \$PORT within 3 seconds of launch/);
  await log.prints(/heroku\[web\.1\]: State changed from starting to crashed/);
  await assertShowsFirst();
  await log.stop();
});

test('a container that exits at boot, or has no command, takes no visitor from the old release', async () => {
  const log = shell.start('heroku', ['logs', '--tail', '-a', 'shop']);
  for (const [change, reason] of [
    ['FROM python:3-slim\nCMD exit 3\n', /heroku\[web\.1\]: Process exited with status 3/],
    [
      'FROM scratch\nCOPY Dockerfile /\n',
      /heroku\[web\.1\]: The image has no CMD and its process type no command; add CMD/,
    ],
  ] as const) {
    await shop.commit({ Dockerfile: change });
    const { stderr, status } = await shop.git('push', 'heroku', 'main');
    assert.equal(status, 0, stderr);
    await log.prints(reason);
    await assertShowsFirst();
  }
  await log.stop();
});

test('when the app is destroyed, no container, no network and no image of it stays', async () => {
  assert.equal((await shop.heroku('apps:destroy', '--confirm', 'shop')).status, 0);
  await untilGone();
});

/** Resolves when the platform has no container, no network and no image any more. */
const untilGone = async (): Promise<void> => {
  for (;;) {
    const { containers, networks, images } = await inEngine(platform.dataFolder);
    if (containers.length + networks.length + images.length === 0) return;
    await sleep(askEveryMs);
  }
};
