import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { installBrowser, sendForm } from './harness/browser.ts';
import { startPlatform } from './harness/platform.ts';
import { assertSaid, refusal, steady } from './harness/said.ts';

const platform = await startPlatform();
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.shell('ann');

const notLoggedIn = { stderr: '› Error: not logged in', status: 100 };

const interactiveLogin = async (password: string): Promise<{ screen: string; status: number }> => {
  const terminal = shell.terminal('heroku', ['login', '-i']);
  await terminal.answer('Email', platform.email);
  await terminal.answer('Password', password);
  return terminal.ended;
};

test('before a login the CLI says that there is none, with status 100', async () => {
  assertSaid(await shell.heroku('whoami'), notLoggedIn);
});

test('`heroku login -i` with a wrong password is refused with status 2 and leaves nobody logged in', async () => {
  const { screen, status } = await interactiveLogin('not the password');
  assert.match(
    steady(screen),
    /Password\n› Error: Invalid credentials provided\. Check e-mail and password\.\n› Error ID: unauthorized\n$/,
  );
  assert.equal(status, 2);
  assert.equal((await shell.heroku('whoami')).status, 100);
});

test('`heroku login -i` with the first password logs in, and whoami and auth:token answer', async () => {
  const { screen, status } = await interactiveLogin(platform.password);
  assert.match(steady(screen), /Password\nLogged in as admin@localhost\n$/);
  assert.equal(status, 0);
  assertSaid(await shell.heroku('whoami'), { stdout: 'admin@localhost' });
  const token = await shell.heroku('auth:token');
  assert.match(token.stdout, /^HRKU-[\w-]{40,}\n$/);
  assert.deepEqual({ stderr: token.stderr, status: token.status }, { stderr: '', status: 0 });
});

test('`heroku login` opens a page whose form logs the CLI in', async () => {
  const another = await platform.shell('bea');
  const browser = await installBrowser(another);
  const terminal = another.terminal('heroku', ['login'], { env: browser.env });
  await terminal.shows('Press any key');
  terminal.type(' ');
  await terminal.shows('Waiting for login');
  const page = await browser.opened();
  assert.equal(new URL(page).origin, platform.apiUrl);
  const refused = await sendForm(page, { email: platform.email, password: 'not the password' });
  assert.equal(refused.status, 401);
  assert.match(await refused.text(), /Invalid credentials provided/);
  const granted = await sendForm(page, { email: platform.email, password: platform.password });
  assert.equal(granted.status, 200);
  const { screen, status } = await terminal.ended;
  assert.match(screen, /Logged in as admin@localhost\n$/);
  assert.equal(status, 0);
  assertSaid(await another.heroku('whoami'), { stdout: 'admin@localhost' });
});

test('a token that was revoked by logout opens nothing any more', async () => {
  const { stdout: token } = await shell.heroku('auth:token');
  assertSaid(await shell.heroku('logout'), { stderr: 'Logging out... done' });
  assertSaid(await shell.heroku('whoami'), notLoggedIn);
  const env = { HEROKU_API_KEY: token.trim() };
  assertSaid(await shell.run('heroku', ['apps'], { env }), {
    stderr:
      '    Error: The token provided to HEROKU_API_KEY is invalid. Please\n    double-check that you have the correct token, or run `heroku login`\n    without HEROKU_API_KEY set.',
    status: 1,
  });
  const push = await shell.run('git', ['ls-remote', `${platform.apiUrl.replace('http:', 'https:')}/any.git`], {
    env: { ...env, GIT_TERMINAL_PROMPT: '0' },
  });
  assert.equal(push.status, 128);
});

test('`ravine accounts:add` makes a second account, which sees nothing of the first one', async () => {
  const { email, password } = await platform.addAccount('cleo@example.com');
  const owner = await platform.loggedIn('ann-again');
  assertSaid(await owner.heroku('create', 'anns-own'), {
    stdout: 'http://anns-own.localhost:PORT/ | https://localhost:PORT/anns-own.git',
    stderr: 'Creating anns-own... done',
  });
  const cleo = await platform.loggedIn('cleo', { email, password });
  assertSaid(await cleo.heroku('apps'), { stdout: 'You have no apps.' });
  const unknown = refusal("Couldn't find that app.", 'not_found');
  assertSaid(await cleo.heroku('apps:info', '-a', 'anns-own'), unknown);
  assertSaid(await cleo.heroku('apps:info', '-a', 'no-such-app'), unknown);
  assertSaid(
    await cleo.heroku('create', 'anns-own'),
    refusal('Name anns-own is already taken', 'invalid_params', 'Creating anns-own'),
  );
  const clone = await cleo.git('ls-remote', `${platform.apiUrl.replace('http:', 'https:')}/anns-own.git`);
  assertSaid(clone, {
    stderr: "remote: Couldn't find that app.\nfatal: repository 'https://localhost:PORT/anns-own.git/' not found",
    status: 128,
  });
});
