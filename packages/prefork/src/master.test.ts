import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type GroupOptions, type Master, PortInUse, startMaster } from './index.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));

const start = async (group: Partial<GroupOptions> = {}, gracefulTimeoutMs = 5_000) => {
  const lines: string[] = [];
  const master = await startMaster({
    groups: [
      { name: 'echo', script: fixture('echo-worker'), workers: 2, listen: { host: '127.0.0.1', port: 0 }, ...group },
    ],
    log: (line) => lines.push(line),
    gracefulTimeoutMs,
    bindTimeoutMs: 100,
  });
  const port = master.addresses.get('echo')?.port;
  assert.ok(port);
  return { master, lines, port };
};

const ask = (port: number, agent?: Agent, path = '/'): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, ...(agent ? { agent } : {}) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve(body));
      response.on('error', reject);
    }).on('error', reject);
  });

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await delay(5);
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const pidsOf = (master: Master): number[] => master.workers().map((worker) => worker.pid);

test('workers answer on a socket that the master bound and reported', async () => {
  const { master, port } = await start();
  await using _ = master;
  assert.equal(await master.started, true);
  assert.ok(pidsOf(master).includes(Number(await ask(port))));
});

test('a worker killed with -9 under keep-alive load costs at most its own requests and is replaced', async () => {
  const { master, lines, port } = await start();
  await using _ = master;
  await master.started;
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const victim = master.workers()[0]?.pid;
  assert.ok(victim);
  let failed = 0;
  let answered = 0;
  let loading = true;
  const clients = Array.from({ length: 8 }, async () => {
    while (loading) {
      await ask(port, agent).then(
        () => answered++,
        () => failed++,
      );
    }
  });
  await until(() => answered > 100);
  process.kill(victim, 'SIGKILL');
  await until(() => pidsOf(master).length === 2 && !pidsOf(master).includes(victim));
  await until(() => master.workers().every((worker) => worker.ready));
  const before = answered;
  await until(() => answered > before + 100);
  loading = false;
  await Promise.all(clients);
  agent.destroy();
  assert.ok(failed <= 8, `${failed} requests failed`);
  assert.deepEqual(lines, [`worker ${victim} of echo killed by SIGKILL; it is replaced now`]);
});

test('workers leave by themselves when the master is killed with -9, and a new master takes the same port', async () => {
  const child = fork(fixture('master'), ['0']);
  const [report] = (await once(child, 'message')) as [{ port: number; pids: number[] }]; // the fixture sends this shape
  child.kill('SIGKILL');
  await once(child, 'exit');
  const { master } = await start({ listen: { host: '127.0.0.1', port: report.port } }, 5_000).catch(async () => {
    await until(() => !report.pids.some(isAlive));
    return start({ listen: { host: '127.0.0.1', port: report.port } });
  });
  await using _ = master;
  assert.equal(await master.started, true);
  await until(() => !report.pids.some(isAlive));
  assert.ok(pidsOf(master).includes(Number(await ask(report.port))));
});

test('a worker that stands still is killed and replaced, and the log says why', async () => {
  const { master, lines, port } = await start({ workers: 1, timeoutMs: 500 });
  await using _ = master;
  await master.started;
  const [before] = pidsOf(master);
  await assert.rejects(ask(port, undefined, '/still'));
  await until(() => lines.length > 0);
  assert.match(lines[0] ?? '', stoodStill(before));
  assert.notEqual(Number(await ask(port)), before);
});

const stoodStill = (pid: number | undefined): RegExp =>
  new RegExp(
    `^worker ${pid} of echo was killed because its event loop has stood still for more than 0\\.5 s; it is replaced now$`,
  );

test('a worker that stands still leaves, too, when the master is killed with -9', async () => {
  const child = fork(fixture('master'), ['0'], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const [report] = (await once(child, 'message')) as [{ port: number; pids: number[] }]; // the fixture sends this shape
  const cut = assert.rejects(ask(report.port, undefined, '/still'));
  assert.ok(child.stderr);
  await once(child.stderr, 'data');
  child.kill('SIGKILL');
  await until(() => !report.pids.some(isAlive));
  await cut;
});

test('reload replaces every worker and refuses no connection', async () => {
  const { master, port } = await start();
  await using _ = master;
  await master.started;
  const before = pidsOf(master);
  let loading = true;
  const failures: string[] = [];
  const client = (async () => {
    while (loading)
      await ask(port, new Agent()).catch((error: NodeJS.ErrnoException) => failures.push(error.code ?? ''));
  })();
  await master.reload();
  loading = false;
  await client;
  // The server of the example closes a connection that has not spoken yet when it stops; that is no refusal.
  assert.ok(!failures.includes('ECONNREFUSED'));
  assert.ok(failures.length <= before.length, failures.join());
  assert.equal(pidsOf(master).length, 2);
  assert.ok(before.every((pid) => !isAlive(pid)));
});

test('an exclusive group never has two generations at once, and connections wait for the new one', async () => {
  const { master, port } = await start({ workers: 1, exclusive: true });
  await using _ = master;
  await master.started;
  const [before] = pidsOf(master);
  let most = 1;
  const reloading = master.reload();
  let done = false;
  void reloading.then(() => {
    done = true;
  });
  const answers: string[] = [];
  while (!done) {
    most = Math.max(most, pidsOf(master).length);
    answers.push(await ask(port, new Agent()).catch(() => 'cut'));
  }
  await reloading;
  assert.equal(most, 1);
  assert.notEqual(pidsOf(master)[0], before);
  assert.ok(answers.filter((answer) => answer === 'cut').length <= 1, answers.join());
});

test('a reload whose new workers die leaves the old ones serving', async () => {
  const env: Record<string, string> = {};
  const { master, port } = await start({ env });
  await using _ = master;
  await master.started;
  const before = pidsOf(master);
  env.DIE_AT_START = '1';
  await assert.rejects(master.reload(), /old workers serve on/);
  delete env.DIE_AT_START;
  assert.ok(before.includes(Number(await ask(port))));
});

test('a worker that dies at each start is replaced with growing pauses', async () => {
  const { master, lines } = await start({ workers: 1, env: { DIE_AT_START: '1' } });
  await using _ = master;
  await until(() => lines.length >= 4);
  const pauses = lines.slice(0, 4).map((line) => line.replace(/.* replaced /, ''));
  assert.deepEqual(pauses, ['now', 'in 100 ms', 'in 200 ms', 'in 400 ms']);
});

test('a worker that does not heed SIGTERM is killed after the graceful timeout', async () => {
  const { master } = await start({ workers: 1, env: { IGNORE_TERM: '1' } }, 100);
  await master.started;
  const pids = pidsOf(master);
  await master.stop();
  assert.ok(pids.every((pid) => !isAlive(pid)));
});

test('a taken port is an error that names it and says what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  assert.ok(address && typeof address === 'object');
  await assert.rejects(start({ listen: { host: '127.0.0.1', port: address.port } }), (error) => {
    assert.ok(error instanceof PortInUse);
    assert.match(error.message, new RegExp(`port ${address.port} on 127.0.0.1 .*choose another port`));
    return true;
  });
  other.close();
});

/** The listening socket of a port as /proc names it in a process's open files. Source: proc_net(5). */
const socketOfListener = (port: number): string => {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  const row = rows
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => columns[1]?.endsWith(local) && columns[3] === '0A');
  assert.ok(row?.[9], `no socket listens on port ${port}`);
  return `socket:[${row[9]}]`;
};

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return 'closed meanwhile';
  }
};

test('processes started by a worker do not inherit the listening socket', async () => {
  const { master, port } = await start({ workers: 1 });
  await using _ = master;
  await master.started;
  const listing = await ask(port, undefined, '/sockets-of-a-child');
  const socket = socketOfListener(port);
  const ours = readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));
  assert.ok(ours.includes(socket), 'the master holds the listening socket');
  assert.match(listing, / 0 -> /);
  assert.ok(!listing.includes(socket), listing);
});
