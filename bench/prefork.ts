import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clients } from './prefork/clients.ts';
import { ServerProcess } from './prefork/server-process.ts';
import { quantile, type Result } from './result.ts';

const folder = join(import.meta.dirname, 'prefork');
const command = join(import.meta.dirname, '../packages/prefork/src/bin/prefork.ts');
const app = join(folder, 'app.ts');
const connections = 32;
/** What is compiled how, and where memory lies, differs from one process to the next by some percent: several pairs. */
const pairs = 6;
const windowsPerPair = 4;
const windowMs = 1_000;
const warmUpMs = 4_000;
const requestsUnderSignals = 30_000;

interface Window {
  readonly cpuMicrosecondsPerRequest: number;
  readonly requestsPerSecond: number;
}

/** Begins to measure; the returned function ends it. */
const beginWindow = (servers: readonly ServerProcess[], clients: readonly Clients[]): (() => Window) => {
  const cpuMs = (): number => servers.reduce((sum, server) => sum + server.cpuMs(), 0);
  const answered = (): number => clients.reduce((sum, each) => sum + each.answered, 0);
  const [cpuMsBefore, answeredBefore, startMs] = [cpuMs(), answered(), performance.now()];
  return () => {
    const requests = answered() - answeredBefore;
    return {
      cpuMicrosecondsPerRequest: ((cpuMs() - cpuMsBefore) * 1_000) / requests,
      requestsPerSecond: (requests * 1_000) / (performance.now() - startMs),
    };
  };
};

const ratios = (one: readonly number[], other: readonly number[]): number[] =>
  one.map((value, index) => value / (other[index] ?? Number.NaN));
const median = (each: readonly number[]): number => quantile(each, 0.5);

interface Pair {
  readonly plain: Window;
  readonly prefork: Window;
}

/** What starts first, and is asked first, has a percent's advantage: the pairs take turns. */
const inTurn = <T, U>(swapped: boolean, one: () => T, other: () => U): [T, U] => {
  if (!swapped) return [one(), other()];
  const second = other();
  return [one(), second];
};

/** As many plain processes as prefork has workers, at the same time on the same core, so that whatever disturbs one side disturbs the other. */
const measurePair = async (swapped: boolean, workers: number, flags: readonly string[]): Promise<Pair[]> => {
  await using stack = new AsyncDisposableStack();
  const start = (args: readonly string[]): ServerProcess => stack.use(new ServerProcess(args, { pinned: true }));
  const [plain, prefork] = inTurn(
    swapped,
    () => Array.from({ length: workers }, () => start([join(folder, 'plain.ts')])),
    () => start([command, app, '-b', '127.0.0.1:0', '--workers', String(workers), ...flags]),
  );
  const preforkPort = await prefork.port();
  const plainPorts = await Promise.all(plain.map((server) => server.port()));
  // From the same moment on: who has answered more is compiled further.
  const [plainClients, preforkClients] = inTurn(
    swapped,
    () => plainPorts.map((port) => stack.use(new Clients(port, connections / 2 / workers))),
    () => stack.use(new Clients(preforkPort, connections / 2)),
  );
  await sleep(warmUpMs);
  const measured: Pair[] = [];
  for (let window = 0; window < windowsPerPair; window++) {
    const ends = { plain: beginWindow(plain, plainClients), prefork: beginWindow([prefork], [preforkClients]) };
    await sleep(windowMs);
    measured.push({ plain: ends.plain(), prefork: ends.prefork() });
  }
  return measured;
};

const compareWithPlain = async (workers: number, ...flags: string[]) => {
  const measured: Pair[] = [];
  for (let pair = 0; pair < pairs; pair++) measured.push(...(await measurePair(pair % 2 === 1, workers, flags)));
  const each = (side: keyof Pair, key: keyof Window): number[] => measured.map((windows) => windows[side][key]);
  const [plainCpu, preforkCpu] = [
    each('plain', 'cpuMicrosecondsPerRequest'),
    each('prefork', 'cpuMicrosecondsPerRequest'),
  ];
  const [plainRate, preforkRate] = [each('plain', 'requestsPerSecond'), each('prefork', 'requestsPerSecond')];
  return {
    // Of the same window, since what disturbs one window may not disturb the next.
    vsSingle: median(ratios(plainCpu, preforkCpu)),
    rateVsSingle: median(ratios(preforkRate, plainRate)),
    plainCpu: median(plainCpu),
    preforkCpu: median(preforkCpu),
    plainRate: median(plainRate),
    preforkRate: median(preforkRate),
  };
};

const leastVsSingle = 0.97;

/** 30,000 keep-alive requests while the workers are replaced, added, removed, and the master itself is changed. */
const countErrors = async () => {
  await using server = new ServerProcess([command, app, '-w', '2', '-b', '127.0.0.1:0']);
  await using clients = new Clients(await server.port(), connections);
  const signal =
    (name: NodeJS.Signals, effect: RegExp, times = 1) =>
    (): Promise<unknown> => {
      process.kill(server.pid, name);
      return server.said(effect, times);
    };
  const acts: readonly (() => Promise<unknown>)[] = [
    signal('SIGHUP', /reloaded;/),
    signal('SIGTTIN', /3 workers from now on/),
    signal('SIGHUP', /reloaded;/, 2),
    signal('SIGTTOU', /1 workers from now on/),
    signal('SIGUSR2', / serving /, 2),
    signal('SIGTERM', /alone now/),
  ];
  const atLeast = async (answers: number): Promise<void> => {
    while (clients.answered < answers) await sleep(10);
  };
  for (const [index, act] of acts.entries()) {
    await atLeast((requestsUnderSignals / (acts.length + 1)) * (index + 1));
    await act();
  }
  await atLeast(requestsUnderSignals);
  const { answered, failed, failures } = clients;
  return { answered, failed, failures };
};

/** What a prefork worker costs, and whether its signals cost a request. */
export const prefork = async (): Promise<Result> => {
  const single = await compareWithPlain(1);
  const logFolder = await mkdtemp(join(tmpdir(), 'ravine-bench-'));
  const logging = await compareWithPlain(1, '--access-logfile', join(logFolder, 'access.log'));
  await rm(logFolder, { recursive: true });
  const two = await compareWithPlain(2);
  const signals = await countErrors();
  for (const [why, times] of signals.failures) process.stderr.write(`${times} requests failed: ${why}\n`);
  return {
    rows: [
      { what: 'one plain process, CPU per request', value: single.plainCpu, unit: 'µs' },
      { what: 'one prefork worker, CPU per request', value: single.preforkCpu, unit: 'µs' },
      { what: 'the same with an access log', value: logging.preforkCpu, unit: 'µs' },
      { what: 'two prefork workers, CPU per request', value: two.preforkCpu, unit: 'µs' },
      { what: 'one plain process', value: single.plainRate, unit: 'requests/s' },
      { what: 'one prefork worker', value: single.preforkRate, unit: 'requests/s' },
      { what: 'prefork worker against plain process, CPU', value: single.vsSingle, unit: '×', least: leastVsSingle },
      { what: 'the same, requests/s', value: single.rateVsSingle, unit: '×' },
      { what: 'with an access log, CPU', value: logging.vsSingle, unit: '×' },
      { what: 'with an access log, requests/s', value: logging.rateVsSingle, unit: '×' },
      { what: 'two workers against two plain processes, CPU', value: two.vsSingle, unit: '×', least: leastVsSingle },
      {
        what: 'requests across HUP, TTIN, TTOU, USR2, TERM',
        value: signals.answered,
        unit: '',
        least: requestsUnderSignals,
      },
      { what: 'of these failed', value: signals.failed, unit: '', goal: 0 },
    ],
    values: {
      vs_single: single.vsSingle,
      vs_single_requests_per_second: single.rateVsSingle,
      vs_single_with_access_log: logging.vsSingle,
      vs_single_two_workers: two.vsSingle,
      errors: signals.failed,
      requests: signals.answered,
    },
    method: `${connections} kept connections, half to prefork and half to as many plain processes as it has workers, all on one core at the same time; ratios of CPU time per request, the master's included, and of requests/s, within each window; medians of ${pairs * windowsPerPair} windows of ${windowMs / 1_000} s, of ${pairs} pairs of servers that take turns in starting first.`,
  };
};
