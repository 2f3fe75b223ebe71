import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { get as getTls } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startMaster } from '@ravine/prefork';
import { openAuthority } from '../certs/authority.ts';
import { RouteHub } from '../router/route-hub.ts';
import { ask, snapshotOf, startDyno } from '../router/router.fixture.ts';
import { writeRoutes } from '../router/routes-file.ts';

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const start = async (t: TestContext, workers: number) => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-worker-'));
  t.after(() => rm(folder, { recursive: true }));
  const socketPath = join(folder, 'router.sock');
  const routesFile = join(folder, 'routes.json');
  const dyno = await startDyno((incoming, response) => response.end(String(incoming.headers['x-forwarded-proto'])));
  t.after(() => dyno[Symbol.asyncDispose]());
  const authority = await openAuthority(folder);
  const certificate = await authority.certificateFor(['shop.test']);
  const routes = () => ({ ...snapshotOf([dyno.dyno]), certificates: { 'shop.test': certificate } });
  await writeRoutes(routesFile, JSON.stringify(routes()));
  const master = await startMaster({
    groups: [
      {
        name: 'router',
        script: join(import.meta.dirname, 'router-worker.ts'),
        workers,
        listen: { host: '127.0.0.1', port: 0 },
        env: { RAVINE_ROUTER_SOCKET: socketPath, RAVINE_ROUTES_FILE: routesFile },
      },
    ],
    log: () => undefined,
  });
  t.after(() => master.stop());
  assert.equal(await master.started, true);
  const port = master.addresses.get('router')?.port ?? 0;
  return { master, port, socketPath, routesFile, routes, ca: await readFile(authority.caFile) };
};

/** Constant load over kept connections; says how many requests failed. */
const load = (port: number, connections: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const counts = { ok: 0, failed: 0 };
  let loading = true;
  const clients = Array.from({ length: connections }, async () => {
    while (loading) {
      const status = await ask(port, { agent }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) counts.ok++;
      else counts.failed++;
    }
  });
  return {
    counts,
    async more(requests: number) {
      const goal = counts.ok + requests;
      await until(() => counts.ok >= goal);
    },
    async stop() {
      loading = false;
      await Promise.all(clients);
      agent.destroy();
    },
  };
};

test('workers route from the snapshot on disk while control is away, over http and https on one port', async (t) => {
  const { port, ca } = await start(t, 1);
  assert.equal((await ask(port)).body, 'http');
  const body = await new Promise<string>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: 'shop.test', headers: { host: 'shop.test' }, ca };
    getTls(options, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    }).on('error', reject);
  });
  assert.equal(body, 'https');
});

test('kill -9 of a worker under load costs at most its requests in flight', async (t) => {
  const { master, port } = await start(t, 2);
  const clients = load(port, 8);
  await clients.more(200);
  const victim = master.workers()[0]?.pid ?? 0;
  process.kill(victim, 'SIGKILL');
  await until(
    () => master.workers().length === 2 && master.workers().every(({ pid, ready }) => ready && pid !== victim),
  );
  await clients.more(200);
  await clients.stop();
  assert.ok(clients.counts.failed <= 8, `${clients.counts.failed} requests failed`);
});

test('snapshots published under load, and control coming and going, fail no request', async (t) => {
  const { port, socketPath, routesFile, routes } = await start(t, 2);
  const clients = load(port, 4);
  let lines = 0;
  for (let round = 0; round < 3; round++) {
    await using hub = await RouteHub.open({
      socketPath,
      routesFile,
      onLines: (batch) => {
        lines += batch.length;
      },
    });
    for (let i = 0; i < 10; i++) await hub.publish(routes());
    await clients.more(50);
  }
  await clients.stop();
  assert.equal(clients.counts.failed, 0);
  await using _ = await RouteHub.open({
    socketPath,
    routesFile,
    onLines: (batch) => {
      lines += batch.length;
    },
  });
  await until(() => lines >= clients.counts.ok);
  assert.equal(lines, clients.counts.ok);
});

test('a reload under load fails no request, also on kept connections', async (t) => {
  const { master, port } = await start(t, 1);
  const agent = new Agent({ keepAlive: true });
  assert.equal((await ask(port, { agent })).status, 200);
  const clients = load(port, 2);
  await clients.more(20);
  await master.reload();
  await clients.more(20);
  await clients.stop();
  agent.destroy();
  assert.equal(clients.counts.failed, 0);
});

test('600 visitors who come while the worker is held up wait to be accepted, and each is answered', async (t) => {
  const { master, port } = await start(t, 1);
  const worker = master.workers()[0]?.pid ?? 0;
  process.kill(worker, 'SIGSTOP');
  const visitors = Array.from({ length: 600 }, () => connect(port, '127.0.0.1'));
  t.after(() => {
    for (const visitor of visitors) visitor.destroy();
  });
  const signal = AbortSignal.timeout(10_000);
  const connected = Promise.all(visitors.map((visitor) => once(visitor, 'connect', { signal })));
  await connected.finally(() => process.kill(worker, 'SIGCONT'));
  const answers = await Promise.all(
    visitors.map((visitor) => {
      visitor.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
      return once(visitor.setEncoding('latin1'), 'data');
    }),
  );
  assert.ok(answers.every(([text]) => String(text).startsWith('HTTP/1.1 200 ')));
});
