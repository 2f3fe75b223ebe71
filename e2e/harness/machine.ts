import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Account } from './platform.ts';
import { familyOf, type ProcessEntry, processTable, untilGone } from './processes.ts';

const run = promisify(execFile);
const ravine = join(import.meta.dirname, '..', '..', 'packages', 'platform', 'bin', 'ravine.ts');
const portSlots = 17;
const askEveryMs = 2;
/** Control that can't start is tried again for ever; a test isn't. */
const startLimitMs = 60_000;

/** Gives a data folder the cluster template of all tests, where `npm test` has made one: each start would else wait a second for initdb. */
const takeTemplates = async (dataFolder: string): Promise<void> => {
  const folder = process.env.RAVINE_TEST_TEMPLATES;
  if (folder === undefined) return;
  const runtimes = join(dataFolder, 'runtimes');
  await mkdir(runtimes);
  for (const name of await readdir(folder)) {
    if (name.startsWith('template-')) await run('cp', ['-a', join(folder, name), runtimes]);
  }
};

/** A machine on which Ravine is started, killed and started again: one data folder, and the same ports each time. */
export class Machine implements AsyncDisposable {
  readonly dataFolder: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #errors: string[] = [];
  #child: ChildProcess | undefined;
  #announced = '';

  private constructor(dataFolder: string, settings: Readonly<Record<string, string>>) {
    this.dataFolder = dataFolder;
    this.#settings = settings;
  }

  /**
   * @param settings environment names such as RAVINE_BOOT_TIMEOUT and their values
   * @param disk folder that holds the data folder
   */
  static async make(settings: Readonly<Record<string, string>> = {}, disk = tmpdir()): Promise<Machine> {
    const dataFolder = await mkdtemp(join(disk, 'ravine-machine-'));
    // Dynos and databases run as other users when we are root; they must be able to pass through.
    await chmod(dataFolder, 0o755);
    await takeTemplates(dataFolder);
    const slot = process.pid % portSlots;
    return new Machine(dataFolder, {
      RAVINE_DYNO_PORTS: `${28_200 + slot * 100}-${28_299 + slot * 100}`,
      RAVINE_DATABASE_PORTS: `${18_000 + slot * 40}-${18_039 + slot * 40}`,
      ...settings,
    });
  }

  get email(): string {
    return this.#word(/account +(\S+)/);
  }

  get password(): string {
    return this.#word(/password +(\S+)/);
  }

  get apiPort(): number {
    return Number(this.#word(/API, git +\S+:(\d+)/) || 0);
  }

  get routerPort(): number {
    return Number(this.#word(/apps +\S+:(\d+)/) || 0);
  }

  /** Starts `ravine up`; resolves when it says that it is up. */
  async start(): Promise<void> {
    const ports = ['--api-port', String(this.apiPort), '--router-port', String(this.routerPort)];
    const child = spawn(process.execPath, [ravine, 'up', '--data', this.dataFolder, ...ports], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#settings },
    });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#errors.push(text));
    const said = await untilUp(child);
    if (said === undefined) throw new Error(`ravine up ended before it was up:\n${await this.lastWords()}`);
    // What is shown on the first start only, such as the password, is kept.
    this.#announced += said;
  }

  /** The supervisor and its children, with what they are called by. */
  async processes(): Promise<{ supervisor: ProcessEntry; control: ProcessEntry; routers: readonly ProcessEntry[] }> {
    const family = familyOf(await processTable(), this.#child?.pid ?? 0);
    const supervisor = family.find(({ pid }) => pid === this.#child?.pid);
    const control = family.find(({ command }) => command.includes('processes/control.ts'));
    const routers = family.filter(({ command }) => command.includes('processes/router-worker.ts'));
    if (supervisor === undefined || control === undefined || routers.length === 0) {
      throw new Error(`expected a supervisor with control and routers, got: ${JSON.stringify(family)}`);
    }
    return { supervisor, control, routers };
  }

  /** The embedded store's server; it is nobody's child. */
  async storePid(): Promise<number> {
    const table = await processTable();
    const folder = join(this.dataFolder, 'store');
    const server = table.find(({ command }) => command.includes('postgres') && command.includes(folder));
    if (server === undefined) throw new Error(`expected a PostgreSQL server on ${folder}, found none`);
    return server.pid;
  }

  /** kill -9 of the supervisor, control and all router workers. */
  async killAll(): Promise<void> {
    const { supervisor, control, routers } = await this.processes();
    const pids = [supervisor, control, ...routers].map(({ pid }) => pid);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await Promise.all(pids.map(untilGone));
  }

  /** SIGTERM to `ravine up`: what it keeps running runs on. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  /** `ravine down`: nothing of the platform runs on. */
  async down(): Promise<void> {
    await run(process.execPath, [ravine, 'down', '--data', this.dataFolder]);
    await this.stop();
  }

  /** Resolves when the API answers, whatever it says; connections that are refused or cut are tried again. */
  async apiAnswers(): Promise<void> {
    while (
      !(await fetch(`http://localhost:${this.apiPort}/account`).then(
        ({ status }) => status === 401,
        () => false,
      ))
    )
      await sleep(askEveryMs);
  }

  /** What `ravine env` sets. */
  async clientEnvironment(): Promise<Record<string, string>> {
    const { stdout } = await run(process.execPath, [ravine, 'env', '--data', this.dataFolder]);
    return Object.fromEntries(
      [...stdout.matchAll(/^export (\w+)='?(.*?)'?$/gm)].map(([, name, value]) => [name, value]),
    );
  }

  /** A `ravine` command about this platform; answers what it printed. */
  async ravine(...args: string[]): Promise<string> {
    return (await run(process.execPath, [ravine, ...args, '--data', this.dataFolder])).stdout;
  }

  /** Makes another account, which is no administrator. */
  async addAccount(email: string): Promise<Account> {
    const added = await this.ravine('accounts:add', email);
    return { email, password: /password\s+(\S+)/i.exec(added)?.[1] ?? '' };
  }

  /** The end of the platform's log and of its stderr. */
  async lastWords(): Promise<string> {
    const log = await readFile(join(this.dataFolder, 'platform.log'), 'utf8').catch(() => '');
    return `${log.trimEnd().split('\n').slice(-30).join('\n')}\n${this.#errors.join('').slice(-2000)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    await rm(this.dataFolder, { recursive: true, force: true });
  }

  #word(pattern: RegExp): string {
    return pattern.exec(this.#announced)?.[1] ?? '';
  }
}

/** What it prints until it is up; undefined when it ends before, or is ended here since it takes too long. */
const untilUp = (child: ChildProcess): Promise<string | undefined> =>
  new Promise((resolve) => {
    let said = '';
    const limit = setTimeout(() => child.kill('SIGTERM'), startLimitMs);
    const answer = (text: string | undefined): void => {
      clearTimeout(limit);
      resolve(text);
    };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('ravine env')) answer(said);
    });
    child.once('exit', () => answer(undefined));
  });
