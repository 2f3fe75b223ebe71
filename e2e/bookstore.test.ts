import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { copyBookstore } from '../scripts/copy-bookstore.ts';
import { installBrowser } from './harness/browser.ts';
import { startPlatform } from './harness/platform.ts';
import { newProject } from './harness/project.ts';
import { installed, perPush, released, stored, taken } from './harness/push-output.ts';
import { assertSaid, assertWaited, steady } from './harness/said.ts';
import { visit } from './harness/visit.ts';

const platform = await startPlatform();
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.loggedIn('ann');
const books = await newProject(shell, 'books');
const { heroku } = books;
await copyBookstore(books.folder);
await books.commit({});

/** A one-off dyno's way from asked for to up, of which the CLI shows as much as it sees. */
const running = (command: string): readonly (readonly [string | RegExp, string])[] => [
  [/Running .+ on books\.\.\. (starting|connecting), run\.\d{4}\n?/g, ''],
  [`Running ${command} on books... up, `, 'UP '],
];
const up = 'UP run.N';

test('create, git:remote and addons:create prepare the app as the Dev Center tells', async () => {
  assertSaid(await heroku('create', 'books'), {
    stdout: 'http://books.localhost:PORT/ | https://localhost:PORT/books.git',
    stderr: 'Creating books... done',
  });
  assertSaid(await heroku('git:remote', '-a', 'books'), {
    stdout: 'set git remote heroku to https://localhost:PORT/books.git',
  });
  assert.equal((await heroku('addons:create', 'heroku-postgresql:hobby-dev')).status, 0);
});

test('git push builds the bookstore, migrates its database and makes it live', async () => {
  const npm = ' Installing node modules with npm (from the lock file)\n\n added 17 packages in SECONDS';
  const build = `-----> Build\n-----> Running build\n 8 files written to staticfiles, with 18 compressed variants; 0 unmodified, 0 removed\n`;
  assertSaid(
    await books.git('push', 'heroku', 'main'),
    {
      stderr: taken(
        'books',
        `-----> Setting config vars from app.json: SESSION_SECRET
${installed(npm)}${build}${stored('release, web')} !  Release command declared: this release becomes current when it has succeeded.
applied 0001_shop.sql
applied 0002_first_books.sql
applied 0003_staff_covers_languages.sql
applied 0004_persian_books.sql
${released('books', 'v5')}`,
        '* [new branch]  main -> main',
      ),
    },
    perPush,
  );
  assertWaited(await heroku('ps:wait'));
});

test('heroku open opens the site, whose pages visitors get through the router', async () => {
  const browser = await installBrowser(shell);
  const opened = await shell.run('heroku', ['open', '-a', 'books'], { env: browser.env });
  assertSaid(opened, { stdout: 'Opening http://books.localhost:PORT/...' });
  assert.equal(await browser.opened(), `http://books.localhost:${platform.routerPort}/`);
  for (const [path, title] of [
    ['/', 'Lantern'],
    ['/books', 'Books'],
    ['/about', 'About'],
  ] as const) {
    const page = await visit(platform, 'books', path);
    assert.equal(page.status, 200, path);
    assert.match(page.body, new RegExp(`<title>.*${title}.*</title>`), path);
  }
  assert.equal((await visit(platform, 'books', '/no-such-page')).status, 404);
});

test('logs are shown whole, by source, by dyno and by number', async () => {
  const all = await heroku('logs');
  for (const line of [
    /app\[api\]: Build started by user admin@localhost\n/,
    /app\[release\.5\]: applied 0001_shop\.sql\n/,
    /app\[api\]: Release v5 created by user admin@localhost\n/,
    /heroku\[web\.1\]: Starting process with command `prefork src\/server\.ts`\n/,
    /heroku\[web\.1\]: State changed from starting to up\n/,
    /heroku\[router\]: at=info method=GET path="\/about" host=books\.localhost:\d+ request_id=\S+ fwd="127\.0\.0\.1" dyno=web\.1 connect=\d+ms service=\d+ms status=200 bytes=\d+ protocol=http1\.1/,
  ]) {
    assert.match(all.stdout, line);
  }
  assert.deepEqual({ stderr: all.stderr, status: all.status }, { stderr: '', status: 0 });
  const web = await heroku('logs', '-s', 'app', '-d', 'web.1');
  assert.match(
    steady(web.stdout),
    /^TIME app\[web\.1\]: .*prefork .*\nTIME app\[web\.1\]: .*serving src\/server\.ts on .* with \d workers?\n$/,
  );
  assertSaid(await heroku('logs', '-s', 'heroku', '-d', 'web.1', '-n', '1'), {
    stdout: 'TIME heroku[web.1]: State changed from starting to up',
  });
});

test('ps, ps:scale, ps:restart and ps:stop show and change what runs, and logs --tail follows across a reload', async () => {
  assertSaid(await heroku('ps'), { stdout: '=== web (Basic): prefork src/server.ts (1)\n\nweb.1: up TIME' });
  const tail = shell.start('heroku', ['logs', '--tail', '-a', 'books', '-n', '1']);
  await tail.prints(/\n/);
  assertSaid(await heroku('ps:scale', 'web=2'), { stderr: 'Scaling dynos... done, now running web at 2:Basic' });
  await tail.prints(/app\[api\]: Scaled to web@2:Basic by user admin@localhost/);
  await tail.prints(/heroku\[web\.2\]: State changed from starting to up/);
  assertSaid(await heroku('ps:scale'), { stdout: 'release=0:Basic web=2:Basic' });
  assertSaid(await heroku('ps'), {
    stdout: '=== web (Basic): prefork src/server.ts (2)\n\nweb.1: up TIME\nweb.2: up TIME',
  });
  assertSaid(await heroku('ps:stop', '-d', 'web.2'), { stderr: 'Stopping dyno web.2 on books... done' });
  await tail.prints(
    /heroku\[web\.2\]: Stopping all processes with SIGTERM[\s\S]*heroku\[web\.2\]: State changed from starting to up/,
  );
  platform.reload();
  assertSaid(await heroku('ps:restart'), { stderr: 'Restarting all dynos on books... done' });
  await tail.prints(
    /heroku\[web\.1\]: Stopping all processes with SIGTERM[\s\S]*heroku\[web\.1\]: Process exited with status 0/,
  );
  await tail.stop();
  const { stdout } = await tail.ended;
  const lines = stdout.trimEnd().split('\n');
  assert.deepEqual(lines, [...new Set(lines)], 'no line is shown twice');
});

test('run gives a terminal to an interactive command', async () => {
  const terminal = shell.terminal('heroku', ['run', '-a', 'books', 'bash']);
  await terminal.shows(/\$ $/);
  terminal.type(`read -p 'your name? ' NAME && echo "good day, $NAME, at $(stty size)"; exit\r`);
  await terminal.answer(/your name\? $/, 'Ann');
  await terminal.shows('good day, Ann, at 30 100');
  assert.equal((await terminal.ended).status, 0);
});

test('run passes piped input on, and with -x the exit status of the command', async () => {
  const piped = await shell.run('heroku', ['run', '-a', 'books', 'cat'], { input: 'one\ntwo\n' });
  assertSaid(piped, { stdout: 'one\ntwo', stderr: up }, running('cat'));
  assertSaid(await heroku('run', '-x', '--', 'true'), { stderr: up }, running('true'));
  assertSaid(
    await heroku('run', '-x', '--', 'echo so long; exit 3'),
    { stdout: 'so long', stderr: `${up}\n› Error: Process exited with code 3`, status: 3 },
    running('echo so long; exit 3'),
  );
});

test('run:detached leaves its output in the log', async () => {
  const detached = await heroku('run:detached', 'node src/migrate.ts');
  assertSaid(detached, {
    stdout: 'Run heroku logs --app books --dyno run.N to view the output.',
    stderr: 'Running node src/migrate.ts on books... done, run.N',
  });
  const name = /run\.\d{4}/.exec(detached.stderr)?.[0] ?? 'no name';
  const tail = shell.start('heroku', ['logs', '--tail', '-a', 'books', '-d', name]);
  await tail.prints(/app\[run\.\d{4}\]: the database is up to date/);
  await tail.prints(/heroku\[run\.\d{4}\]: Process exited with status 0/);
  await tail.stop();
});

test('a config change is a release, and rollback makes the old one anew', async () => {
  assertSaid(await heroku('config:set', 'LOG_REQUESTS=1'), {
    stdout: 'LOG_REQUESTS: 1',
    stderr: 'Setting LOG_REQUESTS and restarting books... done, v6',
  });
  assertSaid(await heroku('rollback'), {
    stdout: 'Running release command...\nthe database is up to date',
    stderr:
      "Rolling back books to v5... done, v7\n› Warning: Rollback affects code and config vars; it doesn't add or remove addons. Warning: To undo, run: heroku rollback v6",
  });
  assertSaid(await heroku('config:get', 'LOG_REQUESTS'), { stdout: '' });
  assertSaid(
    await heroku('releases'),
    {
      stdout: `=== books Releases - Current: v7

  v  description  user  created_at
 ─
  v7  Rollback to v5  admin@localhost  TIME
  v6  Set LOG_REQUESTS config vars  admin@localhost  TIME
  v5  Deploy COMMIT  admin@localhost  TIME
  v4  Set SESSION_SECRET config vars  admin@localhost  TIME
  v3  Attach DATABASE (@ref:postgresql-NAME-N)  admin@localhost  TIME
  v2  Enable Logplex  admin@localhost  TIME
  v1  Initial release  admin@localhost  TIME`,
    },
    [[/(?<=Deploy )[0-9a-f]{8}/g, 'COMMIT']],
  );
  const info = await heroku('releases:info', 'v6');
  assert.match(
    steady(info.stdout),
    /^=== Release v6\n\nAdd-ons: {1,2}heroku-postgresql:hobby-dev\nBy: {1,2}admin@localhost\nChange: {1,2}Set LOG_REQUESTS config vars\nEligible for Rollback\?: Yes\nWhen: {1,2}TIME\n/,
  );
  assertSaid(await heroku('releases:output', 'v5'), {
    stdout:
      'applied 0001_shop.sql\napplied 0002_first_books.sql\napplied 0003_staff_covers_languages.sql\napplied 0004_persian_books.sql',
  });
});

test('in maintenance visitors get the maintenance page, afterwards the site', async () => {
  assertSaid(await heroku('maintenance:on'), { stderr: 'Enabling maintenance mode for books... done' });
  assertSaid(await heroku('maintenance'), { stdout: 'on' });
  assert.equal((await visit(platform, 'books', '/')).status, 503);
  assertSaid(await heroku('maintenance:off'), { stderr: 'Disabling maintenance mode for books... done' });
  assert.equal((await visit(platform, 'books', '/')).status, 200);
});

test('destroying the app removes its git remote and its site', async () => {
  assertSaid(await heroku('apps:destroy', '--confirm', 'books'), {
    stderr: 'Destroying books (including all add-ons)... done',
  });
  assertSaid(await books.git('remote'), {});
  assert.equal((await visit(platform, 'books', '/')).status, 404);
});
