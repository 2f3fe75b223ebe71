import assert from 'node:assert/strict';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { app, childrenOf, Prefork, preforkctl, until } from './prefork.fixture.ts';

test('preforkctl shows and changes a running master', async () => {
  await using prefork = await Prefork.start([app('app'), '--control-socket', 'control.sock']);
  const socket = join(prefork.folder, 'control.sock');
  const ask = (...args: string[]) => preforkctl('-s', socket, ...args);
  assert.equal((await stat(socket)).mode & 0o777, 0o600);

  const [worker] = await prefork.workers();
  const { stdout } = await ask('workers');
  assert.match(stdout, /^pid +state +uptimeSeconds +requests +active +memoryMegabytes\n/);
  assert.match(stdout, new RegExp(`\\n${worker} +ready +\\d+ +\\d+ +\\d+ +\\d+\\n$`));
  assert.match((await ask('listeners')).stdout, new RegExp(`^http://127\\.0\\.0\\.1:${prefork.port}\\n$`));
  assert.equal((JSON.parse((await ask('--json', 'config')).stdout) as { workers: number }).workers, 1);

  await ask('add');
  await until(async () => (await childrenOf(prefork.pid)).length === 2);
  await ask('remove');
  await until(async () => (await childrenOf(prefork.pid)).length === 1);
  const [last] = await prefork.workers();
  assert.deepEqual(await ask('replace', String(last)), { status: 0, stdout: '', stderr: '' });
  assert.ok(!(await childrenOf(prefork.pid)).includes(last));
  assert.equal((await ask('reload')).status, 0);
  assert.equal((await ask('reopen')).status, 0);
  assert.match((await ask('stats')).stdout, /^wanted +1$/m);

  const wrong = await ask('dance');
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /^preforkctl: expected one of workers, stats, .* got "dance"\n$/);
  const nobody = await ask('replace', '1');
  assert.match(nobody.stderr, /expected the pid of a worker \(\d+\), got 1/);

  assert.equal((await ask('quit')).status, 0);
  assert.equal(await prefork.exited, 0);
  const gone = await ask('stats');
  assert.equal(gone.status, 1);
  assert.match(gone.stderr, /expected a prefork master to listen on .*control\.sock, got ENOENT/);
});

test('a client that stays on the control socket does not keep a master that is told to stop', async () => {
  await using prefork = await Prefork.start([app('app'), '--control-socket', 'control.sock']);
  const client = connect(join(prefork.folder, 'control.sock'));
  await once(client, 'connect');
  prefork.signal('SIGTERM');
  assert.equal(await prefork.exited, 0);
  client.destroy();
});
