import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findForwarders, stopForwarders } from './gateway-forwards.ts';

/** Another address of this machine's loopback stands for the engine's bridge. */
const gateway = '127.0.0.2';
const owner = fileURLToPath(new URL('gateway-forwards-owner.fixture.ts', import.meta.url));
const askEveryMs = 20;
let dataFolder: string;
let echo: Server;
let port: number;

before(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'gateway-forwards-'));
  echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  port = portOf(echo);
});
afterEach(async () => {
  await stopForwarders(dataFolder);
  while ((await findForwarders(dataFolder)).length > 0) await sleep(askEveryMs);
});
after(async () => {
  echo.close();
  await rm(dataFolder, { recursive: true, force: true });
});

const portOf = (server: Server): number => {
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
};

/** Looks after ports in a process of its own, as control does. */
const lookAfter = (...ports: number[]) =>
  spawn(process.execPath, [owner, dataFolder, gateway, ...ports.map(String)], { stdio: 'inherit' });

const connected = async () => {
  for (;;) {
    const socket = connect({ host: gateway, port, allowHalfOpen: true });
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      await sleep(askEveryMs);
    }
  }
};

const killed = async (child: ReturnType<typeof lookAfter>): Promise<void> => {
  child.kill('SIGKILL');
  await once(child, 'exit');
};

test('what listens on localhost is reached at the gateway, and a connection outlives the kill -9 of who arranged it', async () => {
  const first = lookAfter(port);
  const socket = await connected();
  socket.write('before ');
  assert.equal(String((await once(socket, 'data'))[0]), 'before ');
  await killed(first);
  const forwarders = await findForwarders(dataFolder);
  const second = lookAfter(port);
  socket.end('after');
  assert.equal(String((await once(socket, 'data'))[0]), 'after');
  await once(socket, 'end');
  (await connected()).destroy();
  assert.deepEqual(await findForwarders(dataFolder), forwarders, 'nobody forwards a second time');
  await killed(second);
});

test('what listens at the gateway by itself is left to it', async () => {
  const itself = createServer().listen(0, '127.0.0.1');
  await once(itself, 'listening');
  const own = portOf(itself);
  const there = createServer().listen(own, gateway);
  await once(there, 'listening');
  const child = lookAfter(own, port);
  (await connected()).destroy();
  const [forwarder] = await findForwarders(dataFolder);
  const line = await readFile(`/proc/${forwarder}/cmdline`, 'utf8');
  assert.deepEqual(line.split('\0').slice(-2), [String(port), ''], 'only the port that needs it');
  assert.ok(line.includes(`\0${gateway}\0${port}\0`));
  await killed(child);
  itself.close();
  there.close();
});
