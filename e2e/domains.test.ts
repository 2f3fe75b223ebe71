import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPebble } from '../scripts/pebble.ts';
import { startPlatform } from './harness/platform.ts';
import { newProject } from './harness/project.ts';
import { assertSaid, refusal } from './harness/said.ts';
import { selfSigned } from './harness/self-signed.ts';
import { visitSecurely } from './harness/visit-securely.ts';

const pebble = await startPebble();
after(() => pebble[Symbol.asyncDispose]());
const platform = await startPlatform({
  RAVINE_ACME_DIRECTORY: pebble.directoryUrl,
  RAVINE_ACME_CA: pebble.caFile,
  RAVINE_ACME_DNS: pebble.dnsServer,
});
after(() => platform[Symbol.asyncDispose]());
await pebble.start({ httpPort: platform.routerPort, tlsPort: platform.routerPort });
const shell = await platform.loggedIn('ann');
const { heroku } = shell;

const names = [[/[a-z]+-[a-z]+-\d{5}/g, 'CERT-NAME']] as const;
const target = `Configure your app's DNS provider to point to the DNS Target shop.localhost.
    For help, see https://devcenter.heroku.com/articles/custom-domains`;

test('an app is served under domains that are added to it', async () => {
  const shop = await newProject(shell, 'shop');
  assert.equal((await shop.heroku('create', 'shop')).status, 0);
  const server = `require('node:http').createServer((request, response) => response.end('at ' + request.headers.host)).listen(process.env.PORT);`;
  await shop.commit({
    'package.json': '{"name":"shop","private":true}',
    'server.js': server,
    Procfile: 'web: node server.js',
  });
  assert.equal((await shop.git('push', 'heroku', 'main')).status, 0);
  assertSaid(await heroku('domains:add', 'www.shop.test', '--wait', '-a', 'shop'), {
    stdout: target,
    stderr: 'Adding www.shop.test to shop... done',
  });
  assertSaid(await heroku('domains:add', '*.shop.test', '-a', 'shop'), {
    stdout: target,
    stderr: 'Adding *.shop.test to shop... done',
  });
  assertSaid(await heroku('domains:add', 'shop.test', '-a', 'shop'), {
    stdout: target,
    stderr: `Adding shop.test to shop... done
› Warning: shop.test has no label before the domain, and DNS allows no CNAME there: point an ALIAS or ANAME record at shop.localhost, or A and AAAA records at the addresses of this machine.`,
  });
  for (const host of ['www.shop.test', 'any.shop.test', 'shop.test']) {
    assert.equal((await visitSecurely(platform, host)).body, `at ${host}`);
  }
});

test("a name that is another app's, or no domain of one's own, is refused", async () => {
  assert.equal((await heroku('create', 'other', '--no-remote')).status, 0);
  const refused = async (name: string, message: string): Promise<void> =>
    assertSaid(await heroku('domains:add', name, '-a', 'other'), {
      ...refusal(message, 'invalid_params'),
      stderr: `Adding ${name} to other... done\n${refusal(message, 'invalid_params').stderr}`,
    });
  await refused(
    'www.shop.test',
    'www.shop.test is currently in use by another app: shop. Remove it there first: heroku domains:remove www.shop.test -a shop',
  );
  await refused(
    'mine.localhost',
    'mine.localhost is below localhost, where this platform gives apps their own names; add a domain of your own, such as www.example.com.',
  );
});

test('an uploaded certificate is shown to visitors of the domains that it was chosen for', async () => {
  const { crt, key } = await selfSigned(shell.folder, 'first', ['www.shop.test']);
  const terminal = shell.terminal('heroku', ['certs:add', crt, key, '-a', 'shop']);
  await terminal.shows('◯ www.shop.test');
  terminal.type(' ');
  await terminal.shows('◉ www.shop.test');
  terminal.type('\r');
  const { screen, status } = await terminal.ended;
  assert.equal(status, 0, screen);
  assert.match(screen, /Issuer: +\/O=Shop\/CN=first\n[\s\S]*SSL certificate is self signed\./);
  const { names: shown, body } = await visitSecurely(platform, 'www.shop.test');
  assert.deepEqual({ shown, body }, { shown: 'DNS:www.shop.test', body: 'at www.shop.test' });
  const { stdout } = await heroku('domains', '-a', 'shop');
  assert.match(stdout, /=== shop Heroku Domain\n\nshop\.localhost\n/);
  assert.match(stdout, /^ +\*\.shop\.test +CNAME +shop\.localhost *$/m);
  assert.match(stdout, /^ +shop\.test +ALIAS or ANAME +shop\.localhost *$/m);
  assert.match(stdout, /^ +www\.shop\.test +CNAME +shop\.localhost +[a-z]+-[a-z]+-\d{5} *$/m);
});

test('an updated certificate takes its place, a wrong one does not, and a removed one is gone', async () => {
  const { crt, key } = await selfSigned(shell.folder, 'second', ['www.shop.test', 'shop.test']);
  const update = (chain: string, privateKey: string) =>
    heroku('certs:update', chain, privateKey, '-a', 'shop', '--confirm', 'shop');
  assert.equal((await update(crt, key)).status, 0);
  assert.equal((await visitSecurely(platform, 'www.shop.test')).names, 'DNS:www.shop.test, DNS:shop.test');
  const { key: wrong } = await selfSigned(shell.folder, 'third', ['www.shop.test']);
  assertSaid(
    await update(crt, wrong),
    refusal(
      "Key doesn't match the PEM certificate: the certificate of second was made for another key.",
      'invalid_params',
      'Updating SSL certificate CERT-NAME for shop',
    ),
    names,
  );
  assertSaid(
    await heroku('certs:remove', '-a', 'shop', '--confirm', 'shop'),
    { stderr: 'Removing SSL certificate CERT-NAME from shop... done' },
    names,
  );
  assert.notEqual((await visitSecurely(platform, 'www.shop.test')).names, 'DNS:www.shop.test, DNS:shop.test');
});

test('certificates are had by themselves for domains that lead here, and the others say why not', async () => {
  await pebble.addName('www.shop.test');
  assertSaid(await heroku('certs:auto:enable', '-a', 'shop'), {
    stdout: '=== Your certificate will now be managed by Heroku. Check the status by running heroku certs:auto.',
    stderr:
      'Enabling Automatic Certificate Management... starting. See status with heroku certs:auto or wait until active with heroku certs:auto --wait',
  });
  while (!(await visitSecurely(platform, 'www.shop.test')).issuer.includes('Pebble')) await sleep(50);
  const { stdout } = await heroku('certs:auto', '-a', 'shop');
  assert.match(stdout, /Automatic Certificate Management is enabled on shop/);
  assert.match(stdout, /www\.shop\.test +Cert issued/);
  assert.match(stdout, /\*\.shop\.test +Failed +A certificate for a wildcard can only be had by a change in DNS/);
  assert.match(stdout, / shop\.test +Failing +DNS has no address for shop\.test\. Point it at this platform/);
});

test('session affinity is switched on as on Heroku', async () => {
  assertSaid(await heroku('features:enable', 'http-session-affinity', '-a', 'shop'), {
    stderr: 'Enabling http-session-affinity for shop... done',
  });
});

test('without its domains an app answers under its own name only', async () => {
  assertSaid(await heroku('domains:clear', '-a', 'shop'), { stderr: 'Removing all domains from shop... done' });
  assert.equal((await visitSecurely(platform, 'www.shop.test')).status, 404);
  assert.equal((await visitSecurely(platform, 'shop.localhost')).body, 'at shop.localhost');
});
