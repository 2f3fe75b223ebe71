import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processTable, untilGone } from './processes.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '..', '..', 'scripts', 'engine.sh');

/** A container engine of a test's own, beside the one that all share: it may be killed, restarted and filled up. */
export class PrivateEngine implements AsyncDisposable {
  readonly #root: string;
  readonly #image: string;
  readonly #liveRestore: boolean;

  private constructor(root: string, image: string, liveRestore: boolean) {
    this.#root = root;
    this.#image = image;
    this.#liveRestore = liveRestore;
  }

  /**
   * Starts it with one base image, copied from the engine that DOCKER_HOST names. Needs root.
   * @param disk where it keeps its files
   * @param liveRestore whether containers outlive the daemon, which they don't in Docker unless it is told so
   */
  static async start(image: string, { disk = tmpdir(), liveRestore = true } = {}): Promise<PrivateEngine> {
    const root = await mkdtemp(join(disk, 'ravine-engine-'));
    const engine = new PrivateEngine(root, image, liveRestore);
    try {
      await engine.up();
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
    return engine;
  }

  /** DOCKER_HOST. */
  get host(): string {
    return `unix://${this.#folder}/docker.sock`;
  }

  /** Starts it unless it runs; what it kept is there again. */
  async up(): Promise<void> {
    const kind = this.#liveRestore ? '--apart' : '--apart-default';
    await run('bash', [script, 'up', this.#folder, kind, this.#image]);
  }

  /** Ends the daemon by a signal, and with SIGKILL its containerd as well; with live-restore containers run on. */
  async kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const daemon = Number(await readFile(join(this.#folder, 'pid'), 'utf8'));
    const own = await this.#containerd();
    const pids = signal === 'SIGKILL' ? [daemon, ...own] : [daemon];
    for (const pid of pids) process.kill(pid, signal);
    await Promise.all([daemon, ...own].map(untilGone));
  }

  /** Runs the docker client on it. @returns its stdout */
  async docker(...args: string[]): Promise<string> {
    const env = { ...process.env, DOCKER_HOST: this.host, PATH: `/usr/bin:${process.env.PATH}` };
    return (await run('docker', args, { env })).stdout.trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('bash', [script, 'remove', this.#folder]);
    await rm(this.#root, { recursive: true, force: true });
  }

  get #folder(): string {
    return join(this.#root, 'engine');
  }

  async #containerd(): Promise<number[]> {
    const config = join(this.#folder, 'exec', 'containerd', 'containerd.toml');
    const table = await processTable();
    return table.filter(({ command }) => command.includes(config)).map(({ pid }) => pid);
  }
}
