import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startPlatform } from './harness/platform.ts';
import { assertSaid, refusal, steady } from './harness/said.ts';

// No container engine is to be found at this address, whatever the machine has.
const platform = await startPlatform({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.loggedIn('ann');
const { heroku } = shell;

test('apps are created with a given or a random name, listed and described', async () => {
  assertSaid(await heroku('apps'), { stdout: 'You have no apps.' });
  assertSaid(await heroku('create', 'quiet-shop'), {
    stdout: 'http://quiet-shop.localhost:PORT/ | https://localhost:PORT/quiet-shop.git',
    stderr: 'Creating quiet-shop... done',
  });
  const random = await heroku('create');
  const name = /done, (?:⬢ )?([a-z]+-[a-z]+-\d{5})$/m.exec(steady(random.stderr))?.[1] ?? 'no name';
  assertSaid(random, {
    stdout: `http://${name}.localhost:PORT/ | https://localhost:PORT/${name}.git`,
    stderr: `Creating app... done, ${name}`,
  });
  const names = ['quiet-shop', name].sort().map((each) => `${each} (local)\n`);
  assertSaid(await heroku('apps'), { stdout: `=== admin@localhost Apps\n\n${names.join('')}` });
  assertSaid(await heroku('apps:info', '-a', 'quiet-shop'), {
    stdout: `=== quiet-shop

Auto Cert Mgmt: false
Git URL:  https://localhost:PORT/quiet-shop.git
Web URL:  http://quiet-shop.localhost:PORT/
Repo Size:  0 B
Slug Size:  0 B
Owner:  admin@localhost
Region:  local
Dynos:
Stack:  heroku-24`,
  });
});

test('a name that is taken, too long, not of small letters or reserved makes no app', async () => {
  const create = async (name: string, message: string): Promise<void> =>
    assertSaid(await heroku('create', name), refusal(message, 'invalid_params', `Creating ${name}`));
  await create('quiet-shop', 'Name quiet-shop is already taken');
  await create('a'.repeat(31), 'Name is too long (maximum is 30 characters)');
  await create(
    'Shop',
    'Name must start with a letter, end with a letter or digit and can only contain lowercase letters, digits, and dashes.',
  );
  await create('api', 'Name api is reserved; choose another one.');
});

test('an unknown region, stack, add-on or plan is refused by its name', async () => {
  assertSaid(
    await heroku('create', 'far-shop', '--region', 'mars'),
    refusal("Couldn't find that region (mars). This Ravine has one: local.", 'not_found', 'Creating far-shop'),
  );
  assertSaid(
    await heroku('stack:set', 'heroku-9', '-a', 'quiet-shop'),
    refusal(
      "Couldn't find that stack (heroku-9). There are: container, heroku-22, heroku-24.",
      'not_found',
      'Setting stack to heroku-9',
    ),
  );
  for (const [plan, known] of [
    ['heroku-postgresql:huge', /Plans of heroku-postgresql: essential-0, /],
    ['heroku-teapot', /Services: heroku-postgresql, /],
  ] as const) {
    const { stderr, status } = await heroku('addons:create', plan, '-a', 'quiet-shop');
    const words = steady(stderr);
    assert.ok(words.includes(`Couldn't find either the add-on service or the add-on plan of "${plan}".`), words);
    assert.match(words, known);
    assert.equal(status, 2);
  }
});

test('stacks are listed and chosen; without a container engine the container stack is refused', async () => {
  assertSaid(await heroku('stack', '-a', 'quiet-shop'), {
    stdout: '=== quiet-shop Available Stacks\n\n  container\n  heroku-22\n* heroku-24',
  });
  const container = await heroku('stack:set', 'container', '-a', 'quiet-shop');
  assert.match(
    steady(container.stderr),
    /^Setting stack to container\.\.\. !\n› Error: The container stack .+ such as heroku-24\.\n› Error ID: invalid_params\n$/,
  );
  assert.equal(container.status, 2);
  assertSaid(await heroku('stack:set', 'heroku-22', '-a', 'quiet-shop'), {
    stderr: 'Setting stack to heroku-22... done',
  });
});

test('config vars are set, read, edited and unset, and each change is a release', async () => {
  assertSaid(await heroku('config:set', 'GREETING=good morning', 'COUNT=3', '-a', 'quiet-shop'), {
    stdout: 'COUNT:  3\nGREETING: good morning',
    stderr: 'Setting GREETING, COUNT and restarting quiet-shop... done, v3',
  });
  assertSaid(await heroku('config:set', 'COUNT=3', '-a', 'quiet-shop'), {
    stdout: 'COUNT: 3',
    stderr: 'Setting COUNT and restarting quiet-shop... done, v3',
  });
  assertSaid(await heroku('config:get', 'GREETING', '-a', 'quiet-shop'), { stdout: 'good morning' });
  assertSaid(await heroku('config:unset', 'COUNT', '-a', 'quiet-shop'), {
    stderr: 'Unsetting COUNT and restarting quiet-shop... done, v4',
  });
  const editor = join(shell.home, 'editor');
  await writeFile(editor, '#!/bin/sh\nsed -i s/morning/evening/ "$1"\n');
  await chmod(editor, 0o755);
  const terminal = shell.terminal('heroku', ['config:edit', '-a', 'quiet-shop'], { env: { EDITOR: editor } });
  await terminal.answer('Update config on', 'y');
  const { screen, status } = await terminal.ended;
  assert.match(screen, /- GREETING='good morning'\n\+ GREETING='good evening'/);
  assert.equal(status, 0);
  assertSaid(await heroku('config', '-a', 'quiet-shop'), {
    stdout: '=== quiet-shop Config Vars\n\nGREETING: good evening',
  });
});

test('a config var with a bad name, a reserved name or too much data changes nothing', async () => {
  const set = async (name: string, value: string, message: string): Promise<void> =>
    assertSaid(
      await heroku('config:set', `${name}=${value}`, '-a', 'quiet-shop'),
      refusal(message, 'invalid_params', `Setting ${name} and restarting quiet-shop`),
    );
  await set(
    '9LIVES',
    'yes',
    '"9LIVES" is not a config var name: expected letters, digits and underscores, not starting with a digit.',
  );
  await set(
    'HEROKU_THING',
    'yes',
    'HEROKU_THING: names that start with HEROKU_ are reserved for the platform; choose another name.',
  );
  await set(
    'BIG',
    'x'.repeat(70_000),
    "Config vars of an app can't exceed 64 KB in total; with this change they would have 70023 bytes.",
  );
  assertSaid(await heroku('config', '-a', 'quiet-shop'), {
    stdout: '=== quiet-shop Config Vars\n\nGREETING: good evening',
  });
});

test('a database is created, described, attached to another app, detached and destroyed', async () => {
  assertSaid(await heroku('create', 'second-shop', '--no-remote'), {
    stdout: 'http://second-shop.localhost:PORT/ | https://localhost:PORT/second-shop.git',
    stderr: 'Creating second-shop... done',
  });
  const made = await heroku('addons:create', 'heroku-postgresql:hobby-dev', '-a', 'quiet-shop');
  const name = /postgresql-[a-z]+-\d+/.exec(made.stdout)?.[0] ?? 'no name';
  assertSaid(made, {
    stdout: `Database has been created and is available
 ! This database is empty. If upgrading, you can transfer
 ! data from another database with pg:copy
Created postgresql-NAME-N as DATABASE_URL
Run heroku addons:docs heroku-postgresql to view documentation.`,
    stderr: 'Creating heroku-postgresql:hobby-dev on quiet-shop... free',
  });
  assertSaid(await heroku('addons:info', name, '-a', 'quiet-shop'), {
    stdout: `=== postgresql-NAME-N

Plan:  heroku-postgresql:hobby-dev
Price:  free
Max Price:  free
Attachments:  quiet-shop::DATABASE
Owning app:  quiet-shop
Installed at: TIME
State:  created`,
  });
  assertSaid(await heroku('addons:attach', name, '-a', 'second-shop', '--as', 'SHARED'), {
    stderr:
      'Attaching postgresql-NAME-N as SHARED to second-shop... done\nSetting SHARED config vars and restarting second-shop... done, v3',
  });
  const { stdout: url } = await heroku('config:get', 'SHARED_URL', '-a', 'second-shop');
  assert.equal(url, (await heroku('config:get', 'DATABASE_URL', '-a', 'quiet-shop')).stdout);
  assert.match(url, /^postgres:\/\/\w+:\w+@127\.0\.0\.1:\d+\/\w+\n$/);
  assertSaid(
    await heroku('config:set', 'DATABASE_URL=postgres://elsewhere/db', '-a', 'quiet-shop'),
    refusal(
      'Cannot overwrite attachment values DATABASE_URL.',
      'invalid_params',
      'Setting DATABASE_URL and restarting quiet-shop',
    ),
  );
  assertSaid(await heroku('addons:detach', 'SHARED', '-a', 'second-shop'), {
    stderr:
      'Detaching SHARED to postgresql-NAME-N from second-shop... done\nUnsetting SHARED config vars and restarting second-shop... done, v4',
  });
  assertSaid(await heroku('addons:destroy', name, '-a', 'quiet-shop', '--confirm', 'quiet-shop'), {
    stderr: 'Destroying postgresql-NAME-N on quiet-shop... done',
  });
  assertSaid(await heroku('config', '-a', 'quiet-shop'), {
    stdout: '=== quiet-shop Config Vars\n\nGREETING: good evening',
  });
});

/** Listens on the port, unless another program does already. */
const occupy = (port: number): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(server)).listen(port, '127.0.0.1', () => resolve(server));
  });

test('a database that can not start is refused with the reason, and nothing of it stays', async () => {
  const { first, last } = platform.databasePorts;
  const occupied = await Promise.all(Array.from({ length: last - first + 1 }, (_, index) => occupy(first + index)));
  const refused = await heroku('addons:create', 'heroku-postgresql', '-a', 'second-shop');
  for (const occupant of occupied) occupant.close();
  assertSaid(
    refused,
    refusal(
      `postgresql-NAME-N could not be created: All ports from ${first} to ${last} are in use, so there is none for a further database. Destroy one that is no longer needed, or widen the range with --database-ports.`,
      'service_unavailable',
      'Creating heroku-postgresql on second-shop',
    ),
  );
  assertSaid(await heroku('addons', '-a', 'second-shop'), { stdout: 'No add-ons for app second-shop.' });
  assertSaid(await heroku('config', '-a', 'second-shop'), { stdout: '=== second-shop Config Vars' });
});

test('an app without code has no dynos, can run nothing, and its page says so', async () => {
  assertSaid(await heroku('ps', '-a', 'second-shop'), { stdout: 'No dynos on second-shop' });
  assertSaid(
    await heroku('ps:scale', 'web=1', '-a', 'second-shop'),
    refusal("Couldn't find that process type (web).", 'not_found', 'Scaling dynos'),
  );
  assertSaid(
    await heroku('run', 'ls', '-a', 'second-shop'),
    refusal('second-shop has no code to run yet. Deploy it first: git push heroku main.', 'invalid_params'),
  );
});

test('an app is renamed, and destroyed only when its name is confirmed', async () => {
  assertSaid(await heroku('apps:rename', 'third-shop', '-a', 'second-shop'), {
    stdout:
      'http://third-shop.localhost:PORT/ | https://localhost:PORT/third-shop.git\nPlease note that it may take a few minutes for Heroku to provision a SSL certificate for your application.',
    stderr:
      "Renaming second-shop to third-shop... done\n› Warning: Don't forget to update git remotes for all other local checkouts of the app.",
  });
  assertSaid(await heroku('apps:info', '-a', 'second-shop'), refusal("Couldn't find that app.", 'not_found'));
  assertSaid(await heroku('apps:destroy', '-a', 'third-shop', '--confirm', 'second-shop'), {
    stderr: '    Error: Confirmation second-shop did not match third-shop. Aborted.',
    status: 1,
  });
  assertSaid(await heroku('apps:destroy', '-a', 'third-shop', '--confirm', 'third-shop'), {
    stderr: 'Destroying third-shop (including all add-ons)... done',
  });
  assertSaid(await heroku('apps:info', '-a', 'third-shop'), refusal("Couldn't find that app.", 'not_found'));
});
