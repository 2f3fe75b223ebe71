import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { app, Prefork } from './prefork.fixture.ts';

test('a module that exports a request handler is served, by the workers and not by the master', async () => {
  await using prefork = await Prefork.start([app('app'), '-w', '2']);
  const pid = Number(await prefork.get());
  assert.ok(pid > 0 && pid !== prefork.pid);
});

test('an export can be named, and a factory called', async () => {
  await using named = await Prefork.start([`${app('app')}:other`]);
  assert.equal(await named.get(), 'other');
  await using made = await Prefork.start([`${app('app')}:make()`]);
  assert.equal(await made.get(), 'other');
});

test('a module that exports an http server is served on the sockets of the master', async () => {
  await using prefork = await Prefork.start([app('server-app')]);
  assert.equal(await prefork.get(), 'a server');
});

test('a CommonJS module is served', async () => {
  await using prefork = await Prefork.start(['app'], { cwd: join(import.meta.dirname, '../fixtures/commonjs') });
  assert.equal(await prefork.get(), 'commonjs');
});

test('an object with fetch gets requests with method, query, body and the address it was asked by', async () => {
  await using prefork = await Prefork.start([app('fetch-app')]);
  const response = await fetch(`${prefork.url}/?q=find`, { method: 'POST', body: 'text' });
  assert.equal(response.status, 201);
  assert.equal(await response.text(), 'POST find text');
  assert.equal(response.headers.get('x-url'), `${prefork.url}/?q=find`);
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
  assert.equal(await (await fetch(`${prefork.url}/stream`)).text(), 'one two');
  assert.equal((await fetch(`${prefork.url}/`, { method: 'HEAD' })).status, 201);
});

test('a fetch handler that throws answers 500 and its error is printed', async () => {
  await using prefork = await Prefork.start([app('fetch-app')]);
  const response = await fetch(`${prefork.url}/fail`);
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /as asked/);
  await prefork.said(/as asked/);
});

test('a module that listens by itself gets the sockets of the master in the place of its own port', async () => {
  await using prefork = await Prefork.start([app('self-listening'), '-w', '2']);
  assert.equal(await prefork.get(), 'self');
  assert.equal(prefork.lines.filter((line) => line === 'the app listens').length, 2);
});

test('a module that waits until it listens gets the sockets of the master, too', async () => {
  await using prefork = await Prefork.start([app('waiting-to-listen'), '-w', '2']);
  assert.equal(await prefork.get(), 'waited');
});

test('an exported app is served although another server of its module listens first; that one listens where it says', async () => {
  await using prefork = await Prefork.start([app('side-server')]);
  assert.equal(await prefork.get(), 'app');
  const [, port] = await prefork.said(/side server on port (\d+)/);
  assert.notEqual(Number(port), prefork.port);
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'side');
});

test('an app that is exported and listens by itself is served once, on the sockets of the master', async () => {
  await using prefork = await Prefork.start([app('listening-and-exported'), '-w', '2']);
  assert.equal(await prefork.get(), 'app');
  assert.equal(prefork.lines.filter((line) => line === 'the app listens').length, 2);
});

test('one app can listen on several sockets at once', async () => {
  await using prefork = await Prefork.start([app('app'), '-b', '127.0.0.1:0', '-b', '127.0.0.1:0']);
  const ports = [...prefork.text.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port);
  assert.equal(new Set(ports).size, 2);
  for (const port of ports) assert.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), /^\d+$/);
});

test('a module that throws ends the start with status 3 and the error in full', async () => {
  await using prefork = await Prefork.start([app('failing'), '-w', '2']);
  assert.equal(await prefork.exited, 3);
  assert.match(prefork.text, /no database here/);
  assert.match(prefork.text, /the app could not be started: worker \d+ exited with status 3/);
});

test('a missing file or export ends the start with an error that names it', async () => {
  await using missing = await Prefork.start(['nowhere.ts']);
  assert.equal(await missing.exited, 3);
  assert.match(missing.text, /there is no file .*nowhere\.ts/);
  await using wrong = await Prefork.start([`${app('app')}:nobody`]);
  assert.equal(await wrong.exited, 3);
  assert.match(wrong.text, /to export nobody, but it exports default, make, other/);
});

test('a module that neither exports an app nor listens ends the start after the boot timeout and says what was expected', async () => {
  await using prefork = await Prefork.start([app('no-app'), '--boot-timeout', '2']);
  assert.equal(await prefork.exited, 3);
  assert.match(prefork.text, /export a server .* or call listen/);
});

test('https is served with a certificate and its key', async () => {
  const { certificate, key } = await import('../fixtures/certificate.ts');
  await using folder = await Prefork.start([app('app'), '--check-config']);
  await writeFile(join(folder.folder, 'cert.pem'), certificate);
  await writeFile(join(folder.folder, 'key.pem'), key);
  await using prefork = await Prefork.start([
    app('app'),
    '--certfile',
    join(folder.folder, 'cert.pem'),
    '--keyfile',
    join(folder.folder, 'key.pem'),
  ]);
  const [, port] = await prefork.said(/https:\/\/127\.0\.0\.1:(\d+)/);
  const { get } = await import('node:https');
  const status = await new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, ca: certificate, servername: 'localhost' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
  assert.equal(status, 200);
});
