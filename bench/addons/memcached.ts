import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashPassword } from '../../packages/platform/src/memcached/tenant.ts';
import { ensurePrograms } from '../../scripts/debian-programs.ts';
import { freePort } from '../free-port.ts';
import { quantile, type Result, type Row } from '../result.ts';
import { MemcachedLoad, type Traffic } from './memcached-load.ts';

interface Contender {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
}

const user = 'bench';
const password = 'not-a-secret';
const ticksPerSecond = 100;
const main = join(import.meta.dirname, '..', '..', 'packages', 'platform', 'src', 'processes', 'memcached.ts');

const traffics: readonly (Traffic & { readonly name: string; readonly what: string })[] = [
  { name: 'get', what: 'get of 1 KB, one after the other', command: 'get', valueBytes: 1024, batch: 1 },
  { name: 'get_batch', what: 'get of 1 KB, 20 at a time', command: 'get', valueBytes: 1024, batch: 20 },
  { name: 'set', what: 'set of 1 KB, one after the other', command: 'set', valueBytes: 1024, batch: 1 },
  { name: 'set_batch', what: 'set of 1 KB, 20 at a time', command: 'set', valueBytes: 1024, batch: 20 },
  { name: 'get_large', what: 'get of 100 KB, one after the other', command: 'get', valueBytes: 102_400, batch: 1 },
];

/** Seconds of CPU that a process has used, its threads included. */
const cpuSeconds = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};

const start = async (command: string, args: readonly string[], stack: AsyncDisposableStack): Promise<number> => {
  const child = spawn('taskset', ['-c', '1', command, ...args], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  stack.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  if (child.pid === undefined) throw new Error(`${command} did not start`);
  return child.pid; // taskset becomes the command
};

const startBoth = async (stack: AsyncDisposableStack): Promise<readonly Contender[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-bench-memcached-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const [ours, debians] = [await freePort(), await freePort()];
  const credential = { username: user, passwordHash: hashPassword(password), canWrite: true, canFlush: true };
  const tenants = [{ id: 'bench', quotaBytes: 256 * 1024 ** 2, credentials: [credential] }];
  await writeFile(join(folder, 'tenants.json'), JSON.stringify({ port: ours, tenants }));
  await writeFile(join(folder, 'users'), `${user}:${password}\n`);
  const oursArguments = ['--max-semi-space-size=8', '--heap-growing-percent=30', main, folder];
  const debianArguments = ['-l', '127.0.0.1', '-p', String(debians), '-U', '0', '-m', '256', '-t', '1', '-u', 'root'];
  return [
    { name: 'ravine', port: ours, pid: await start(process.execPath, oursArguments, stack) },
    {
      name: 'memcached',
      port: debians,
      pid: await start('/usr/bin/memcached', [...debianArguments, '-Y', join(folder, 'users')], stack),
    },
  ];
};

interface Turn {
  readonly microseconds: number;
  readonly perSecond: number;
}

const measure = async (contender: Contender, traffic: Traffic, seconds: number): Promise<Turn> => {
  await using load = await MemcachedLoad.open(contender.port, user, password, traffic);
  await load.run(300);
  const [cpu, from] = [await cpuSeconds(contender.pid), performance.now()];
  const answered = await load.run(seconds * 1000);
  const [used, took] = [(await cpuSeconds(contender.pid)) - cpu, (performance.now() - from) / 1000];
  return { microseconds: (used * 1e6) / answered, perSecond: answered / took };
};

/** Our memcached and Debian's, one thread on core 1 each, by the same client on core 0. */
export const memcached = async ({ rounds, seconds }: { rounds: number; seconds: number }): Promise<Result> => {
  ensurePrograms(['memcached']);
  await using stack = new AsyncDisposableStack();
  spawnSync('taskset', ['-acp', '0', String(process.pid)]);
  const contenders = await startBoth(stack);
  await sleep(1_000);
  const rows: Row[] = [];
  const values: Record<string, number> = {};
  for (const traffic of traffics) {
    const turns = new Map<string, Turn[]>(contenders.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) turns.get(contender.name)?.push(await measure(contender, traffic, seconds));
    }
    const of = (name: string, value: (turn: Turn) => number) => (turns.get(name) ?? []).map(value);
    const [ours, theirs] = [of('ravine', (turn) => turn.microseconds), of('memcached', (turn) => turn.microseconds)];
    const ratio = quantile(
      ours.map((cost, round) => (theirs[round] ?? 0) / cost),
      0.5,
    );
    const throughput = quantile(
      of('ravine', (turn) => turn.perSecond),
      0.5,
    );
    const theirThroughput = quantile(
      of('memcached', (turn) => turn.perSecond),
      0.5,
    );
    const note = `${quantile(ours, 0.5).toFixed(1)} µs, memcached ${quantile(theirs, 0.5).toFixed(1)} µs of CPU; ${Math.round(throughput)}/s, memcached ${Math.round(theirThroughput)}/s`;
    rows.push({ what: `${traffic.what}: memcached / ravine`, value: ratio, unit: '', note });
    Object.assign(values, {
      [`memcached_${traffic.name}_cpu_ratio`]: ratio,
      [`memcached_${traffic.name}_throughput_ratio`]: throughput / theirThroughput,
    });
  }
  const method = `memcached: one thread on core 1, ${rounds} rounds of ${seconds} s by turns, 32 authenticated connections of one client on core 0, ASCII. The ratio is CPU per command of Debian's memcached divided by ours, the median of rounds: 1 is as cheap.`;
  return { rows, values, method };
};
