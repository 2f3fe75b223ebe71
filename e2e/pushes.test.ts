import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startPlatform } from './harness/platform.ts';
import { newProject } from './harness/project.ts';
import { declined, installed, perPush, released, stored, taken } from './harness/push-output.ts';
import { assertSaid, assertWaited, type Said, steady } from './harness/said.ts';
import { visit } from './harness/visit.ts';

const platform = await startPlatform({
  RAVINE_BOOT_TIMEOUT: '4',
  RAVINE_BUILD_TIMEOUT: '20',
  RAVINE_BUILD_MEMORY: '400',
});
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.loggedIn('ann');
const shop = await newProject(shell, 'shop');
const branch = '[new branch]  main -> main';
const moved = '  OLD..NEW  main -> main';

const manifest = (scripts: Readonly<Record<string, string>> = {}): string =>
  `${JSON.stringify({ name: 'shop', private: true, scripts })}\n`;
const server = (says: string): string =>
  `require('node:http').createServer((request, response) => response.end('${says}')).listen(process.env.PORT);\n`;

const push = async (expected: Said, ...args: string[]): Promise<void> =>
  assertSaid(await shop.git('push', ...(args.length === 0 ? ['heroku', 'main'] : args)), expected, perPush);
const pushIsTaken = (version: string): Promise<void> =>
  push({ stderr: taken('shop', installed() + stored('web') + released('shop', version), moved) });
const assertShows = async (text: string): Promise<void> =>
  assert.deepEqual((({ status, body }) => ({ status, body }))(await visit(platform, 'shop', '/')), {
    status: 200,
    body: text,
  });

test('an app without code answers visitors with 503, and a host that is no app with 404', async () => {
  assert.equal((await shop.heroku('create', 'shop')).status, 0);
  assert.equal((await visit(platform, 'shop', '/')).status, 503);
  assert.equal((await visit(platform, 'no-such-app', '/')).status, 404);
});

test('a source in no known language is refused, and no release is made', async () => {
  await shop.commit({ 'README.md': 'A shop, some day.\n' });
  await push({
    stderr: declined(
      'shop',
      `-----> Building on the Heroku-24 stack
-----> Determining which buildpack to use for this app
 !  No default language could be detected for this app.
 !
 !  None of the built-in buildpacks (Node.js, Python, static site, bare Procfile) knows this source. Looked for
 !  package.json, requirements.txt, pyproject.toml, static.json, index.html and Procfile at the top of the repository.
 !  Commit one of them, or name a buildpack: heroku buildpacks:set URL
 !
 !  Push failed`,
    ),
    status: 1,
  });
});

test('a push makes the app live, and the same push again changes nothing', async () => {
  await shop.commit({ 'package.json': manifest(), 'server.js': server('first'), Procfile: 'web: node server.js\n' });
  await push({ stderr: taken('shop', installed() + stored('web') + released('shop', 'v3'), `* ${branch}`) });
  assertWaited(await shop.heroku('ps:wait'));
  await assertShows('first');
  await push({ stderr: 'Everything up-to-date' });
});

test('a build that fails is told, and the old release serves on', async () => {
  await shop.commit({ 'package.json': manifest({ build: 'echo glue is out >&2; exit 7' }), 'server.js': server('?') });
  await push({
    stderr: declined(
      'shop',
      `${installed()}-----> Build
-----> Running build
 glue is out
 !  Push rejected, failed to compile Node.js app.
 !  The buildpack ended with status 7; what went wrong is above.
 !
 !  Push failed`,
    ),
    status: 1,
  });
  await assertShows('first');
});

test('a Procfile that makes no sense is refused with its line', async () => {
  await shop.commit({ 'package.json': manifest(), Procfile: 'web node server.js\n' });
  await push({
    stderr: declined(
      'shop',
      `-----> Building on the Heroku-24 stack
 !  Procfile, line 1: expected TYPE: COMMAND with a type of letters, digits, "-" and "_", got "web node server.js".
 !
 !  Push failed`,
    ),
    status: 1,
  });
});

test('a release command that fails fails the push, and the old release serves on', async () => {
  await shop.commit({ Procfile: 'release: echo no luck; exit 3\nweb: node server.js\n' });
  await push({
    stderr: declined(
      'shop',
      `${installed()}${stored('release, web')} !  Release command declared: this release becomes current when it has succeeded.
no luck

 !  Release v4 failed: the release command ended with status 3
 !  The release before it is still running.

`,
    ),
    status: 1,
  });
  await assertShows('first');
  assertSaid(await shop.heroku('releases:output'), { stdout: 'no luck' });
});

test('a build that eats memory is ended at its limit, and the old release serves on', async () => {
  await shop.commit({
    'package.json': manifest({ build: 'node hog.js' }),
    'hog.js': 'const all = [];\nfor (;;) all.push(Buffer.alloc(1e7, 1));\n',
    Procfile: 'web: node server.js\n',
  });
  const { stderr, status } = await shop.git('push', 'heroku', 'main');
  assert.match(
    steady(stderr),
    /remote: {2}! {2}The build needed more than its 400 MB of memory and was stopped\.\nremote: {2}! {2}Make the build smaller, or raise the limit of builds on this server\.\nremote: {2}!\nremote: {2}! {2}Push failed\n/,
  );
  assert.equal(status, 1);
  await assertShows('first');
});

test('a build that hangs is ended at its time limit; a push meanwhile is told to wait', async () => {
  await shop.commit({
    'package.json': manifest({ build: 'echo here I stay; sleep 600' }),
    Procfile: 'web: node server.js\n',
  });
  const first = shell.start('sh', ['-c', `git -C '${shop.folder}' push heroku main 2>&1`]);
  await first.prints(/here I stay/);
  await push({
    stderr: declined(
      'shop',
      ` !  Another push to this app is being built.
 !  Wait until it has ended, or cancel that build, then push again.`,
    ),
    status: 1,
  });
  const { stdout, status } = await first.ended;
  assertSaid(
    { stdout: '', stderr: stdout, status },
    {
      stderr: declined(
        'shop',
        `${installed()}-----> Build
-----> Running build
 here I stay
 !  The build took longer than 20 seconds and was stopped.
 !  Find out which step hangs; what it printed last is above.
 !
 !  Push failed`,
      ),
      status: 1,
    },
    perPush,
  );
  await assertShows('first');
});

test('a new release that exits at boot or never binds PORT takes no visitor from the old one', async () => {
  const log = shell.start('heroku', ['logs', '--tail', '-a', 'shop']);
  await shop.commit({ 'package.json': manifest(), Procfile: 'web: echo giving up; exit 9\n' });
  await pushIsTaken('v5');
  await log.prints(/app\[web\.1\]: giving up/);
  await log.prints(/heroku\[web\.1\]: Process exited with status 9/);
  await log.prints(/heroku\[web\.1\]: State changed from starting to crashed/);
  await assertShows('first');
  await shop.commit({ Procfile: 'web: sleep 600\n' });
  await pushIsTaken('v6');
  await log.prints(/Error R10 \(Boot timeout\) -> Web process failed to bind to \$PORT within 4 seconds of launch/);
  await assertShows('first');
  await log.stop();
});

test('a first release that exits at boot answers visitors with 503', async () => {
  const project = await newProject(shell, 'broken');
  assert.equal((await project.heroku('create', 'broken')).status, 0);
  const log = shell.start('heroku', ['logs', '--tail', '-a', 'broken']);
  await project.commit({ Procfile: 'web: echo no chance; exit 1\n' });
  assert.equal((await project.git('push', 'heroku', 'main')).status, 0);
  await log.prints(/heroku\[web\.1\]: State changed from starting to crashed/);
  assert.equal((await visit(platform, 'broken', '/')).status, 503);
  await log.prints(/heroku\[router\]: at=error code=H10 desc="App crashed" method=GET path="\/"/);
  await log.stop();
});

test('another branch is kept but not built; pushed to main it is', async () => {
  await shop.git('checkout', '--quiet', '-b', 'topic');
  await shop.commit({ 'server.js': server('topic'), Procfile: 'web: node server.js\n' });
  await push(
    {
      stderr: taken(
        'shop',
        "Pushed to a non-main branch, skipping build.\nTo build this app, push to 'main': git push heroku BRANCH:main",
        '* [new branch]  topic -> topic',
      ),
    },
    'heroku',
    'topic',
  );
  await assertShows('first');
  await push(
    { stderr: taken('shop', installed() + stored('web') + released('shop', 'v7'), '  OLD..NEW  topic -> main') },
    'heroku',
    'topic:main',
  );
  assertWaited(await shop.heroku('ps:wait'));
  await assertShows('topic');
});

test('a push that would lose commits needs force, and main can not be deleted', async () => {
  await shop.git('checkout', '--quiet', 'main');
  await shop.commit({ 'server.js': server('forced'), Procfile: 'web: node server.js\n' });
  const refused = await shop.git('push', 'heroku', 'main');
  assert.match(refused.stderr, /! \[rejected\] +main -> main \(non-fast-forward\)/);
  assert.equal(refused.status, 1);
  await push(
    {
      stderr: taken(
        'shop',
        installed() + stored('web') + released('shop', 'v8'),
        '+ OLD..NEW main -> main (forced update)',
      ),
    },
    '--force',
    'heroku',
    'main',
  );
  assertWaited(await shop.heroku('ps:wait'));
  await assertShows('forced');
  assertSaid(await shop.git('push', 'heroku', ':main'), {
    stderr: `remote:  !  The branch "main" can't be deleted: it is what this app runs.
remote:  !  Push another commit to it, or destroy the app with \`heroku apps:destroy\`.
To https://localhost:PORT/shop.git
 ! [remote rejected] main (pre-receive hook declined)
error: failed to push some refs to 'https://localhost:PORT/shop.git'`,
    status: 1,
  });
});

test('what was pushed can be cloned back', async () => {
  const head = await shop.git('rev-parse', 'HEAD');
  assertSaid(await shell.heroku('git:clone', '-a', 'shop', 'back'), { stderr: "Cloning into 'back'..." });
  const clone = await shell.run('git', ['rev-parse', 'HEAD'], { cwd: join(shell.folder, 'back') });
  assert.equal(clone.stdout, head.stdout);
});
