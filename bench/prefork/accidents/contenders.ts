import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { findPrograms } from '../../router/programs.ts';
import { startPm2 } from './pm2.ts';
import { endMaster, type Running, startCommand, type Wanted, workers } from './running.ts';

/** Undefined: it has no setting for what is wanted. */
export type Start = (wanted: Wanted) => Promise<Running | undefined>;

const here = import.meta.dirname;
const bin = join(here, '../../../packages/prefork/src/bin');
const gunicorn = findPrograms(['gunicorn']);

const { PORT: _port, ...environment } = process.env;

const flag = (folder: string): string => join(folder, 'fail');

const bySignals = (argv: readonly string[], wanted: Wanted, env: NodeJS.ProcessEnv): Running => {
  const { child, output } = startCommand(argv, wanted, {
    ...env,
    FLAG: flag(wanted.folder),
    BOOT_MS: String(wanted.bootMs ?? 0),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${argv[0]} could not be started`);
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    child.kill(name);
    await Promise.resolve();
  };
  return {
    pid,
    output,
    reload: () => signal('SIGHUP'),
    stop: () => signal('SIGTERM'),
    addWorker: () => signal('SIGTTIN'),
    async [Symbol.asyncDispose]() {
      endMaster(pid);
      await Promise.resolve();
    },
  };
};

const given = (name: string, value: number | string | undefined): string[] =>
  value === undefined ? [] : [name, String(value)];

const bind = ({ listen, fd }: Wanted): string[] =>
  fd === undefined ? ['--bind', typeof listen === 'number' ? `127.0.0.1:${listen}` : `unix:${listen}`] : [];

const startPrefork: Start = async (wanted) => {
  const control = join(wanted.folder, `control-${Math.random()}.sock`);
  const running = bySignals(
    [
      ...[process.execPath, join(bin, 'prefork.ts'), join(here, 'app.ts')],
      ...['--workers', String(wanted.workers ?? workers), ...bind(wanted), '--control-socket', control],
      ...given('--timeout', wanted.timeoutSeconds),
      ...given('--request-timeout', wanted.requestSeconds),
      ...given('--max-requests', wanted.maxRequests),
      ...given('--max-memory', wanted.maxMegabytes),
      ...given('--access-logfile', wanted.accessLog),
    ],
    wanted,
    environment,
  );
  const list = (): Promise<string> =>
    new Promise((resolve) => {
      const args = [join(bin, 'preforkctl.ts'), '-s', control, 'workers'];
      execFile(process.execPath, args, (_error, stdout) => resolve(stdout));
    });
  return await Promise.resolve({ ...running, list, succeeds: true });
};

const startGunicorn: Start = async (wanted) => {
  if (wanted.maxMegabytes !== undefined) return undefined;
  const running = bySignals(
    [
      ...['/usr/bin/python3', gunicorn.path('gunicorn'), '--pythonpath', here, 'app:app'],
      ...['--workers', String(wanted.workers ?? workers), ...bind(wanted)],
      ...(wanted.threads === true ? ['--threads', '32', '--keep-alive', '75'] : []),
      ...given('--timeout', wanted.timeoutSeconds ?? wanted.requestSeconds),
      ...given('--max-requests', wanted.maxRequests),
      ...given('--access-logfile', wanted.accessLog),
    ],
    wanted,
    { ...environment, ...gunicorn.env, PYTHONPATH: gunicorn.pythonPath, PYTHONDONTWRITEBYTECODE: '1' },
  );
  return await Promise.resolve({ ...running, succeeds: true });
};

const startCluster: Start = async (wanted) => {
  if (wanted.maxMegabytes !== undefined || wanted.maxRequests !== undefined || wanted.accessLog !== undefined)
    return undefined;
  const env = { ...environment, LISTEN: String(wanted.listen), WORKERS: String(wanted.workers ?? workers) };
  return await Promise.resolve(bySignals([process.execPath, join(here, 'cluster.ts')], wanted, env));
};

export const contenders: Readonly<Record<string, Start>> = {
  prefork: startPrefork,
  Gunicorn: startGunicorn,
  pm2: (wanted) => startPm2(wanted, { ...environment, FLAG: flag(wanted.folder) }),
  'node:cluster': startCluster,
};
