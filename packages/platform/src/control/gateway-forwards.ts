import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOwnAddress } from '../engine/networks.ts';
import { listeningPorts } from '../wire/listening-ports.ts';

const script = join(import.meta.dirname, '..', 'processes', 'gateway-forwarder.ts');
const lookEveryMs = 5000;
/** An add-on that starts listens on localhost a moment before it does on the gateway. */
const sureAfterMs = 500;
/** A forwarder carries bytes and keeps none. */
const nodeArguments = ['--max-old-space-size=32', '--max-semi-space-size=1'];

export interface GatewayForwardsParts {
  readonly dataFolder: string;
  /** This machine's addresses as containers reach it; none while there is no engine, or where none is needed. */
  readonly gateways: () => Promise<readonly string[]>;
  /** Ports on localhost of all add-ons. */
  readonly ports: () => Promise<readonly number[]>;
  readonly onFault: (error: unknown) => void;
}

/**
 * Sees to it that containers reach every add-on. One that is started while there is an engine listens on the engine's
 * bridge by itself; for those that had been started before, a process of its own listens there in their place.
 */
export class GatewayForwards implements AsyncDisposable {
  readonly #parts: GatewayForwardsParts;
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  #wake = new AbortController();

  constructor(parts: GatewayForwardsParts) {
    this.#parts = parts;
    this.#loop = this.#run();
  }

  /** There is an engine, or another add-on: look now. */
  nudge(): void {
    this.#wake.abort();
  }

  /** Ends the loop; forwarders run on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        for (const gateway of await this.#parts.gateways()) {
          if ((await this.#missing(gateway)).length === 0) continue;
          await sleep(sureAfterMs, undefined, { signal });
          this.#forward(gateway, await this.#missing(gateway));
        }
      } catch (error) {
        if (!signal.aborted) this.#parts.onFault(error);
      }
      this.#wake = new AbortController();
      const either = AbortSignal.any([signal, this.#wake.signal]);
      await sleep(lookEveryMs, undefined, { signal: either, ref: false }).catch(() => undefined);
    }
  }

  /** Ports that answer on localhost and not where containers come from. */
  async #missing(gateway: string): Promise<readonly number[]> {
    if (!(await isOwnAddress(gateway))) return [];
    const [ports, listening] = await Promise.all([this.#parts.ports(), listeningPorts()]);
    return ports.filter(
      (port) =>
        listening.has(`127.0.0.1:${port}`) && !listening.has(`${gateway}:${port}`) && !listening.has(`0.0.0.0:${port}`),
    );
  }

  #forward(gateway: string, ports: readonly number[]): void {
    const { dataFolder, onFault } = this.#parts;
    if (ports.length === 0) return;
    spawn(process.execPath, [...nodeArguments, script, dataFolder, gateway, ...ports.map(String)], {
      cwd: '/',
      env: {},
      detached: true,
      stdio: 'ignore',
    })
      .on('error', onFault)
      .unref();
  }
}

/** The processes that forward for a data folder, whoever started them. */
export const findForwarders = async (dataFolder: string): Promise<readonly number[]> => {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter(Number.isInteger);
  const lines = await Promise.all(
    pids.map(async (pid) => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const),
  );
  return lines.filter(([, line]) => line.includes(`\0${script}\0${dataFolder}\0`)).map(([pid]) => pid);
};

/** Ends them; connections that they carry are cut. */
export const stopForwarders = async (dataFolder: string): Promise<void> => {
  for (const pid of await findForwarders(dataFolder)) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
  }
};
