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
const rounds = 9;
const roundMs = 2_000;
const warmUpMs = 5_000;
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

/** As many plain processes as prefork has workers, at the same time on the same core, so that whatever disturbs one side disturbs the other. */
const compareWithPlain = async (workers: number, ...flags: string[]) => {
  await using stack = new AsyncDisposableStack();
  const plain: ServerProcess[] = [];
  for (let each = 0; each < workers; each++) {
    plain.push(stack.use(new ServerProcess([join(folder, 'plain.ts')], { pinned: true })));
  }
  const args = [command, app, '-b', '127.0.0.1:0', '--workers', String(workers), ...flags];
  const prefork = stack.use(new ServerProcess(args, { pinned: true }));
  const preforkPort = await prefork.port();
  const plainPorts = await Promise.all(plain.map((server) => server.port()));
  // From the same moment on: who has answered more is compiled further.
  const preforkClients = stack.use(new Clients(preforkPort, connections / 2));
  const plainClients = plainPorts.map((port) => stack.use(new Clients(port, connections / 2 / workers)));
  await sleep(warmUpMs);
  const plainWindows: Window[] = [];
  const preforkWindows: Window[] = [];
  for (let round = 0; round < rounds; round++) {
    const ends = [beginWindow(plain, plainClients), beginWindow([prefork], [preforkClients])] as const;
    await sleep(roundMs);
    plainWindows.push(ends[0]());
    preforkWindows.push(ends[1]());
  }
  const cpuOf = (windows: readonly Window[]): number[] => windows.map((each) => each.cpuMicrosecondsPerRequest);
  const rateOf = (windows: readonly Window[]): number[] => windows.map((each) => each.requestsPerSecond);
  return {
    // Of the same window, since what disturbs one window may not disturb the next.
    vsSingle: median(ratios(cpuOf(plainWindows), cpuOf(preforkWindows))),
    rateVsSingle: median(ratios(rateOf(preforkWindows), rateOf(plainWindows))),
    plainCpu: median(cpuOf(plainWindows)),
    preforkCpu: median(cpuOf(preforkWindows)),
    plainRate: median(rateOf(plainWindows)),
    preforkRate: median(rateOf(preforkWindows)),
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
    method: `${connections} kept connections, half to prefork and half to as many plain processes as it has workers, all on one core at the same time; ratios of CPU time per request, the master's included, and of requests/s, within each window; medians of ${rounds} windows of ${roundMs / 1_000} s.`,
  };
};
