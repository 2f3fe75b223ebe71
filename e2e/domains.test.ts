import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startPlatform } from './harness/platform.ts';
import { newProject } from './harness/project.ts';
import { selfSigned } from './harness/self-signed.ts';
import { visitSecurely } from './harness/visit-securely.ts';

const platform = await startPlatform();
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.loggedIn('ann');
const shop = await newProject(shell, 'shop');
const h = async (...args: string[]) => {
  const r = await shop.heroku(...args);
  console.log('$', args.join(' '), '\n', r.stdout, '\n--', r.stderr, r.status);
  return r;
};

test('x', async () => {
  await h('create', 'shop');
  await h('create', 'other', '--no-remote');
  await shop.commit({
    'package.json': '{"name":"shop","private":true}',
    'server.js': `require('node:http').createServer((q, r) => r.end('shop ' + q.headers.host)).listen(process.env.PORT);`,
    Procfile: 'web: node server.js\n',
  });
  console.log(await shop.git('push', 'heroku', 'main'));
  await h('domains', '-a', 'shop');
  await h('domains:add', 'www.example.com', '-a', 'shop');
  await h('domains:add', 'www.example.com', '-a', 'shop');
  await h('domains:add', 'www.example.com', '-a', 'other');
  await h('domains:add', 'example.com', '-a', 'shop', '--wait');
  await h('domains:add', '*.example.com', '-a', 'shop');
  await h('domains:add', 'bücher.example', '-a', 'shop');
  await h('domains:add', 'nonsense', '-a', 'shop');
  await h('domains:add', 'x.localhost', '-a', 'shop');
  await h('domains:wait', '-a', 'shop');
  await h('domains:wait', 'www.example.com', '-a', 'shop');
  await h('domains', '-a', 'shop');
  await h('domains:info', 'www.example.com', '-a', 'shop');
  await h('certs', '-a', 'shop');
  const { crt, key } = await selfSigned(shell.folder, 'mine', ['www.example.com']);
  const terminal = shell.terminal('heroku', ['certs:add', crt, key, '-a', 'shop']);
  await terminal.shows('Select domains');
  terminal.type(' ');
  terminal.type('\r');
  console.log(await terminal.ended);
  await h('certs', '-a', 'shop');
  await h('certs:info', '-a', 'shop', '--show-domains');
  await h('domains', '-a', 'shop');
  console.log(await visitSecurely(platform, 'www.example.com'));
  await h('domains:remove', 'bücher.example', '-a', 'shop');
  const two = await selfSigned(shell.folder, 'two', ['www.example.com', 'example.com']);
  await h('certs:update', two.crt, two.key, '-a', 'shop', '--confirm', 'shop');
  console.log(await visitSecurely(platform, 'www.example.com'));
  await h(
    'domains:update',
    'example.com',
    '--cert',
    (await shop.heroku('certs', '-a', 'shop')).stdout.match(/\w+-\w+-\d+/)?.[0] ?? '?',
    '-a',
    'shop',
  );
  await h('certs:generate', 'new.example.com', '--now', '--selfsigned', '-a', 'shop');
  await h('certs:add', 'new.example.com.crt', 'new.example.com.key', '-a', 'shop');
  await h('certs:remove', '-a', 'shop', '--confirm', 'shop');
  await h('features:enable', 'http-session-affinity', '-a', 'shop');
  await h('certs:auto', '-a', 'shop');
  await h('domains:clear', '-a', 'shop');
  assert.ok(true);
});
