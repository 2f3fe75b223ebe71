import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Load } from './load.fixture.ts';
import { app, isAlive, Prefork, preforkctl, until } from './prefork.fixture.ts';

/** Ends a master that is not the test's own child. */
const end = async (pid: number): Promise<void> => {
  process.kill(pid, 'SIGINT');
  await until(() => !isAlive(pid));
};

test('USR2 starts a second master on the same sockets; the first can then be ended without a failed request', async () => {
  await using prefork = await Prefork.start([app('app'), '--pid', 'master.pid']);
  const pidFile = join(prefork.folder, 'master.pid');
  await using load = new Load(prefork.port, { clients: 4 });
  await load.more(50);
  prefork.signal('SIGUSR2');
  const [, pid] = await prefork.said(/started process (\d+) as successor/);
  await prefork.said(/successor's pid is in/);
  assert.equal(Number(await readFile(`${pidFile}.2`, 'utf8')), Number(pid));
  assert.equal(Number(await readFile(pidFile, 'utf8')), prefork.pid);
  await load.more(50);
  prefork.signal('SIGUSR2');
  await prefork.said(/ERROR\] a successor runs already/);
  prefork.signal('SIGTERM');
  await prefork.said(/this one is alone now/);
  await load.more(50);
  assert.deepEqual(load.failures, []);
  assert.equal(Number(await readFile(pidFile, 'utf8')), Number(pid));
  assert.ok(!existsSync(`${pidFile}.2`));
  await end(Number(pid));
});

test("a successor that can't start leaves the master serving", async () => {
  await using prefork = await Prefork.start([app('app'), '--pid', 'master.pid']);
  // The name of the successor's pid file is taken by a process that lives: this one.
  await writeFile(join(prefork.folder, 'master.pid.2'), String(process.pid));
  prefork.signal('SIGUSR2');
  await prefork.said(/ERROR\] the successor exited with status 1; this master serves on/);
  assert.match(await prefork.get(), /^\d+$/);
});

test('`preforkctl upgrade` changes masters on unix sockets; the files of the sockets stay for the new one', async () => {
  await using prefork = await Prefork.start([app('app'), '-b', 'unix:app.sock', '--control-socket', 'control.sock']);
  const socket = join(prefork.folder, 'app.sock');
  const control = join(prefork.folder, 'control.sock');
  const before = await prefork.askUnix(socket);
  assert.deepEqual(await preforkctl('-s', control, 'upgrade'), { status: 0, stdout: '', stderr: '' });
  const [, pid] = await prefork.said(/started process (\d+) as successor/);
  await prefork.said(/this one is alone now/);
  assert.notEqual(await prefork.askUnix(socket), before);
  const stats = await preforkctl('-s', control, '--json', 'stats');
  assert.equal((JSON.parse(stats.stdout) as { master: number }).master, Number(pid));
  assert.equal((await preforkctl('-s', control, 'stop')).status, 0);
  await until(() => !isAlive(Number(pid)));
  assert.ok(!existsSync(socket) && !existsSync(control));
});
