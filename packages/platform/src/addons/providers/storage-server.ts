import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, chown, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder, writeDurably } from '../../files/write-durably.ts';
import { type RunningStore, StoreNotRunning, stopStore, watchStore } from '../../objects/admin-client.ts';
import { isFreePort, type PortRange } from '../../postgres/free-port.ts';

const script = join(import.meta.dirname, '..', '..', 'processes', 'object-store.ts');
/** Objects pass through; what is kept is what is read or written just now. */
const nodeArguments = ['--max-old-space-size=128', '--max-semi-space-size=4', '--disable-warning=ExperimentalWarning'];
const startMs = 20_000;
const askEveryMs = 10;
/** Delay before each further start within {@link steadyMs}; the last one repeats. */
const startDelaysMs = [0, 0, 100, 500, 2000, 10_000];
const steadyMs = 60_000;
const mostLogBytes = 256 * 1024;

export interface StorageServerOptions {
  readonly folder: string;
  readonly ports: PortRange;
  /** `media.localhost` */
  readonly mediaDomain: string;
  /** User that it runs as where we are root. */
  readonly uid: number;
  readonly onChange: () => void;
}

/** The one store of a platform: found where it runs, started where it doesn't, and started again when it ends. */
export class StorageServer implements AsyncDisposable {
  readonly #options: StorageServerOptions;
  readonly #closing = new AbortController();
  #loop: Promise<void> | undefined;
  #failure: string | undefined;
  #running: RunningStore | undefined;
  /** The last one that was started here, whether it answers yet or not. */
  #started: { end(): void; readonly ended: Promise<boolean> } | undefined;
  /** Of localhost; undefined before the first start. */
  port: number | undefined;

  constructor(options: StorageServerOptions) {
    this.#options = options;
    this.port = keptPort(options.folder);
  }

  /** User of the store's files; undefined where we are not root. */
  get uid(): number | undefined {
    return process.getuid?.() === 0 ? this.#options.uid : undefined;
  }

  get state(): { readonly kind: 'up' | 'starting' } | { readonly kind: 'down'; readonly reason: string } {
    if (this.#running !== undefined) return { kind: 'up' };
    return this.#failure === undefined ? { kind: 'starting' } : { kind: 'down', reason: this.#failure };
  }

  /** From now on it runs. */
  keepRunning(): void {
    this.#loop ??= this.#keep();
  }

  /** Waits until it runs. @returns its port @throws with a reason fit for the user */
  async running(signal: AbortSignal): Promise<number> {
    this.keepRunning();
    const until = AbortSignal.any([signal, AbortSignal.timeout(startMs)]);
    while (this.#running === undefined) {
      if (this.#failure !== undefined) throw new Error(this.#failure);
      await sleep(askEveryMs, undefined, { signal: until });
    }
    return this.#running.port;
  }

  /** Ends it, until the next {@link keepRunning} of another process. */
  async stop(): Promise<void> {
    await this.close();
    if (await stopStore(this.#options.folder)) return;
    // One that was just being started answers nobody yet.
    this.#started?.end();
    await this.#started?.ended;
  }

  /** Lets go of it; it runs on. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#running?.[Symbol.dispose]();
    await this.#loop;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing;
    for (let starts = 0; !signal.aborted; starts++) {
      const from = performance.now();
      try {
        await sleep(startDelaysMs[Math.min(starts, startDelaysMs.length - 1)], undefined, { signal });
        this.#running = await this.#findOrStart(signal);
        this.#failure = undefined;
        this.port = this.#running.port;
        this.#options.onChange();
        await this.#running.ended;
      } catch (error) {
        if (signal.aborted) break;
        this.#failure = error instanceof Error ? error.message : String(error);
      }
      this.#running = undefined;
      if (performance.now() - from >= steadyMs) starts = 0;
      if (!signal.aborted) this.#options.onChange();
    }
  }

  async #findOrStart(signal: AbortSignal): Promise<RunningStore> {
    const { folder, mediaDomain, uid } = this.#options;
    try {
      return await watchStore(folder);
    } catch (error) {
      if (!(error instanceof StoreNotRunning)) throw error;
    }
    await makeFolder(folder, 0o700);
    await chmod(folder, 0o700);
    if (this.uid !== undefined) await chown(folder, this.uid, this.uid);
    const port = await this.#port();
    const log = await openLog(join(folder, 'server.log'));
    const child = spawn(process.execPath, [...nodeArguments, script, folder, String(port), mediaDomain, String(uid)], {
      cwd: '/',
      env: {},
      detached: true,
      stdio: ['ignore', 'ignore', log.fd],
    });
    child.unref();
    await log.close();
    const ended = Promise.race([once(child, 'exit'), once(child, 'error')]).then(
      () => true,
      () => true,
    );
    this.#started = { end: () => child.kill(), ended };
    const until = AbortSignal.any([signal, AbortSignal.timeout(startMs)]);
    for (;;) {
      try {
        return await watchStore(folder);
      } catch (error) {
        if (!(error instanceof StoreNotRunning)) throw error;
      }
      if (await Promise.race([ended, sleep(askEveryMs, false, { signal: until })]))
        throw new Error(await this.#whyNot(port));
    }
  }

  /** The one it has always had, since apps know it; the highest free one at first. */
  async #port(): Promise<number> {
    const path = join(this.#options.folder, 'port');
    const kept = keptPort(this.#options.folder);
    if (kept !== undefined) return kept;
    const { from, to } = this.#options.ports;
    for (let port = to; port >= from; port--) {
      if (!(await isFreePort(port))) continue;
      await writeDurably(path, `${port}\n`);
      return port;
    }
    throw new Error(
      `All ports from ${from} to ${to} are in use, so there is none for the object store; widen the range with --database-ports.`,
    );
  }

  async #whyNot(port: number): Promise<string> {
    const log = await readFile(join(this.#options.folder, 'server.log'), 'utf8').catch(() => '');
    if (log.includes('EADDRINUSE'))
      return `The object store has port ${port} of localhost, where another program listens now; stop that one.`;
    return `The object store does not start; see ${join(this.#options.folder, 'server.log')}.`;
  }
}

const keptPort = (folder: string): number | undefined => {
  try {
    return Number(readFileSync(join(folder, 'port'), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
};

/** What earlier ones said goes, so that it does not grow. */
const openLog = async (path: string) => {
  const log = await open(path, 'a', 0o600);
  if ((await log.stat()).size > mostLogBytes) await log.truncate();
  return log;
};
