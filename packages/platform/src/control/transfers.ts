import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { conflict } from '../contract/platform-error.ts';
import type { AddOnId } from '../domain/ids.ts';
import { addOns } from '../store/add-ons.ts';
import { type Transfer, transfers } from '../store/transfers.ts';
import { forgetUnlisted, tidyDumps } from './dump-files.ts';
import { dumpFile, type PerformTransferParts, performTransfer } from './perform-transfer.ts';
import { scheduleDue } from './transfer-schedule.ts';

export interface TransfersParts extends PerformTransferParts {
  readonly onFault: (error: unknown) => void;
}

const lookEveryMs = 5_000;
const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
/** How long scheduled backups are kept, on plans of the Essential tier and on others. */
const keptDays = { essential: 7, others: 25 };
/** Of each kind at once. What is fetched from elsewhere is as slow as its server, and must hold up nothing else. */
const atOnce = { own: 2, fetched: 2 };

interface Running {
  readonly transfer: Transfer;
  readonly abort: AbortController;
  readonly over: Promise<void>;
}

const databasesOf = ({ fromAddOnId, toAddOnId }: Transfer): readonly AddOnId[] =>
  [fromAddOnId, toAddOnId].filter((id) => id !== null);

const laneOf = ({ sealedUrl }: Transfer): keyof typeof atOnce => (sealedUrl === null ? 'own' : 'fetched');

/**
 * The level-triggered loop over transfers: few at once, and of one database one after the other. A row is `pending`, then
 * `running`, and ends once. A backup that a killed process has left is begun anew; a restore counts as done when the
 * database has its content, and is begun anew otherwise, since until then nothing has changed.
 */
export class Transfers implements AsyncDisposable {
  readonly #parts: TransfersParts;
  readonly #closing = new AbortController();
  readonly #loop: Promise<void>;
  readonly #running = new Map<string, Running>();
  /** Databases that something other than a transfer is done with. */
  readonly #reserved = new Set<AddOnId>();
  #wake = new AbortController();
  #forgotAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: TransfersParts) {
    this.#parts = parts;
    this.#loop = this.#run();
  }

  nudge(): void {
    this.#wake.abort();
  }

  /** Marks it cancelled and, when it is running, waits until it has ended. */
  async cancel(id: string): Promise<void> {
    const now = { state: 'canceled', finishedAt: new Date() } as const;
    await transfers.change(this.#parts.db, id, now, 'The transfer was cancelled.');
    const running = this.#running.get(id);
    running?.abort.abort();
    await running?.over;
  }

  /** Does something with a database while no transfer has to do with it. @throws PlatformError conflict while one has */
  async apart<T>(id: AddOnId, work: () => Promise<T>): Promise<T> {
    if (this.#isBusy(id)) {
      throw conflict(
        'The database is being backed up, restored, copied or reset just now. Wait for that, or end it with heroku pg:backups:cancel, and ask again.',
      );
    }
    this.#reserved.add(id);
    try {
      return await work();
    } finally {
      this.#reserved.delete(id);
      this.nudge();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    for (const { abort } of this.#running.values()) abort.abort();
    await this.#loop;
    await Promise.all([...this.#running.values()].map(({ over }) => over));
  }

  async #run(): Promise<void> {
    const { db, folder, onFault } = this.#parts;
    const { signal } = this.#closing;
    await tidyDumps(db, folder).catch(onFault);
    while (!signal.aborted) {
      this.#wake = new AbortController();
      try {
        await scheduleDue(db, new Date());
        this.#begin(await transfers.unfinished(db));
        await this.#forgetUnlisted();
      } catch (error) {
        if (!signal.aborted) onFault(error);
      }
      const either = AbortSignal.any([signal, this.#wake.signal]);
      await sleep(lookEveryMs, undefined, { signal: either, ref: false }).catch(() => {});
    }
  }

  /** Begins what can be; one that has to wait goes before later ones of the same databases. */
  #begin(all: readonly Transfer[]): void {
    const awaited = new Set<AddOnId>();
    for (const transfer of all) {
      if (this.#closing.signal.aborted) return;
      if (this.#running.has(transfer.id)) continue;
      const databases = databasesOf(transfer);
      const lane = [...this.#running.values()].filter((one) => laneOf(one.transfer) === laneOf(transfer));
      const isFree = databases.every((id) => !awaited.has(id) && !this.#isBusy(id));
      if (isFree && lane.length < atOnce[laneOf(transfer)]) this.#start(transfer);
      else for (const id of databases) awaited.add(id);
    }
  }

  #isBusy(id: AddOnId): boolean {
    return (
      this.#reserved.has(id) || [...this.#running.values()].some(({ transfer }) => databasesOf(transfer).includes(id))
    );
  }

  #start(transfer: Transfer): void {
    const abort = new AbortController();
    const over = this.#transfer(transfer, abort.signal)
      .then(
        () => this.nudge(),
        // The store is away: the row is as it was, and looked at again in a while.
        (error: unknown) => this.#closing.signal.aborted || this.#parts.onFault(error),
      )
      .finally(() => this.#running.delete(transfer.id))
      .then(() => {});
    this.#running.set(transfer.id, { transfer, abort, over });
  }

  async #transfer(transfer: Transfer, signal: AbortSignal): Promise<void> {
    const { db } = this.#parts;
    const interrupted = transfer.state === 'running';
    const begun = interrupted ? 'Ravine was restarted; the transfer begins anew.' : 'The transfer has begun.';
    const started = { state: 'running', startedAt: new Date(), warnings: 0 } as const;
    if (!(await transfers.change(db, transfer.id, started, begun))) return;
    try {
      const warnings = await performTransfer(this.#parts, transfer, signal);
      const over = { state: 'succeeded', finishedAt: new Date(), warnings } as const;
      await transfers.change(db, transfer.id, over, 'The transfer is complete.');
      if (transfer.scheduled && transfer.fromAddOnId !== null) await this.#forgetOld(transfer.fromAddOnId);
    } catch (error) {
      // A process that ends leaves the row to the next one; a cancelled one is over already.
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      await transfers.change(db, transfer.id, { state: 'failed', finishedAt: new Date() }, message);
    }
  }

  async #forgetOld(addOnId: AddOnId): Promise<void> {
    const { db, folder } = this.#parts;
    const plan = (await addOns.byId(db, addOnId))?.plan ?? '';
    const days = /:(standard|premium)/.test(plan) ? keptDays.others : keptDays.essential;
    for (const old of await transfers.scheduledBefore(db, addOnId, new Date(Date.now() - days * dayMs))) {
      await transfers.remove(db, old.id);
      await rm(dumpFile(folder, old.id), { force: true });
    }
  }

  async #forgetUnlisted(): Promise<void> {
    if (performance.now() - this.#forgotAtMs < hourMs) return;
    this.#forgotAtMs = performance.now();
    await forgetUnlisted(this.#parts.folder, Date.now());
  }
}
