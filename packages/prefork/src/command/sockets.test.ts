import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdTcp } from '../held-socket.ts';
import { app, Prefork } from './prefork.fixture.ts';

test('a unix socket gets the rights of the umask, replaces one that a killed master left, and is removed at the end', async () => {
  await using first = await Prefork.start([app('app'), '-b', 'unix:app.sock', '--umask', '027']);
  const socket = join(first.folder, 'app.sock');
  assert.equal((await stat(socket)).mode & 0o777, 0o750);
  assert.match(await first.askUnix(socket), /^\d+$/);
  first.signal('SIGKILL');
  await first.exited;
  assert.ok(existsSync(socket));
  await using second = await Prefork.start([app('app'), '-b', `unix:${socket}`]);
  assert.match(await second.askUnix(socket), /^\d+$/);
  second.signal('SIGTERM');
  assert.equal(await second.exited, 0);
  assert.ok(!existsSync(socket));
});

test('a descriptor that the parent opened is served as fd://N', async () => {
  const held = holdTcp('127.0.0.1', 0);
  await using prefork = await Prefork.start([app('app'), '-b', 'fd://3'], { fds: [held.fd] });
  const response = await fetch(`http://127.0.0.1:${held.address?.port}/`, { headers: { connection: 'close' } });
  assert.match(await response.text(), /^\d+$/);
  assert.match(prefork.text, /serving .* on fd:\/\/3 /);
  held.close();
});

test('a taken port, a port out of reach and a descriptor that is no socket end the start with status 1 and say what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await using taken = await Prefork.start([app('app'), '-b', `127.0.0.1:${port}`]);
  assert.equal(await taken.exited, 1);
  assert.match(taken.text, new RegExp(`prefork: expected port ${port} on 127\\.0\\.0\\.1 to be free`));
  other.close();
  await using elsewhere = await Prefork.start([app('app'), '-b', '192.0.2.1:8000']);
  assert.equal(await elsewhere.exited, 1);
  assert.match(elsewhere.text, /expected 192\.0\.2\.1 to be an address of this machine/);
  await using none = await Prefork.start([app('app'), '-b', 'fd://99']);
  assert.equal(await none.exited, 1);
  assert.match(none.text, /expected descriptor 99 to be a socket/);
});
