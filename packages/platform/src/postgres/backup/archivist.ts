import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SuperuserConnection } from '../cluster.ts';
import { isAlive } from '../postmaster.ts';
import { withSuperuser } from '../superuser.ts';
import { archiveOf } from './archive-of.ts';
import type { BaseBackup, BaseBackups } from './base-backups.ts';
import { type Drill, lastDrill, type RestoreParts, runDrill } from './drill.ts';
import type { WalArchive } from './wal-archive.ts';

const dayMs = 24 * 60 * 60 * 1000;
const lookEveryMs = 2_000;
const retriesAfterMs = [1_000, 5_000, 15_000, 60_000];
/** What is due changes by the hour, and asking reads folders. */
const looksBetween = 300;
/** A drill follows a backup at this distance, so that new databases are made undisturbed. */
const drillAfterMs = 60 * 60 * 1000;

export interface ArchivistOptions {
  /** The cluster's; the archive is kept below it. */
  readonly folder: string;
  readonly server: SuperuserConnection;
  /** Every moment since this long ago can be restored, until {@link Archivist.keepDays} says otherwise. */
  readonly keptDays: number;
  /** Runs one expensive job at a time on the whole machine. */
  readonly oneAtATime: <T>(work: () => Promise<T>) => Promise<T>;
  /** Told once of each new reason why not all can be had back now, and of null when it can. */
  readonly onTrouble: (reason: string | null) => void;
  /** Resolves when the server takes connections, and this may begin; what it throws is of no interest. */
  readonly ready?: (signal: AbortSignal) => Promise<unknown>;
  /** What it takes to restore a backup, for the daily drill. */
  readonly restore: RestoreParts;
}

/**
 * Looks after the backups of one running cluster: shelves its log, makes a base backup at first and then daily, removes
 * what is past its time. It only ever looks at what is on disk, so that a killed one's successor goes on.
 */
export class Archivist implements AsyncDisposable {
  readonly #options: ArchivistOptions;
  readonly #closing = new AbortController();
  #keptDays: number;
  readonly #ended: Promise<void>;
  readonly backups: BaseBackups;
  readonly archive: WalArchive;
  #trouble: string | null = null;
  #doubt: string | null = null;
  #due = true;

  constructor(options: ArchivistOptions) {
    this.#options = options;
    const { backups, archive } = archiveOf(options.folder);
    this.backups = backups;
    this.archive = archive;
    this.#keptDays = options.keptDays;
    this.#ended = this.#loop();
  }

  /** Why there is no backup now, or why one may not help; or null. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** From now on every moment since this long ago is kept. */
  keepDays(days: number): void {
    this.#keptDays = days;
  }

  /** Makes a base backup now. */
  async baseBackup(): Promise<BaseBackup> {
    const { server, oneAtATime } = this.#options;
    const backup = await oneAtATime(async () =>
      this.backups.take(server, await clusterBytes(server), this.#closing.signal),
    );
    await this.#forgetOld();
    return backup;
  }

  /** Tries now whether the newest backup can be restored. */
  drill(): Promise<Drill> {
    const { folder, restore, oneAtATime } = this.#options;
    return oneAtATime(() => runDrill(folder, restore, this.#closing.signal));
  }

  /** Resolves once all that is committed by now is archived. @returns the segment up to which it is. */
  flush(): Promise<string> {
    return flushLog(this.#options.server);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #loop(): Promise<void> {
    const { signal } = this.#closing;
    let looks = 0;
    let failures = 0;
    let retryAtMs = 0;
    await this.#options.ready?.(signal).catch(() => {});
    while (!signal.aborted) {
      try {
        await this.archive.shelve();
        const look = looks++ % looksBetween === 0;
        if (look) this.#due = await this.#isDue();
        const waits = performance.now() < retryAtMs;
        if (this.#due && !waits) {
          await this.baseBackup();
          this.#due = false;
        }
        if (look && (await this.#isDrillDue())) await this.drill();
        if (look) this.#doubt = await this.#doubts();
        if (!waits) failures = 0;
        if (!waits) this.#tell(this.#doubt);
      } catch (error) {
        if (signal.aborted) break;
        retryAtMs = performance.now() + (retriesAfterMs[Math.min(failures++, retriesAfterMs.length - 1)] ?? 0);
        this.#tell(error instanceof Error ? error.message : String(error));
      }
      await sleep(lookEveryMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #isDue(): Promise<boolean> {
    const last = (await this.backups.list()).at(-1);
    // A clock that was set back must not put the next one off for as long.
    return last === undefined || Math.abs(Date.now() - last.finishedAtMs) >= dayMs;
  }

  async #isDrillDue(): Promise<boolean> {
    const backup = (await this.backups.list()).at(-1);
    if (backup === undefined || Math.abs(Date.now() - backup.finishedAtMs) < drillAfterMs) return false;
    const last = await lastDrill(this.#options.folder);
    return last?.backup !== backup.name || last.skipped === true;
  }

  /** What speaks against there being all that can be restored. */
  async #doubts(): Promise<string | null> {
    const [unreadable, last] = [await this.backups.unreadable(), await lastDrill(this.#options.folder)];
    const doubts = unreadable.map(
      (folder) =>
        `The base backup in ${folder} is left out, since its backup.json can't be read; put it back or remove it.`,
    );
    if (last?.failing) {
      const kept = last.proven === undefined ? '' : ` The backup ${last.proven}, which could be restored, is kept.`;
      doubts.push(`The restore drill of ${last.backup} failed: ${last.detail}${kept}`);
    }
    return doubts.length === 0 ? null : doubts.join(' ');
  }

  /**
   * Keeps the newest backup that was over before the kept time began, all later ones, and the log since; and while drills
   * fail, the newest one that could be restored, and the log since.
   */
  async #forgetOld(): Promise<void> {
    const all = await this.backups.list();
    const cutoffMs = Date.now() - this.#keptDays * dayMs;
    const base = all.findLast((backup) => backup.finishedAtMs <= cutoffMs) ?? all[0];
    if (!base) return;
    const last = await lastDrill(this.#options.folder);
    const proven = last?.failing ? all.find((backup) => backup.name === last.proven) : undefined;
    const old = all.slice(0, all.indexOf(base)).filter((backup) => backup !== proven);
    for (const backup of old) await this.backups.remove(backup);
    await this.archive.shelve();
    await this.archive.forgetBefore((all.find((backup) => backup === proven || backup === base) ?? base).firstSegment);
    for (const name of await readdir(this.archive.inbox).catch(() => [])) {
      // The server writes under this name and renames; its process number tells one that still writes from remains.
      if (name.startsWith('archtemp.') && !isAlive(Number(name.split('.')[2]))) {
        await rm(join(this.archive.inbox, name), { force: true });
      }
    }
  }

  #tell(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#options.onTrouble(trouble);
  }
}

const clusterBytes = (server: SuperuserConnection): Promise<number> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rows } = await client.query<{ bytes: string }>(
      'SELECT sum(pg_database_size(oid)) AS bytes FROM pg_database',
    );
    return Number(rows[0]?.bytes ?? 0);
  });

/**
 * Resolves once all that a server has committed by now is archived.
 * @returns the segment up to which it is
 * @throws when it can't archive
 */
export const flushLog = (server: SuperuserConnection): Promise<string> =>
  withSuperuser(server, 'postgres', async (client) => {
    // A commit of its own after all others, so that a recovery that is to stop at this moment sees one to stop before.
    await client.query("SELECT pg_logical_emit_message(true, 'ravine', 'flush')");
    const { rows } = await client.query<{ segment: string; since: string }>(
      'SELECT pg_walfile_name(pg_switch_wal()) AS segment, clock_timestamp()::text AS since',
    );
    const { segment: wanted = '', since = 'now' } = rows[0] ?? {};
    for (let delayMs = 5; ; delayMs = Math.min(delayMs * 1.5, 200)) {
      const { rows: state } = await client.query<{ done: boolean; failed: boolean; name: string }>(
        `SELECT coalesce(substr(last_archived_wal, 9) >= substr($1, 9), false) AS done,
          coalesce(last_failed_time > coalesce(last_archived_time, 'epoch') AND last_failed_time > $2::timestamptz, false) AS failed
          FROM pg_stat_archiver`,
        [wanted, since],
      );
      if (state[0]?.done) return wanted;
      if (state[0]?.failed) throw new Error('The server could not archive its log just now; is the disk full?');
      await sleep(delayMs);
    }
  });
