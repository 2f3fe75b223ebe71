import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  contentBytes,
  dumpContent,
  hasContent,
  type RunningDatabase,
  restoreContent,
} from '../addons/providers/postgres-content.ts';
import type { AddOnId } from '../domain/ids.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { type AddOn, addOns } from '../store/add-ons.ts';
import type { Database } from '../store/database.ts';
import { type Transfer, transfers } from '../store/transfers.ts';
import { scheduleDue } from './transfer-schedule.ts';

export interface TransfersParts {
  readonly db: Database;
  readonly keyring: Keyring;
  /** Dumps, by the id of their transfer. */
  readonly folder: string;
  readonly target: (addOn: AddOn) => { readonly running: RunningDatabase; readonly password: string };
  readonly onFault: (error: unknown) => void;
}

const lookEveryMs = 5_000;
const progressEveryMs = 500;
const dayMs = 24 * 60 * 60 * 1000;
/** How long scheduled backups are kept, on plans of the Essential tier and on others. */
const keptDays = { essential: 7, others: 25 };

export const sealedUrlContext = (appId: string): string => `app:${appId}:transfer-url`;

/**
 * The level-triggered loop over transfers, one at a time. A row is `pending`, then `running`, and ends once. A backup
 * that a killed process has left is begun anew; a restore counts as done when the database has its content, and is
 * begun anew otherwise, since until then nothing has changed.
 */
export class Transfers implements AsyncDisposable {
  readonly #parts: TransfersParts;
  readonly #closing = new AbortController();
  readonly #loop: Promise<void>;
  #wake = new AbortController();
  #current: { readonly id: string; readonly abort: AbortController; readonly over: Promise<void> } | undefined;

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
    if (this.#current?.id !== id) return;
    this.#current.abort.abort();
    await this.#current.over;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#current?.abort.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { db, onFault } = this.#parts;
    const { signal } = this.#closing;
    await this.#removeStray().catch(onFault);
    while (!signal.aborted) {
      this.#wake = new AbortController();
      let next: Transfer | undefined;
      try {
        await scheduleDue(db, new Date());
        [next] = await transfers.unfinished(db);
        if (next !== undefined) await this.#perform(next);
      } catch (error) {
        if (!signal.aborted) onFault(error);
        next = undefined;
      }
      if (next !== undefined) continue;
      const either = AbortSignal.any([signal, this.#wake.signal]);
      await sleep(lookEveryMs, undefined, { signal: either, ref: false }).catch(() => {});
    }
  }

  async #perform(transfer: Transfer): Promise<void> {
    const abort = new AbortController();
    const done = this.#transfer(transfer, abort.signal);
    this.#current = { id: transfer.id, abort, over: done.catch(() => {}) };
    try {
      await done;
    } finally {
      this.#current = undefined;
    }
  }

  async #transfer(transfer: Transfer, signal: AbortSignal): Promise<void> {
    const { db } = this.#parts;
    const interrupted = transfer.state === 'running';
    const begun = interrupted ? 'Ravine was restarted; the transfer begins anew.' : 'The transfer has begun.';
    const started = { state: 'running', startedAt: new Date(), warnings: 0 } as const;
    if (!(await transfers.change(db, transfer.id, started, begun))) return;
    const progress = new Progress(db, transfer.id);
    try {
      if (transfer.kind === 'backup') await this.#backUp(transfer, progress, signal);
      else await this.#restore(transfer, progress, signal, interrupted);
      signal.throwIfAborted();
      await progress.settled();
      const over = { state: 'succeeded', finishedAt: new Date(), warnings: progress.warnings } as const;
      await transfers.change(db, transfer.id, over, 'The transfer is complete.');
      if (transfer.scheduled && transfer.fromAddOnId !== null) await this.#forgetOld(transfer.fromAddOnId);
    } catch (error) {
      await progress.settled();
      // A process that ends leaves the row to the next one; a cancelled one is over already.
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      await transfers.change(db, transfer.id, { state: 'failed', finishedAt: new Date() }, message);
    }
  }

  async #backUp(transfer: Transfer, progress: Progress, signal: AbortSignal): Promise<void> {
    const { running } = await this.#database(transfer.fromAddOnId, transfer.fromName);
    const sourceBytes = await contentBytes(running);
    await transfers.change(this.#parts.db, transfer.id, { sourceBytes });
    const bytes = await dumpContent(running, this.#file(transfer.id), { ...progress.ports, signal });
    await progress.settled();
    await transfers.change(this.#parts.db, transfer.id, { processedBytes: bytes });
  }

  async #restore(transfer: Transfer, progress: Progress, signal: AbortSignal, interrupted: boolean): Promise<void> {
    const target = await this.#database(transfer.toAddOnId, transfer.toName);
    const mark = `transfer ${transfer.id}`;
    if (interrupted && (await hasContent(target.running, mark))) return;
    let dump = this.#file(transfer.id);
    try {
      if (transfer.kind === 'copy') {
        const source = await this.#database(transfer.fromAddOnId, transfer.fromName);
        await dumpContent(source.running, dump, { ...progress.ports, signal });
      } else if (transfer.backupId !== null) dump = this.#file(transfer.backupId);
      const source = transfer.sealedUrl === null ? fileContent(dump) : this.#fetch(transfer, signal);
      const content = { source, mark, extensions: transfer.extensions };
      await restoreContent(target.running, target.password, content, { ...progress.ports, signal });
    } finally {
      if (transfer.kind === 'copy') await rm(this.#file(transfer.id), { force: true });
    }
  }

  async *#fetch(transfer: Transfer, signal: AbortSignal): AsyncGenerator<Buffer> {
    const { keyring } = this.#parts;
    const url = keyring.open(transfer.sealedUrl ?? Buffer.alloc(0), sealedUrlContext(transfer.appId)).toString('utf8');
    const response = await fetch(url, { signal }).catch((error: Error) => {
      throw new Error(
        `The backup could not be fetched: ${error.cause instanceof Error ? error.cause.message : error.message}.`,
      );
    });
    if (!response.ok || response.body === null) {
      throw new Error(`The backup could not be fetched: its server answered ${response.status}.`);
    }
    // The web stream's type lacks what Node's own has.
    yield* Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  }

  async #database(id: AddOnId | null, name: string) {
    const addOn = id === null ? undefined : await addOns.byId(this.#parts.db, id);
    if (addOn?.state !== 'provisioned') throw new Error(`The database ${name} is gone.`);
    return this.#parts.target(addOn);
  }

  #file(id: string): string {
    return join(this.#parts.folder, `${id}.dump`);
  }

  async #forgetOld(addOnId: AddOnId): Promise<void> {
    const { db } = this.#parts;
    const plan = (await addOns.byId(db, addOnId))?.plan ?? '';
    const days = /:(standard|premium)/.test(plan) ? keptDays.others : keptDays.essential;
    for (const old of await transfers.scheduledBefore(db, addOnId, new Date(Date.now() - days * dayMs))) {
      await transfers.remove(db, old.id);
      await rm(this.#file(old.id), { force: true });
    }
  }

  /** Removes files of backups that nobody lists any more, and unfinished ones. */
  async #removeStray(): Promise<void> {
    const { db, folder } = this.#parts;
    const names = await readdir(folder).catch(() => []);
    if (names.length === 0) return;
    const kept = await transfers.backupIds(db);
    for (const name of names) {
      if (!name.endsWith('.dump') || !kept.has(name.slice(0, -'.dump'.length))) await rm(join(folder, name));
    }
  }
}

/** Opened when it is read, so that a file that is gone fails whoever reads it. */
async function* fileContent(path: string): AsyncGenerator<Buffer> {
  if ((await stat(path).catch(() => undefined)) === undefined) throw new Error('The file of the backup is gone.');
  yield* createReadStream(path, { highWaterMark: 1024 * 1024 });
}

/** Notes how far a transfer has come, not too often. */
class Progress {
  readonly ports: { onProgress: (bytes: number) => void; onWarning: (message: string) => void };
  warnings = 0;
  #notedAt = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(db: Database, id: string) {
    const note = (...change: [Parameters<typeof transfers.change>[2], string?]) => {
      this.#last = this.#last.then(() => transfers.change(db, id, ...change)).catch(() => {});
    };
    this.ports = {
      onProgress: (processedBytes) => {
        if (Date.now() - this.#notedAt < progressEveryMs) return;
        this.#notedAt = Date.now();
        note({ processedBytes });
      },
      onWarning: (message) => {
        this.warnings++;
        note({ warnings: this.warnings }, `warning: ${message}`);
      },
    };
  }

  /** Resolves when all is noted. */
  settled(): Promise<unknown> {
    return this.#last;
  }
}
