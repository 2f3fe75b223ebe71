import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Master, startMaster } from '@ravine/prefork';
import { appAddress } from '../domain/app-address.ts';
import type { DataFolder, PlatformState } from '../domain/data-folder.ts';
import { settings as table } from '../domain/settings.data.ts';
import { readSettings, type Settings, settingsEnv } from '../domain/settings.ts';
import { type Command, parseFlags, UsageError } from './command.ts';
import { routerGroup } from './router-group.ts';
import { resolveDataFolder, runningSupervisor } from './running-platform.ts';

const processes = join(import.meta.dirname, '..', 'processes');
const logLimitBytes = 16 * 1024 * 1024;
const controlGraceMs = 10_000;

export const up: Command = {
  summary: 'Runs the platform in the foreground.',
  help: () =>
    `\nCtrl-C stops Ravine's own processes; apps and databases run on until \`ravine down\`. SIGHUP reloads control and router.\n\n${Object.values(
      table,
    )
      .map(
        (setting) =>
          `  --${setting.flag.padEnd(16)} ${setting.doc}${setting.default === undefined ? '' : ` (${setting.default})`}\n`,
      )
      .join('')}`,
  run: async (args) => {
    const { flags, words } = parseFlags(args);
    if (words.length > 0) throw new UsageError(`unexpected word "${words[0]}"; settings are given as --name value`);
    const given = readSettings(flags, process.env);
    const data = resolveDataFolder(given);
    await claim(data);
    const settings = {
      ...given,
      apiPort: await fixedPort(given.apiHost, given.apiPort),
      routerPort: await fixedPort(given.routerHost, given.routerPort),
      routerTlsPort:
        given.routerTlsPort === undefined ? undefined : await fixedPort(given.routerHost, given.routerTlsPort),
    };
    // Control waits for an engine that is away; whoever starts the platform is told at once.
    if (settings.driver === 'docker')
      await (await import('../control/ready-engine.ts')).readyEngine(settings, data, say);
    await supervise(settings, data);
    return 0;
  },
};

/** Makes this process the only supervisor of the data folder. */
const claim = async (data: DataFolder): Promise<void> => {
  await mkdir(data.root, { recursive: true, mode: 0o711 });
  // Databases and dynos run as other users when we are root: they may pass through, not look.
  await chmod(data.root, process.getuid?.() === 0 ? 0o711 : 0o700);
  await mkdir(data.run, { recursive: true, mode: 0o700 });
  const other = await runningSupervisor(data);
  if (other !== undefined) {
    throw new Error(
      `a platform already runs on ${data.root} (pid ${other}); stop it with \`ravine down\`, or name another folder with --data`,
    );
  }
  await writeFile(data.supervisorPid, `${process.pid}\n`, { mode: 0o600 });
  const log = await stat(data.platformLog).catch(() => undefined);
  if (log !== undefined && log.size > logLimitBytes) await rename(data.platformLog, `${data.platformLog}.1`);
  await (await open(data.platformLog, 'a', 0o600)).close();
};

/** Chooses now what port 0 will be, since control and router must know each other's. */
const fixedPort = (host: string, port: number): Promise<number> =>
  port !== 0
    ? Promise.resolve(port)
    : new Promise((resolve, reject) => {
        const server = createServer().once('error', reject);
        server.listen(0, host, () => {
          const address = server.address();
          server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
        });
      });

const say = (line: string): void => void process.stderr.write(`ravine: ${line}\n`);

const supervise = async (settings: Settings, data: DataFolder): Promise<void> => {
  const master = await startMaster({
    log: say,
    gracefulTimeoutMs: controlGraceMs,
    groups: [
      {
        name: 'control',
        script: join(processes, 'control.ts'),
        workers: 1,
        // Reconciler, logs and builds belong to one process at a time.
        exclusive: true,
        nodeArgs: ['--max-semi-space-size=4'],
        listen: { host: settings.apiHost, port: settings.apiPort },
        env: { ...settingsEnv(settings), RAVINE_DATA: data.root },
      },
      routerGroup({
        workers: settings.routerWorkers,
        listen: { host: settings.routerHost, port: settings.routerPort },
        alsoListen:
          settings.routerTlsPort === undefined ? [] : [{ host: settings.routerHost, port: settings.routerTlsPort }],
        socket: data.routerSocket,
        routes: data.routes,
      }),
    ],
  });
  const stopped = stopOnSignal(master);
  process.on('SIGHUP', () => void master.reload().catch((error: Error) => say(error.message)));
  // A first worker that dies is replaced by the master; what it printed says why.
  if (await master.started) await announce(settings, data);
  await stopped;
  await rm(data.supervisorPid, { force: true });
};

/** Resolves when a signal has stopped all workers; a second signal ends at once. */
const stopOnSignal = (master: Master): Promise<void> =>
  new Promise((resolve) => {
    let signals = 0;
    const stop = (): void => {
      signals++;
      if (signals > 1) process.exit(1);
      say('stopping; apps and databases run on, `ravine down` stops them too');
      void master.stop().then(resolve);
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  });

/** Tells people, and other commands of this machine, where the platform is. */
const announce = async (settings: Settings, data: DataFolder): Promise<void> => {
  const state: PlatformState = {
    supervisorPid: process.pid,
    apiHost: settings.apiHost,
    apiPort: settings.apiPort,
    routerHost: settings.routerHost,
    routerPort: settings.routerPort,
    appDomain: settings.appDomain,
    authorityFile: join(data.authority, 'ca.pem'),
    engine: settings.engine === 'auto' ? process.env.DOCKER_HOST || 'auto' : settings.engine,
    driver: settings.driver,
  };
  await writeFile(`${data.platformState}.tmp`, `${JSON.stringify(state)}\n`, { mode: 0o644 });
  await rename(`${data.platformState}.tmp`, data.platformState);
  const first = await readFirstLogin(data);
  const rows = [
    ['API, git', `http://localhost:${settings.apiPort}`],
    ['apps', appAddress(settings, 'NAME')],
    ['data', data.root],
    ...(first === undefined
      ? []
      : [
          ['account', first.email],
          ['password', `${first.password}   (shown until you have logged in with it)`],
        ]),
  ];
  process.stdout.write(
    `Ravine is up.\n${rows.map(([name = '', text = '']) => `  ${name.padEnd(10)} ${text}\n`).join('')}\nPoint the heroku CLI and git here, in another shell:\n  eval "$(ravine env${settings.dataFolder === undefined ? '' : ` --data ${data.root}`})"\n\n`,
  );
};

const readFirstLogin = async (data: DataFolder): Promise<{ email: string; password: string } | undefined> => {
  try {
    return JSON.parse(await readFile(data.firstPassword, 'utf8')) as { email: string; password: string }; // written by control
  } catch {
    return undefined;
  }
};
