import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'node:test';
import { promisify } from 'node:util';
import { Session } from './session.ts';
import { openShell, type Shell } from './shell.ts';

const run = promisify(execFile);
const ravine = join(import.meta.dirname, '..', '..', 'packages', 'platform', 'bin', 'ravine.ts');
const portSlots = 30;
const startAttempts = 3;

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** A platform that runs for one test file, in a data folder of its own. */
export interface Platform extends Account, AsyncDisposable {
  readonly dataFolder: string;
  /** Where the heroku CLI talks to, without a slash at its end. */
  readonly apiUrl: string;
  readonly routerPort: number;
  /** Where its add-on databases may listen on 127.0.0.1, first and last included. */
  readonly databasePorts: { readonly first: number; readonly last: number };
  /** A user's shell that has done `eval "$(ravine env)"`; closed with the platform. */
  shell(name: string): Promise<Shell>;
  /** A shell that is logged in, as the platform's administrator unless told otherwise; without the time that `heroku login` takes. */
  loggedIn(name: string, account?: Account): Promise<Shell>;
  /** What `heroku config` tells the administrator, for stories that are about something else. */
  configVars(app: string): Promise<Readonly<Record<string, string>>>;
  /** Tells the supervisor to replace its processes, as for a new version of Ravine. */
  reload(): void;
  /** `ravine accounts:add`. */
  addAccount(email: string): Promise<Account>;
}

/**
 * Starts `ravine up` and waits until it says that it is up. A test of the file that fails shows the end of its log.
 * @param settings environment of `ravine up`, such as RAVINE_BOOT_TIMEOUT and its value
 */
export const startPlatform = async (settings: Readonly<Record<string, string>> = {}): Promise<Platform> => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'ravine-e2e-'));
  // Dynos and databases run as other users when we are root; they must be able to pass through.
  await chmod(dataFolder, 0o755);
  const slot = process.pid % portSlots;
  const databasePorts = { first: 27_000 + slot * 40, last: 27_039 + slot * 40 };
  const child = spawn(process.execPath, [ravine, 'up', '--data', dataFolder, '--api-port', '0', '--router-port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RAVINE_DYNO_PORTS: `${20_000 + slot * 200}-${20_199 + slot * 200}`,
      RAVINE_DATABASE_PORTS: `${databasePorts.first}-${databasePorts.last}`,
      ...settings,
    },
  });
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const ended = once(child, 'exit');
  const down = async (): Promise<void> => {
    await run(process.execPath, [ravine, 'down', '--data', dataFolder]);
    if (child.exitCode === null && child.signalCode === null) await ended;
    await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    const announced = await announcement(child, errors);
    const value = (pattern: RegExp): string => pattern.exec(announced)?.[1] ?? '';
    const shells: Shell[] = [];
    let administrator: Promise<Session> | undefined;
    const platform: Platform = {
      dataFolder,
      email: value(/account +(\S+)/),
      password: value(/password +(\S+)/),
      apiUrl: value(/API, git +(\S+)/),
      databasePorts,
      routerPort: Number(value(/apps +\S+:(\d+)/)),
      async shell(name) {
        const shell = await openShell(name, await clientEnvironment(dataFolder));
        shells.push(shell);
        return shell;
      },
      async loggedIn(name, account = platform) {
        const shell = await platform.shell(name);
        await (await Session.open(platform.apiUrl, account)).keepIn(shell.home);
        return shell;
      },
      async configVars(app) {
        administrator ??= Session.open(platform.apiUrl, platform);
        return (await administrator).configVars(app);
      },
      reload: () => void child.kill('SIGHUP'),
      async addAccount(email) {
        const { stdout } = await run(process.execPath, [ravine, 'accounts:add', email, '--data', dataFolder]);
        return { email, password: /^password +(\S+)$/m.exec(stdout)?.[1] ?? '' };
      },
      async [Symbol.asyncDispose]() {
        for (const shell of shells) await shell[Symbol.asyncDispose]();
        await down();
      },
    };
    afterEach(async (test) => {
      if ('passed' in test && !test.passed) process.stderr.write(await logTail(dataFolder, errors));
    });
    return platform;
  } catch (error) {
    process.stderr.write(await logTail(dataFolder, errors));
    await down();
    throw error;
  }
};

/** What `ravine up` prints when it is up. @throws when it ends before that, or its processes keep ending. */
const announcement = async (child: ChildProcess, errors: readonly string[]): Promise<string> => {
  let text = '';
  child.stderr?.on('data', () => {
    if (errors.join('').split('it is replaced now').length > startAttempts) child.kill('SIGTERM');
  });
  for await (const chunk of child.stdout?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
    text += chunk;
    if (text.includes('ravine env')) {
      child.stdout?.resume();
      return text;
    }
  }
  throw new Error(`ravine up ended before it was up:\n${text}${errors.join('')}`);
};

/** The environment of a POSIX shell after `eval "$(ravine env)"`. */
const clientEnvironment = async (dataFolder: string): Promise<Record<string, string>> => {
  const script = 'set -e; exports="$("$0" "$1" env --data "$2")"; eval "$exports"; env -0';
  const { stdout } = await run('sh', ['-c', script, process.execPath, ravine, dataFolder], {
    env: { PATH: process.env.PATH ?? '' },
  });
  return Object.fromEntries(
    stdout
      .split('\0')
      .filter((line) => /^(HEROKU|DISABLE|NODE|GIT)_/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
};

const logTail = async (dataFolder: string, errors: readonly string[]): Promise<string> => {
  const log = await readFile(join(dataFolder, 'platform.log'), 'utf8').catch(() => '(none)');
  const end = log.trimEnd().split('\n').slice(-30).join('\n');
  return `\n--- the platform's log ends with\n${end}\n--- and its stderr with\n${errors.join('').slice(-2000)}\n---\n`;
};
