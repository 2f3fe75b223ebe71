import assert from 'node:assert/strict';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Load } from './load.fixture.ts';
import { app, childrenOf, isAlive, Prefork, until } from './prefork.fixture.ts';

test('TERM lets requests in flight finish, ends all workers and exits with status 0', async () => {
  await using prefork = await Prefork.start([app('app'), '-w', '2']);
  const workers = await childrenOf(prefork.pid);
  const slow = prefork.get('/slow?ms=400');
  const other = prefork.get('/slow?ms=100');
  await other;
  prefork.signal('SIGTERM');
  assert.match(await slow, /^slow \d+$/);
  assert.equal(await prefork.exited, 0);
  assert.ok(workers.length === 2 && !workers.some(isAlive));
});

test('TERM refuses connections from then on, while requests in flight have their time', async () => {
  await using prefork = await Prefork.start([app('app')]);
  const slow = prefork.get('/slow?ms=60000').catch(() => 'cut');
  await prefork.get();
  prefork.signal('SIGTERM');
  await until(async () => !(await accepts(prefork.port)));
  prefork.signal('SIGINT');
  assert.equal(await slow, 'cut');
});

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

test('TERM kills what is not finished after the graceful timeout', async () => {
  await using prefork = await Prefork.start([app('app'), '--graceful-timeout', '1']);
  const slow = prefork.get('/slow?ms=60000').catch(() => 'cut');
  await prefork.get();
  prefork.signal('SIGTERM');
  assert.equal(await slow, 'cut');
  assert.equal(await prefork.exited, 0);
});

for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
  test(`${signal} ends at once, also in the middle of a graceful stop`, async () => {
    await using prefork = await Prefork.start([app('app')]);
    const slow = prefork.get('/slow?ms=60000').catch(() => 'cut');
    await prefork.get();
    prefork.signal('SIGTERM');
    await prefork.said(/stopping/);
    prefork.signal(signal);
    assert.equal(await slow, 'cut');
    assert.equal(await prefork.exited, 0);
  });
}

test('TTIN and TTOU change the number of workers by one; the last one stays', async () => {
  await using prefork = await Prefork.start([app('app')]);
  prefork.signal('SIGTTIN');
  await until(async () => (await childrenOf(prefork.pid)).length === 2);
  prefork.signal('SIGTTOU');
  await until(async () => (await childrenOf(prefork.pid)).length === 1);
  prefork.signal('SIGTTOU');
  prefork.signal('SIGTTIN');
  await prefork.said(/2 workers from now on, 1 before[\s\S]*2 workers from now on, 1 before/);
});

test('WINCH stops the workers, connections wait, and HUP brings workers back', async () => {
  await using prefork = await Prefork.start([app('app')]);
  prefork.signal('SIGWINCH');
  await until(async () => (await childrenOf(prefork.pid)).length === 0);
  const waiting = prefork.get();
  prefork.signal('SIGHUP');
  assert.match(await waiting, /^\d+$/);
});

test('USR1 opens log files again, in the master and in workers', async () => {
  await using prefork = await Prefork.start([app('app'), '--access-logfile', 'access.log', '-b', '127.0.0.1:0']);
  const log = join(prefork.folder, 'access.log');
  const linesOf = async (path: string): Promise<number> =>
    (await readFile(path, 'utf8').catch(() => '')).split('\n').length - 1;
  await prefork.get();
  await until(async () => (await linesOf(log)) === 1);
  await rename(log, `${log}.1`);
  prefork.signal('SIGUSR1');
  await until(async () => (await readFile(log, 'utf8').catch(() => undefined)) !== undefined);
  await prefork.get();
  await until(async () => (await linesOf(log)) === 1);
  assert.equal(await linesOf(`${log}.1`), 1);
});

test('USR1 with log files that can’t be opened is an error in the log, and the files that are open go on', async () => {
  const logs = ['--access-logfile', 'access.log', '--error-logfile', 'error.log'];
  await using prefork = await Prefork.start([app('app'), ...logs], { errorLog: 'error.log' });
  const { url } = prefork;
  const [access, errors] = [join(prefork.folder, 'access.log'), join(prefork.folder, 'error.log')];
  for (const path of [access, errors]) {
    await rename(path, `${path}.1`);
    await mkdir(path);
  }
  const has = async (path: string, pattern: RegExp): Promise<boolean> => pattern.test(await readFile(path, 'utf8'));
  prefork.signal('SIGUSR1');
  await until(() => has(`${errors}.1`, /ERROR\] expected to open the log file error\.log, got EISDIR/));
  await until(() => has(`${errors}.1`, /ERROR\] worker \d+: expected to open the log file access\.log, got EISDIR/));
  await (await fetch(url)).text();
  await until(() => has(`${access}.1`, /GET \/ HTTP/));
});

test('under keep-alive load no request fails across HUP, TTIN and TTOU', async () => {
  await using prefork = await Prefork.start([app('app'), '-w', '2']);
  await using load = new Load(prefork.port);
  await load.more(100);
  prefork.signal('SIGHUP');
  await prefork.said(/reloaded/);
  await load.more(100);
  prefork.signal('SIGTTIN');
  await prefork.said(/3 workers from now on/);
  await load.more(100);
  prefork.signal('SIGTTOU');
  await prefork.said(/2 workers from now on/);
  await load.more(100);
  prefork.signal('SIGHUP');
  await prefork.said(/reloaded[\s\S]*reloaded/);
  await load.more(100);
  assert.deepEqual(load.failures, []);
  assert.ok(load.bodies.size >= 6, 'workers of three generations answered');
});

test('connections that have not spoken yet when their worker is told to stop are answered', async () => {
  await using prefork = await Prefork.start([app('app')]);
  const [before] = await prefork.workers();
  const socket = connect(prefork.port, '127.0.0.1');
  // The worker accepts in order: once this one is answered, the silent one is accepted, too.
  await prefork.get();
  prefork.signal('SIGHUP');
  await prefork.said(/reloaded/);
  socket.write('GET / HTTP/1.1\r\nhost: app\r\n\r\n');
  let text = '';
  for await (const part of socket.setEncoding('utf8')) text += part;
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(text, /connection: close/i);
  assert.ok(text.endsWith(String(before)));
});

test('an app with a SIGTERM handler of its own runs it once its last request is answered', async () => {
  await using prefork = await Prefork.start([app('self-listening')]);
  const slow = prefork.get('/slow');
  await until(async () => (await prefork.get()) === 'self');
  prefork.signal('SIGTERM');
  assert.equal(await slow, 'self');
  assert.equal(await prefork.exited, 0);
  assert.ok(prefork.lines.includes('the app cleans up'));
});

test('a kept connection that is idle is ended after the time it was promised', async () => {
  await using prefork = await Prefork.start([app('app'), '--keep-alive', '0.2']);
  const socket = connect(prefork.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: app\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  prefork.signal('SIGTERM');
  assert.equal(await prefork.exited, 0);
});

test('a kept connection that was promised more time than a stop has does not hold it up to its end', async () => {
  await using prefork = await Prefork.start([app('app'), '--keep-alive', '95', '--graceful-timeout', '3']);
  const socket = connect(prefork.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: app\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  prefork.signal('SIGTERM');
  // Not cut with whatever is in flight, but closed: an end, and no reset.
  let failed: unknown;
  socket.on('error', (error) => {
    failed = error;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  assert.equal(failed, undefined);
  assert.equal(await prefork.exited, 0);
  assert.doesNotMatch(prefork.text, /SIGKILL/);
});

test('kill -9 of the master ends all workers, also one that is stuck, and a new master takes the port', async () => {
  await using prefork = await Prefork.start([app('app'), '-w', '2', '-t', '20']);
  const workers = await childrenOf(prefork.pid);
  const { port } = prefork;
  const stuck = prefork.get('/spin').catch(() => 'cut');
  await prefork.said(/the app spins/);
  prefork.signal('SIGKILL');
  await prefork.exited;
  await using next = await Prefork.start([app('app'), '-b', `127.0.0.1:${port}`]);
  await until(() => !workers.some(isAlive));
  assert.equal(await stuck, 'cut');
  assert.match(await next.get(), /^\d+$/);
});

test('kill -9 of a worker is one line with the reason, and another worker', async () => {
  await using prefork = await Prefork.start([app('app'), '-w', '2']);
  const [victim] = await prefork.workers();
  process.kill(victim, 'SIGKILL');
  await until(async () => {
    const now = await childrenOf(prefork.pid);
    return now.length === 2 && !now.includes(victim);
  });
  const about = prefork.lines.filter((line) => line.includes(String(victim)));
  assert.equal(about.length, 1);
  assert.match(about[0] ?? '', /killed by SIGKILL, by someone or for want of memory; it is replaced now$/);
});
