import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  contentBytes,
  dumpContent,
  hasContent,
  type RunningDatabase,
  restoreContent,
} from '../addons/providers/postgres-content.ts';
import type { AddOnId } from '../domain/ids.ts';
import { assertRoom } from '../files/disk-room.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { type AddOn, addOns } from '../store/add-ons.ts';
import type { Database } from '../store/database.ts';
import { type Transfer, transfers } from '../store/transfers.ts';

export interface PerformTransferParts {
  readonly db: Database;
  readonly keyring: Keyring;
  /** Dumps, by the id of their transfer. */
  readonly folder: string;
  readonly target: (addOn: AddOn) => { readonly running: RunningDatabase; readonly password: string };
}

const progressEveryMs = 500;
/** A restore writes the data, and logs it, compressed, for the backups of the database. */
const restoredBytes = (bytes: number): number => 1.5 * bytes;

export const sealedUrlContext = (appId: string): string => `app:${appId}:transfer-url`;

export const dumpFile = (folder: string, transferId: string): string => join(folder, `${transferId}.dump`);

/** Does what one transfer asks for, and notes its progress. @returns the warnings @throws why it failed */
export const performTransfer = async (
  parts: PerformTransferParts,
  transfer: Transfer,
  signal: AbortSignal,
): Promise<number> => {
  const progress = new Progress(parts.db, transfer.id);
  const one = new OneTransfer(parts, transfer, progress, signal);
  try {
    await (transfer.kind === 'backup' ? one.backUp() : one.restore());
    signal.throwIfAborted();
  } finally {
    await progress.settled();
  }
  return progress.warnings;
};

class OneTransfer {
  readonly #parts: PerformTransferParts;
  readonly #transfer: Transfer;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;

  constructor(parts: PerformTransferParts, transfer: Transfer, progress: Progress, signal: AbortSignal) {
    this.#parts = parts;
    this.#transfer = transfer;
    this.#progress = progress;
    this.#signal = signal;
  }

  get #ports() {
    return { ...this.#progress.ports, signal: this.#signal };
  }

  async backUp(): Promise<void> {
    const { id, fromAddOnId, fromName } = this.#transfer;
    const { db, folder } = this.#parts;
    const { running } = await this.#database(fromAddOnId, fromName);
    const sourceBytes = await contentBytes(running);
    await assertRoom(folder, sourceBytes, 'A backup');
    await transfers.change(db, id, { sourceBytes });
    const processedBytes = await dumpContent(running, dumpFile(folder, id), this.#ports);
    await this.#progress.settled();
    await transfers.change(db, id, { processedBytes });
  }

  async restore(): Promise<void> {
    const { id, kind, state, backupId, toAddOnId, toName, extensions, sealedUrl } = this.#transfer;
    const { folder } = this.#parts;
    const target = await this.#database(toAddOnId, toName);
    const mark = `transfer ${id}`;
    // A killed process may have got it there before it could note the end.
    if (state === 'running' && (await hasContent(target.running, mark))) return;
    try {
      if (kind === 'copy') await this.#dumpSource();
      const source = sealedUrl === null ? this.#kept(kind === 'copy' ? id : backupId) : this.#fetch(sealedUrl);
      await restoreContent(target.running, target.password, { source, mark, extensions }, this.#ports);
    } finally {
      if (kind === 'copy') await rm(dumpFile(folder, id), { force: true });
    }
  }

  async #dumpSource(): Promise<void> {
    const { id, fromAddOnId, fromName } = this.#transfer;
    const { running } = await this.#database(fromAddOnId, fromName);
    const bytes = await contentBytes(running);
    await assertRoom(this.#parts.folder, bytes + restoredBytes(bytes), 'A copy');
    await dumpContent(running, dumpFile(this.#parts.folder, id), this.#ports);
  }

  /** Opened when it is read, so that a file that is gone fails whoever reads it. */
  async *#kept(id: string | null): AsyncGenerator<Buffer> {
    const { db, folder } = this.#parts;
    const path = dumpFile(folder, id ?? '');
    const file = await stat(path).catch(() => undefined);
    if (file === undefined) throw new Error('The file of the backup is gone.');
    const from = id === null ? undefined : await transfers.byId(db, id);
    // That of a copy had its room before it was written.
    if (from?.kind === 'backup')
      await assertRoom(folder, restoredBytes(Math.max(from.sourceBytes, file.size)), 'A restore');
    yield* createReadStream(path, { highWaterMark: 1024 * 1024 });
  }

  async *#fetch(sealedUrl: Buffer): AsyncGenerator<Buffer> {
    const { keyring, folder } = this.#parts;
    const url = keyring.open(sealedUrl, sealedUrlContext(this.#transfer.appId)).toString('utf8');
    const response = await fetch(url, { signal: this.#signal }).catch((error: Error) => {
      throw new Error(
        `The backup could not be fetched: ${error.cause instanceof Error ? error.cause.message : error.message}.`,
      );
    });
    if (!response.ok || response.body === null) {
      throw new Error(`The backup could not be fetched: its server answered ${response.status}.`);
    }
    // What is in it takes at least as much.
    await assertRoom(folder, restoredBytes(Number(response.headers.get('content-length') ?? 0)), 'A restore');
    // The web stream's type lacks what Node's own has.
    yield* Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  }

  async #database(id: AddOnId | null, name: string) {
    const addOn = id === null ? undefined : await addOns.byId(this.#parts.db, id);
    if (addOn?.state !== 'provisioned') throw new Error(`The database ${name} is gone.`);
    return this.#parts.target(addOn);
  }
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
