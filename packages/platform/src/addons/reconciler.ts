import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AddOnId } from '../domain/ids.ts';
import { planOfRecord } from './catalogue.ts';
import type { AddOnRecord, AddOnRecords } from './ports.ts';
import type { AddOnProvider } from './provider.ts';

/** Where an add-on has come to rest; `failed` carries a reason fit for its user. */
export type Settled =
  | { readonly kind: 'provisioned' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly reason: string };

interface Task {
  readonly kind: AddOnRecord['state'];
  readonly abort: AbortController;
  readonly done: Promise<void>;
  /** Whether the row was looked at meanwhile, so that it has to be again. */
  again: boolean;
}

const lookEveryMs = 5_000;
const failedTaskRestMs = 1_000;
const attempts = 3;
const provisionsAtOnce = 2;

/**
 * The level-triggered loop over add-on rows, and the only thing that makes, runs and removes add-ons:
 * a `provisioning` one is made (and given up after three failures), a `provisioned` one kept running,
 * a `deprovisioning` one removed. Killed anywhere, the next process's loop carries on from the rows.
 */
export class AddOnReconciler implements AsyncDisposable {
  readonly #records: AddOnRecords;
  readonly #providers: ReadonlyMap<string, AddOnProvider>;
  readonly #onError: (error: unknown) => void;
  readonly #closing = new AbortController();
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #tasks = new Map<AddOnId, Task>();
  readonly #stopListening: readonly (() => void)[];
  readonly #loopEnded: Promise<void>;
  #nudged = false;

  /** @param onError takes faults that no row can tell: the store is away. */
  constructor(records: AddOnRecords, providers: readonly AddOnProvider[], onError: (error: unknown) => void) {
    this.#records = records;
    this.#providers = new Map(providers.map((provider) => [provider.service, provider]));
    this.#onError = onError;
    this.#stopListening = providers.map((provider) => provider.onChange(() => this.onChange()));
    this.#loopEnded = this.#loop();
  }

  /** Something about the rows has changed: look now. */
  onChange(): void {
    this.#nudged = true;
    this.#events.emit('nudge');
  }

  /** Waits until the add-on is provisioned, gone, or failed at what it was asked to become. */
  async settled(id: AddOnId, signal: AbortSignal): Promise<Settled> {
    this.onChange();
    for (;;) {
      const changed = once(this.#events, `settled ${id}`, { signal: AbortSignal.any([signal, this.#closing.signal]) });
      changed.catch(() => {}); // Seen below, unless the answer comes first.
      const row = (await this.#records.live()).find((candidate) => candidate.id === id);
      if (!row) return { kind: 'gone' };
      if (row.state === 'provisioned') return { kind: 'provisioned' };
      if (row.state === 'deprovisioning' && row.failureReason !== null) {
        return { kind: 'failed', reason: row.failureReason };
      }
      // Its removal may be over before its row is read again: the reason comes with the event.
      const [reason]: unknown[] = await changed;
      if (typeof reason === 'string') return { kind: 'failed', reason };
    }
  }

  /** Ends the loop after what it is in the middle of was told to stop; add-ons run on. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const stop of this.#stopListening) stop();
    for (const task of this.#tasks.values()) task.abort.abort();
    await this.#loopEnded;
    await Promise.all([...this.#tasks.values()].map((task) => task.done));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #loop(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#nudged = false;
      try {
        for (const row of await this.#records.live()) this.#tend(row);
      } catch (error) {
        this.#onError(error);
      }
      if (this.#nudged) continue;
      const woken = AbortSignal.any([signal, AbortSignal.timeout(lookEveryMs)]);
      await once(this.#events, 'nudge', { signal: woken }).catch(() => {});
    }
  }

  /** Starts what the row asks for, unless it is being done. */
  #tend(row: AddOnRecord): void {
    const running = this.#tasks.get(row.id);
    if (running) {
      running.again = true;
      if (running.kind === 'provisioning' && row.state === 'deprovisioning') running.abort.abort();
      return;
    }
    const provisions = [...this.#tasks.values()].filter((task) => task.kind === 'provisioning').length;
    if (this.#closing.signal.aborted || (row.state === 'provisioning' && provisions >= provisionsAtOnce)) return;
    const abort = new AbortController();
    const done = this.#perform(row, abort.signal)
      .catch(async (error) => {
        if (abort.signal.aborted) return;
        this.#onError(error);
        await sleep(failedTaskRestMs, undefined, { signal: abort.signal }).catch(() => {});
      })
      .finally(() => {
        const again = row.state !== 'provisioned' || this.#tasks.get(row.id)?.again;
        this.#tasks.delete(row.id);
        this.#events.emit(`settled ${row.id}`);
        if (again) this.onChange();
      });
    this.#tasks.set(row.id, { kind: row.state, abort, done, again: false });
  }

  async #perform(row: AddOnRecord, signal: AbortSignal): Promise<void> {
    const provider = this.#providers.get(row.service);
    if (row.state === 'provisioned') {
      if (!provider) return;
      const health = await provider.ensureRunning(row.id, row.resource, planOfRecord(row));
      const reason = health.kind === 'down' ? health.reason : null;
      if (health.kind !== 'starting' && reason !== row.failureReason) await this.#records.noteFailure(row.id, reason);
      return;
    }
    if (row.state === 'deprovisioning') return this.#remove(row, provider, signal);
    return this.#make(row, provider, signal);
  }

  async #make(row: AddOnRecord, provider: AddOnProvider | undefined, signal: AbortSignal): Promise<void> {
    const plan = planOfRecord(row);
    if (!provider || !plan) {
      return this.#abandon(row.id, `There is no plan "${row.plan}" of ${row.service} in this Ravine.`);
    }
    const request = { id: row.id, name: row.name, plan, ...(row.options && { options: row.options }) };
    for (let attempt = 1; ; attempt++) {
      const made = await provider.provision(request, signal).catch((error) => {
        signal.throwIfAborted();
        this.#onError(error);
        return error instanceof Error ? error : new Error(String(error));
      });
      signal.throwIfAborted();
      // When noting it fails, nobody knows whether it was noted: the row has to be read again before anything is made anew.
      if (!(made instanceof Error)) return this.#records.provisioned(row.id, made);
      if (attempt === attempts) return this.#abandon(row.id, made.message);
      await sleep(attempt * 200, undefined, { signal });
    }
  }

  async #abandon(id: AddOnId, reason: string): Promise<void> {
    await this.#records.abandoned(id, reason);
    this.#events.emit(`settled ${id}`, reason);
  }

  async #remove(row: AddOnRecord, provider: AddOnProvider | undefined, signal: AbortSignal): Promise<void> {
    try {
      await provider?.deprovision(row.id);
    } catch (error) {
      const reason = `It could not be removed: ${error instanceof Error ? error.message : String(error)}`;
      if (reason !== row.failureReason) await this.#records.noteFailure(row.id, reason);
      this.#events.emit(`settled ${row.id}`);
      await sleep(lookEveryMs, undefined, { signal });
      return;
    }
    await this.#records.deprovisioned(row.id);
  }
}
