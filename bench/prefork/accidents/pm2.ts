import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { endMaster, type Running, startCommand, type Wanted, workers } from './running.ts';

const version = '7.0.4';
const cache = join(homedir(), '.cache', 'ravine-bench', `pm2-${version}`);
const program = join(cache, 'node_modules', 'pm2', 'bin', 'pm2');

const install = (): void => {
  if (existsSync(program)) return;
  process.stderr.write(`installing pm2 ${version} into ${cache} (once) ...\n`);
  mkdirSync(cache, { recursive: true });
  const args = ['install', '--prefix', cache, '--no-audit', '--no-fund', '--silent', `pm2@${version}`];
  spawnSync('npm', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (!existsSync(program)) throw new Error(`expected pm2 in ${cache}; run npm ${args.join(' ')} and see what it says`);
};

/** Its daemon, in a home of its own, runs the app in cluster mode. Undefined: it has no setting for what is wanted. */
export const startPm2 = async (wanted: Wanted, environment: NodeJS.ProcessEnv): Promise<Running | undefined> => {
  if (wanted.maxRequests !== undefined || wanted.accessLog !== undefined) return undefined;
  install();
  const home = join(wanted.folder, `pm2-${Math.random()}`);
  await mkdir(home);
  const env = {
    ...environment,
    HOME: home,
    PM2_HOME: home,
    PM2_WORKER_INTERVAL: '1000',
    PM2_DISABLE_VERSION_CHECK: 'true',
  };
  const own = {
    name: 'app',
    script: join(import.meta.dirname, 'listening.ts'),
    interpreter: 'node',
    exec_mode: 'cluster',
    instances: wanted.workers ?? workers,
    ...(wanted.maxMegabytes === undefined ? {} : { max_memory_restart: `${wanted.maxMegabytes}M` }),
    env: { LISTEN: String(wanted.listen), FLAG: environment.FLAG, BOOT_MS: String(wanted.bootMs ?? 0) },
  };
  const config = join(home, 'ecosystem.config.json');
  await writeFile(config, JSON.stringify({ apps: [own] }));
  const command = async (...args: string[]): Promise<string> => {
    const { child, output } = startCommand([process.execPath, program, ...args], wanted, env);
    await once(child, 'exit');
    return output();
  };
  const said = await command('start', config);
  const pidFile = join(home, 'pm2.pid');
  if (!existsSync(pidFile)) throw new Error(`pm2 did not start: ${said}`);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  return {
    pid,
    output: () => readFileSync(join(home, 'pm2.log'), 'utf8'),
    reload: async () => void (await command('reload', 'app')),
    stop: async () => void (await command('stop', 'app')),
    addWorker: async () => void (await command('scale', 'app', '+1')),
    list: () => command('list'),
    async [Symbol.asyncDispose]() {
      endMaster(pid);
      await Promise.resolve();
    },
  };
};
