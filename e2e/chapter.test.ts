import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine } from '../scripts/platform-in-engine.ts';
import { installBrowser } from './harness/browser.ts';
import { openChromium } from './harness/chromium.ts';
import { startPlatform } from './harness/platform.ts';
import { newProject } from './harness/project.ts';
import { assertSaid, assertWaited, type Said, steady } from './harness/said.ts';
import { selfSigned } from './harness/self-signed.ts';
import type { Outcome } from './harness/shell.ts';
import { visitSecurely } from './harness/visit-securely.ts';

/** The word for the app's random name in what the CLI is expected to say. */
const app = 'fast-ravine-89805';
const example = join(import.meta.dirname, '..', 'examples', 'django-bookstore');
const herokuYml = `setup:
  addons:
    - plan: heroku-postgresql
build:
  docker:
    web: Dockerfile
release:
  image: web
  command:
    - python manage.py collectstatic --noinput
run:
  web: gunicorn config.wsgi
`;
const proxyHeader = /^SECURE_PROXY_SSL_HEADER = .*\n/m;
const superuser = { email: 'wsv@example.com', password: 'testpass-123' };
const secretKey = `p%k$(3&#^=x)+7_"z!q'w`;
const collected = /\d+ static files copied to '\/code\/staticfiles', \d+ post-processed\./;

/** What a push of the project shows: the build's steps, the release phase, the release. */
const pushed = (version: string, moved: RegExp): RegExp =>
  new RegExp(
    [
      /remote: === Building web \(Dockerfile\)/,
      /remote: Step 1\/\d+ .*: FROM python:3-slim(?:\nremote: .*)*/,
      /remote: Step \d+\/\d+ .*: RUN pip install --no-cache-dir -r requirements.txt(?:\nremote: .*)*/,
      /remote: -----> Launching\.\.\./,
      /remote: {2}! {2}Release command declared: this release becomes current when it has succeeded\./,
      new RegExp(`remote:\nremote: ${collected.source}`),
      new RegExp(`remote:  Released ${version}`),
      new RegExp(`remote:  http://${app}.localhost:PORT/ deployed to Ravine`),
      new RegExp(`remote:\nTo https://localhost:PORT/${app}.git`),
      moved,
    ]
      .map(({ source }) => source)
      .join('\n'),
  );

const platform = await startPlatform({ DOCKER_HOST: ensureEngine(), RAVINE_ENGINE: 'auto' });
const chromium = await openChromium({ http2: false });
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await platform[Symbol.asyncDispose]();
  await clearEngine(platform.dataFolder);
});
const { page } = chromium;
const shell = await platform.shell('ann');
const project = await newProject(shell, 'bookstore');
const { heroku, git } = project;
const settingsFile = join(project.folder, 'config', 'settings.py');
/** What `heroku create` answered. */
let name = '';
const dashboard = (path: string): string => `${platform.apiUrl}/dashboard${path}`;
const site = (): string => `http://${name}.localhost:${platform.routerPort}/`;
const said = (outcome: Outcome, expected: Said): void => assertSaid(outcome, expected, [[name, app]]);

test('steps 1 to 3: the project has WhiteNoise, Gunicorn and settings by environment, and no word of a proxy', async () => {
  await cp(example, project.folder, {
    recursive: true,
    filter: (path) => !['heroku.yml', '__pycache__'].includes(basename(path)),
  });
  const settings = await readFile(settingsFile, 'utf8');
  for (const lines of [
    /"whitenoise\.runserver_nostatic",\n\s*"django\.contrib\.staticfiles",/,
    /"django\.middleware\.security\.SecurityMiddleware",\n\s*"whitenoise\.middleware\.WhiteNoiseMiddleware",/,
    /"whitenoise\.storage\.CompressedManifestStaticFilesStorage"/,
    proxyHeader,
  ]) {
    assert.match(settings, lines);
  }
  for (const file of ['docker-compose.yml', 'docker-compose-prod.yml']) {
    assert.match(await readFile(join(project.folder, file), 'utf8'), /gunicorn config\.wsgi -b 0\.0\.0\.0:8000/, file);
  }
  await git('checkout', '--quiet', '-b', 'master');
  await project.commit({ 'config/settings.py': settings.replace(proxyHeader, '') });
});

test('step 4: `heroku login` opens the page where the account logs in', async () => {
  const opener = await installBrowser(shell);
  const terminal = shell.terminal('heroku', ['login'], { env: opener.env });
  await terminal.shows('Press any key');
  terminal.type(' ');
  await page.goto(await opener.opened());
  await page.getByLabel('E-mail').fill(platform.email);
  await page.getByLabel('Password').fill(platform.password);
  await page.getByRole('button', { name: 'Log in to the CLI' }).click();
  await page.getByRole('heading', { name: 'You are logged in' }).waitFor();
  const { screen, status } = await terminal.ended;
  assert.match(screen, /Logging in\.\.\. done\nLogged in as admin@localhost\n$/);
  assert.equal(status, 0);
});

test('steps 5 and 6: heroku.yml is written and committed', async () => {
  await writeFile(join(project.folder, 'heroku.yml'), herokuYml);
  assert.equal(
    await readFile(join(example, 'heroku.yml'), 'utf8'),
    herokuYml,
    'the example is deployed as the chapter says',
  );
  assert.match((await git('status')).stdout, /^On branch master\nUntracked files:\n.*\n\theroku\.yml\n/);
  assertSaid(await git('add', '.'), {});
  assert.match((await git('commit', '-m', 'ch17')).stdout, /^\[master [0-9a-f]{7}\] ch17\n 1 file changed/);
});

test('step 7: `heroku create` answers name, URL and repository; the app has two releases and nothing that runs', async () => {
  const colourful = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };
  const { screen, status } = await shell.terminal('heroku', ['create'], { cwd: project.folder, env: colourful }).ended;
  name = /done, ⬢ ([a-z]+-[a-z]+-\d{5})\n/.exec(screen)?.[1] ?? '';
  assert.deepEqual(
    { screen: steady(screen, [[name, app]]), status },
    {
      screen: `Creating app...\nCreating app... done, ⬢ ${app}\nhttp://${app}.localhost:PORT/ | https://localhost:PORT/${app}.git\n`,
      status: 0,
    },
  );
  said(await heroku('releases'), {
    stdout: `=== ${app} Releases - Current: v2

  v  description  user  created_at
 ─
  v2  Enable Logplex  admin@localhost  TIME
  v1  Initial release  admin@localhost  TIME`,
  });
  said(await heroku('ps'), { stdout: `No dynos on ${app}` });
  said(await heroku('addons'), { stdout: `No add-ons for app ${app}.` });
});

test("step 7, in the dashboard: the new app's Overview shows the same", async () => {
  await page.goto(dashboard(`/apps/${name}`));
  await page.getByLabel('E-mail').fill(platform.email);
  await page.getByLabel('Password').fill(platform.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('There are no add-ons for this app').waitFor();
  await page.getByText('This app has no process types yet').waitFor();
  const latest = page.getByRole('region', { name: 'Latest activity' }).getByRole('listitem');
  await latest.first().waitFor();
  const lines = await latest.allTextContents();
  assert.match(
    lines.join('\n'),
    /^Enable Logplex .*admin@localhost · v2 · .*\nInitial release .*admin@localhost · v1 · .*$/,
  );
});

test('step 8: Settings, Reveal Config Vars: they are added there, and `heroku config` has them', async () => {
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Reveal Config Vars' }).click();
  await page.getByLabel('Key', { exact: true }).fill('DJANGO_SECRET_KEY');
  await page.getByLabel('Value', { exact: true }).fill('to be replaced');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('DJANGO_SECRET_KEY was set.').waitFor();
  said(await heroku('config'), { stdout: `=== ${app} Config Vars\n\nDJANGO_SECRET_KEY: to be replaced` });
});

test('step 8 by the CLI: characters in them that shells and files mistake', async () => {
  said(await heroku('config:set', `DJANGO_SECRET_KEY=${secretKey}`, 'DJANGO_ALLOWED_HOSTS=.localhost'), {
    stdout: `DJANGO_ALLOWED_HOSTS: .localhost\nDJANGO_SECRET_KEY:  ${secretKey}`,
    stderr: `Setting DJANGO_SECRET_KEY, DJANGO_ALLOWED_HOSTS and restarting ${app}... done, v4`,
  });
});

test('step 9: `heroku stack:set container`', async () => {
  said(await heroku('stack:set', 'container', '-a', name), { stderr: 'Setting stack to container... done' });
  const stack = page.locator('dl > div').filter({ hasText: /^Stackcontainer$/ });
  await stack.waitFor();
});

test('step 10: `heroku addons:create heroku-postgresql:hobby-dev` makes a database and sets DATABASE_URL', async () => {
  said(await heroku('addons:create', 'heroku-postgresql:hobby-dev', '-a', name), {
    stdout: `Database has been created and is available
 ! This database is empty. If upgrading, you can transfer
 ! data from another database with pg:copy
Created postgresql-NAME-N as DATABASE_URL
Run heroku addons:docs heroku-postgresql to view documentation.`,
    stderr: `Creating heroku-postgresql:hobby-dev on ${app}... free`,
  });
  assert.match(
    (await heroku('config:get', 'DATABASE_URL', '-a', name)).stdout,
    /^postgres:\/\/\w+:\w+@\S+:\d+\/\w+\n$/,
  );
});

test('step 11: `heroku git:remote` adds the remote', async () => {
  said(await heroku('git:remote', '-a', name), {
    stdout: `set git remote heroku to https://localhost:PORT/${app}.git`,
  });
});

test('step 12: `git push heroku master` builds the image, collects the static files and releases the app', async () => {
  await page.getByRole('link', { name: 'Activity', exact: true }).click();
  const { stderr, status } = await git('push', 'heroku', 'master');
  assert.equal(status, 0, stderr);
  const released = page.getByRole('listitem').filter({ hasText: 'Deploy' }).filter({ hasText: 'Current' });
  await released.getByText('v6', { exact: true }).waitFor();
  assert.match(steady(stderr, [[name, app]]), pushed('v6', / \* \[new branch\] {2}master -> master/));
  assert.match((await heroku('releases:output')).stdout, collected);
});

test('step 13: `heroku run` migrates the database and, at a terminal, asks for a superuser and hides the password', async () => {
  const migrated = await heroku('run', 'python', 'manage.py', 'migrate');
  assert.match(migrated.stdout, /^Operations to perform:\n {2}Apply all migrations: accounts, admin, auth, books, /);
  assert.match(migrated.stdout, /^ {2}Applying books\.0001_initial\.\.\. OK$/m);
  assert.match(
    steady(migrated.stderr, [[name, app]]),
    /Running python manage\.py migrate on fast-ravine-89805\.\.\. up, run\.N\n$/,
  );
  const terminal = shell.terminal('heroku', ['run', 'python', 'manage.py', 'createsuperuser'], { cwd: project.folder });
  await terminal.answer('E-mail: ', superuser.email);
  await terminal.answer('Password: ', superuser.password);
  await terminal.answer('Password (again): ', superuser.password);
  const { screen, status } = await terminal.ended;
  assert.match(
    steady(screen, [[name, app]]),
    /on fast-ravine-89805\.\.\. up, run\.N\nE-mail: wsv@example\.com\nPassword:\nPassword \(again\):\nSuperuser created successfully\.\n$/,
  );
  assert.equal(status, 0);
});

test('steps 14 and 15: `heroku open` opens the site, which redirects for ever as long as it can not see https', async () => {
  const opener = await installBrowser(shell);
  const opened = await shell.run('heroku', ['open', '-a', name], { env: opener.env });
  said(opened, { stdout: `Opening http://${app}.localhost:PORT/...` });
  assert.equal(await opener.opened(), site());
  await assert.rejects(page.goto(site()), /net::ERR_TOO_MANY_REDIRECTS/);
});

test('step 15: told of the proxy and pushed again, the site shows its home page', async () => {
  const settings = await readFile(settingsFile, 'utf8');
  await writeFile(settingsFile, `${settings}\nSECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')\n`);
  await git('add', '.');
  await git('commit', '-m', 'https fix');
  const { stderr, status } = await git('push', 'heroku', 'master');
  assert.equal(status, 0, stderr);
  assert.match(steady(stderr, [[name, app]]), pushed('v7', / {3}[0-9a-f]{7}\.\.[0-9a-f]{7} {2}master -> master/));
  assertWaited(await heroku('ps:wait'));
  // Not reload(): on an error page Chromium tries again by itself, and the two would get in each other's way.
  await page.goto('about:blank');
  await page.goto(site());
  assert.equal(page.url(), site().replace('http:', 'https:'));
  for (const link of ['Books', 'About', 'Log In', 'Sign Up']) {
    assert.equal(await page.getByRole('link', { name: link, exact: true }).isVisible(), true, link);
  }
  await page.getByRole('searchbox').fill('middlemarch');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Middlemarch' }).waitFor();
});

test('static files have hashed names, gzip and far-future caching, though they are not in git', async () => {
  assert.equal((await git('ls-files', 'staticfiles')).stdout, '');
  const [style] = await Promise.all([
    page.waitForResponse((response) => response.request().resourceType() === 'stylesheet'),
    page.goto(site()),
  ]);
  assert.match(new URL(style.url()).pathname, /^\/static\/css\/site\.[0-9a-f]{12}\.css$/);
  const { 'cache-control': caching, 'content-encoding': encoding } = await style.allHeaders();
  assert.deepEqual({ caching, encoding }, { caching: 'max-age=315360000, public, immutable', encoding: 'gzip' });
  const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
  assert.equal(background, 'rgb(238, 240, 243)', 'the style sheet applies');
});

test('a reader signs up, and the superuser enters the admin', async () => {
  await page.getByRole('link', { name: 'Sign Up' }).click();
  await page.getByLabel('E-mail').fill('reader@example.com');
  for (const field of await page.locator('input[type=password]').all()) await field.fill('margins-and-ink-7');
  await page.locator('main button[type=submit]').click();
  await page.getByRole('button', { name: 'Log Out' }).click();
  await page.getByRole('link', { name: 'Log In' }).waitFor();
  await page.goto(`${site()}admin/`);
  await page.locator('input[name=username]').fill(superuser.email);
  await page.locator('input[name=password]').fill(superuser.password);
  await page.locator('input[type=submit]').click();
  await page.getByRole('heading', { name: 'Behind the counter' }).waitFor();
});

test('step 16: `heroku logs --tail` shows lines of app, router and platform when something goes wrong', async () => {
  const tail = shell.start('heroku', ['logs', '--tail', '-a', name]);
  assert.equal((await heroku('config:set', 'DJANGO_ALLOWED_HOSTS=.example.com')).status, 0);
  await tail.prints(
    /Set DJANGO_ALLOWED_HOSTS config vars by user[\s\S]*heroku\[web\.1\]: State changed from starting to up/,
  );
  assertWaited(await heroku('ps:wait'));
  assert.equal((await page.goto(site()))?.status(), 400);
  await tail.prints(/app\[web\.1\]: ERROR django\.security\.DisallowedHost: Invalid HTTP_HOST header/);
  await tail.prints(/heroku\[router\]: at=info method=GET path="\/" host=\S+ .* dyno=web\.1 .* status=400 /);
  await tail.stop();
});

test('step 17: a cache by MemCachier, daily backups of the database, and a certificate for a domain of its own', async () => {
  const cache = await heroku('addons:create', 'memcachier');
  assertSaid(
    cache,
    {
      stdout: `Cache has been created and is available
Created memcachier-NAME-N as MEMCACHIER_SERVERS, MEMCACHIER_USERNAME, MEMCACHIER_PASSWORD
Run heroku addons:docs memcachier to view documentation.`,
      stderr: `Creating memcachier on ${app}... free`,
    },
    [
      [name, app],
      [/memcachier-[a-z]+-\d+/g, 'memcachier-NAME-N'],
    ],
  );
  said(await heroku('pg:backups:schedule', 'DATABASE_URL', '--at', '02:00 America/New_York'), {
    stderr: 'Scheduling automatic daily backups of postgresql-NAME-N at 02:00 America/New_York... done',
  });
  said(await heroku('domains:add', 'www.example.com'), {
    stdout: `Configure your app's DNS provider to point to the DNS Target ${app}.localhost.
    For help, see https://devcenter.heroku.com/articles/custom-domains`,
    stderr: `Adding www.example.com to ${app}... done`,
  });
  const { crt, key } = await selfSigned(shell.folder, 'books', ['www.example.com']);
  const terminal = shell.terminal('heroku', ['certs:add', crt, key], { cwd: project.folder });
  await terminal.shows('◯ www.example.com');
  terminal.type(' ');
  await terminal.shows('◉ www.example.com');
  terminal.type('\r');
  assert.equal((await terminal.ended).status, 0);
  assertWaited(await heroku('ps:wait'));
  const visited = await visitSecurely(platform, 'www.example.com');
  assert.equal(visited.names, 'DNS:www.example.com');
  assert.match(visited.body, /Log In/);
});
