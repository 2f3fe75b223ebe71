import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { DynoId } from '../domain/ids.ts';
import { ask, routedDyno, snapshotOf, startDyno, startRouter } from './router.fixture.ts';

/** A process that listens and accepts nobody, with a queue that is full: who connects gets no answer. */
const deafScript = `
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  process.send(server.address().port, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
});`;

const told = async <Message>(child: ChildProcess): Promise<Message> => (await once(child, 'message'))[0] as Message; // each script says what

const startDeafDyno = async () => {
  const child = spawn(process.execPath, ['-e', deafScript], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = await told<number>(child);
  const queued: Socket[] = [];
  for (let full = false; !full; ) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    queued.push(socket);
    full = await Promise.race([once(socket, 'connect').then(() => false), delay(300).then(() => true)]);
  }
  return {
    port,
    [Symbol.dispose]() {
      for (const socket of queued) socket.destroy();
      child.kill('SIGKILL');
    },
  };
};

test('dynos that accept no connection in time are an H19, once ten of them have been tried', async () => {
  using deaf = await startDeafDyno();
  const dynos = Array.from({ length: 12 }, (_, at) => ({
    ...routedDyno(deaf.port, `web.${at + 1}`),
    id: `deaf-${at}` as DynoId, // a name reads better in tests than a UUID
  }));
  await using router = await startRouter(dynos, { timeouts: { connectMs: 20 } });
  assert.equal((await ask(router.port)).status, 503);
  assert.match(
    (await router.logged(1))[0] ?? '',
    /^at=error code=H19 desc="Backend connection timeout" method=GET .* dyno=web\.\d+ connect= service= status=503 bytes= /,
  );
});

test('a router that may open no more files answers H99, blames no dyno, and serves on once it may again', async (t) => {
  await using dyno = await startDyno((_incoming, response) => response.end('hello'));
  const script = join(import.meta.dirname, 'few-files.fixture.ts');
  const command = ['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath, script];
  const child = spawn('sh', command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  t.after(() => child.kill('SIGKILL'));
  child.send(snapshotOf([dyno.dyno]));
  const port = await told<number>(child);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const lines: string[] = [];
  // The connection is there before the last file is open.
  assert.equal((await ask(port, { agent, host: 'nowhere.test' })).status, 404);
  for (const [order, status] of [
    ['exhaust', 503],
    ['release', 200],
  ] as const) {
    child.send(order);
    await told(child);
    const line = told<string>(child);
    assert.equal((await ask(port, { agent })).status, status);
    lines.push(await line);
  }
  assert.match(lines[0] ?? '', /^at=error code=H99 desc="Platform error" cause="EMFILE" .* status=503 /);
  assert.match(lines[1] ?? '', /^at=info .* dyno=web\.1 .* status=200 /);
});
