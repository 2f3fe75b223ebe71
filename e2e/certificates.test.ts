import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPebble } from '../scripts/pebble.ts';
import { startPlatform } from './harness/platform.ts';
import { newProject } from './harness/project.ts';
import { assertSaid, refusal, steady } from './harness/said.ts';
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
// Nobody answers HTTP-01 there: what is proven is proven over TLS.
await pebble.start({ httpPort: 1, tlsPort: platform.routerPort });
const shell = await platform.loggedIn('ann');
const { heroku } = shell;

test('a domain is shown, waited for and taken away by its name', async () => {
  const shop = await newProject(shell, 'shop');
  assert.equal((await shop.heroku('create', 'shop')).status, 0);
  const server = `require('node:http').createServer((request, response) => response.end('at ' + request.headers.host)).listen(process.env.PORT);`;
  await shop.commit({
    'package.json': '{"name":"shop","private":true}',
    'server.js': server,
    Procfile: 'web: node server.js',
  });
  assert.equal((await shop.git('push', 'heroku', 'main')).status, 0);
  for (const name of ['www.shop.test', 'old.shop.test']) {
    assert.equal((await heroku('domains:add', name, '-a', 'shop')).status, 0);
  }
  const info = await heroku('domains:info', 'www.shop.test', '-a', 'shop');
  assert.deepEqual(
    [/^app: +shop$/m, /^cname: +shop\.localhost$/m, /^hostname: +www\.shop\.test$/m, /^status: +none$/m].filter(
      (line) => !line.test(info.stdout),
    ),
    [],
    info.stdout,
  );
  assertSaid(await heroku('domains:wait', 'www.shop.test', '-a', 'shop'), {
    stderr: 'Waiting for www.shop.test... done',
  });
  assertSaid(await heroku('domains:wait', '-a', 'shop'), {});
  assert.equal((await visitSecurely(platform, 'old.shop.test')).status, 200);
  assertSaid(await heroku('domains:remove', 'old.shop.test', '-a', 'shop'), {
    stderr: 'Removing old.shop.test from shop... done',
  });
  assert.equal((await visitSecurely(platform, 'old.shop.test')).status, 404);
});

test('a key and a certificate are made by the CLI, and the platform takes them', async () => {
  assertSaid(await heroku('certs', '-a', 'shop'), {
    stdout: 'shop has no SSL certificates.\nUse heroku certs:add CRT KEY to add one.',
  });
  const made = await heroku('certs:generate', 'www.shop.test', '--selfsigned', '--now', '-a', 'shop');
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stderr, /\$ heroku certs:add www\.shop\.test\.crt www\.shop\.test\.key/);
  assert.match(await readFile(join(shell.folder, 'www.shop.test.crt'), 'utf8'), /^-----BEGIN CERTIFICATE-----/);
});

test('certificates are listed and shown, and a domain goes over to another one', async () => {
  for (const name of ['first', 'second']) {
    const { crt, key } = await selfSigned(shell.folder, name, ['late.shop.test', `${name}.test`]);
    assert.equal((await heroku('certs:add', crt, key, '-a', 'shop')).status, 0);
  }
  const list = async (): Promise<string> => (await heroku('certs', '-a', 'shop')).stdout;
  const listed = await list();
  const [first = '', second = ''] = ['first', 'second'].map(
    (name) => new RegExp(`([a-z]+-[a-z]+-\\d{5}) +late\\.shop\\.test, ${name}\\.test`).exec(listed)?.[1],
  );
  assert.ok(first && second, listed);
  assert.equal((await heroku('domains:add', 'late.shop.test', '--cert', first, '-a', 'shop')).status, 0);
  assert.match((await visitSecurely(platform, 'late.shop.test')).issuer, /CN=first/);
  assertSaid(await heroku('domains:update', 'late.shop.test', '--cert', second, '-a', 'shop'), {
    stderr: `Updating late.shop.test to use ${second} certificate... done`,
  });
  assert.match((await visitSecurely(platform, 'late.shop.test')).issuer, /CN=second/);
  assert.match(await list(), new RegExp(`${first} .* False +SNI +0 *$`, 'm'));
  assert.match(await list(), new RegExp(`${second} .* False +SNI +1 *$`, 'm'));
  const { stdout, status } = await heroku('certs:info', '--name', second, '--show-domains', '-a', 'shop');
  assert.equal(status, 0);
  assert.match(
    stdout,
    /Issuer: +\/O=Shop\/CN=second\n[\s\S]*Domain\(s\): +late\.shop\.test\nSSL certificate is self signed\./,
  );
  assert.equal((await heroku('domains:remove', 'late.shop.test', '-a', 'shop')).status, 0);
  for (const name of [first, second]) {
    assert.equal((await heroku('certs:remove', '--name', name, '-a', 'shop', '--confirm', 'shop')).status, 0);
  }
});

test('a domain whose port for HTTP is closed is proven over TLS at the next attempt, which may be asked for', async () => {
  await pebble.addName('www.shop.test');
  assert.equal((await heroku('certs:auto:enable', '-a', 'shop')).status, 0);
  const state = async (): Promise<string> => steady((await heroku('certs:auto', '-a', 'shop')).stdout);
  while (!/www\.shop\.test +Failing/.test(await state())) await sleep(50);
  assert.match(await state(), /could\s+not\s+be\s+verified\s+by\s+HTTP-01/);
  assertSaid(await heroku('certs:auto:refresh', '-a', 'shop'), {
    stderr: 'Refreshing Automatic Certificate Management... done',
  });
  while (!(await visitSecurely(platform, 'www.shop.test')).issuer.includes('Pebble')) await sleep(50);
  assert.equal((await visitSecurely(platform, 'www.shop.test')).names, 'DNS:www.shop.test');
  assert.match(await state(), /www\.shop\.test +Cert issued/);
});

test('without automatic management the domain is without a certificate of its own, and is served on', async () => {
  assertSaid(await heroku('certs:auto:disable', '-a', 'shop', '--confirm', 'shop'), {
    stderr: 'Disabling Automatic Certificate Management... done',
  });
  const { status, issuer } = await visitSecurely(platform, 'www.shop.test');
  assert.equal(status, 200);
  assert.doesNotMatch(issuer, /Pebble/);
  assertSaid(
    await heroku('certs:auto:refresh', '-a', 'shop'),
    refusal(
      'Automated Certificate Management is disabled. Enable it: heroku certs:auto:enable.',
      'invalid_params',
      'Refreshing Automatic Certificate Management',
    ),
  );
});
