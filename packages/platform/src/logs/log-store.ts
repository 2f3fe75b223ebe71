import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { LogLine } from '../domain/log-line.ts';
import { AppLog, type LogLimits } from './app-log.ts';
import { type LogFilter, matches } from './log-filter.ts';
import { isAtLeast, type LogLevel, levelOf } from './log-level.ts';
import { alignId, newestFirst, readForward } from './log-reader.ts';
import type { LogEntry } from './log-record.ts';

const mb = 1024 * 1024;

export const defaultLogLimits: LogLimits = {
  segmentBytes: 4 * mb,
  totalBytes: 64 * mb,
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  pendingChars: 8 * mb,
};

export interface LogStoreOptions {
  /** Holds one folder per app. */
  readonly folder: string;
  readonly limits?: Partial<LogLimits>;
  /** Told once when the disk begins to refuse an app's lines; they are kept in memory and tried again. */
  readonly onError?: (appId: string, error: unknown) => void;
}

export interface LogSearch extends LogFilter {
  /** Found in any case; empty matches every line. */
  readonly text: string;
  /** Lines that seem to be of this level, or worse. */
  readonly level?: LogLevel | undefined;
  readonly sinceUs?: number;
  readonly untilUs?: number;
  /** Only lines with a smaller id, to go further back than an earlier answer. */
  readonly beforeId?: number;
  readonly limit: number;
}

/** More than an app at its full rate writes between two positions that the store is told. */
const markReachBytes = 2 * mb;
const tidyEveryMs = 10 * 60 * 1000;
/** Lines of different writers may be out of order by no more than this. */
const disorderUs = 60_000_000;

/** Keeps each app's log in append-only segments. One process at a time may have a folder open. */
export class LogStore implements AsyncDisposable {
  readonly #folder: string;
  readonly #limits: LogLimits;
  readonly #onError: (appId: string, error: unknown) => void;
  readonly #apps = new Map<string, AppLog>();
  /** Straggling lines must not bring a removed app's folder back. */
  readonly #removed = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  /** How long lines are kept, and how much of one app's. */
  get kept(): Pick<LogLimits, 'totalBytes' | 'maxAgeMs'> {
    return this.#limits;
  }

  constructor({ folder, limits = {}, onError = () => {} }: LogStoreOptions) {
    this.#folder = folder;
    this.#limits = { ...defaultLogLimits, ...limits };
    this.#onError = onError;
    this.#timer = setInterval(() => void this.tidy().catch(() => {}), tidyEveryMs).unref();
  }

  /** Takes lines without waiting and returns how many; fewer than given only while the disk is too slow or full, or for a removed app. */
  append(appId: string, lines: readonly LogLine[]): number {
    return this.#removed.has(appId) ? 0 : this.#app(appId).append(lines);
  }

  /** Resolves when all lines taken so far would survive the death of this process. */
  async flushed(appId: string): Promise<void> {
    await this.#apps.get(appId)?.flushed();
  }

  /** As {@link LogStore.flushed}, for all apps. */
  async settled(): Promise<void> {
    await Promise.all([...this.#apps.values()].map((app) => app.flushed()));
  }

  /** The last `count` lines that pass the filter, oldest first, and the id from which {@link LogStore.follow} goes on without a gap. */
  async last(appId: string, count: number, filter: LogFilter = {}): Promise<{ entries: LogEntry[]; end: number }> {
    const log = await this.#app(appId).read();
    const { end } = log;
    const found: LogEntry[] = [];
    if (count > 0) {
      for await (const block of newestFirst(log, end)) {
        for (const entry of block.reverse()) {
          if (matches(filter, entry)) found.push(entry);
          if (found.length === count) return { entries: found.reverse(), end };
        }
      }
    }
    return { entries: found.reverse(), end };
  }

  /** The mark of the newest line of this dyno that has one beginning with `prefix`; looked for in the log's last 2 MB. */
  async lastMark(appId: string, dyno: string, prefix: string): Promise<string | undefined> {
    const log = await this.#app(appId).read();
    for await (const block of newestFirst(log, log.end)) {
      const found = block.findLast((entry) => entry.dyno === dyno && entry.mark?.startsWith(prefix));
      if (found !== undefined) return found.mark;
      if ((block[0]?.id ?? 0) < log.end - markReachBytes) return undefined;
    }
    return undefined;
  }

  /** The newest lines that match, oldest first. */
  async search(appId: string, search: LogSearch, signal?: AbortSignal): Promise<LogEntry[]> {
    const { text, sinceUs = 0, untilUs = Number.MAX_SAFE_INTEGER, beforeId, limit } = search;
    const wanted = text.toLowerCase();
    const log = await this.#app(appId).read();
    const found: LogEntry[] = [];
    // The line that ends at `beforeId` loses its line feed and so isn't seen.
    for await (const block of newestFirst(log, beforeId === undefined ? log.end : beforeId - 1)) {
      signal?.throwIfAborted();
      for (const entry of block.reverse()) {
        if (found.length === limit || entry.atUs < sinceUs - disorderUs) return found.reverse();
        if (entry.atUs >= sinceUs && entry.atUs <= untilUs && isFound(search, wanted, entry)) found.push(entry);
      }
    }
    return found.reverse();
  }

  /** The oldest lines behind an id that match, oldest first. */
  async searchOn(appId: string, afterId: number, search: LogSearch, signal?: AbortSignal): Promise<LogEntry[]> {
    const { sinceUs = 0, untilUs = Number.MAX_SAFE_INTEGER, limit } = search;
    const wanted = search.text.toLowerCase();
    const log = await this.#app(appId).read();
    const found: LogEntry[] = [];
    for (let at = await alignId(log, afterId); at < log.end && found.length < limit; ) {
      signal?.throwIfAborted();
      const { entries, next } = await readForward(log, at);
      for (const entry of entries) {
        if (entry.atUs < sinceUs || entry.atUs > untilUs || !isFound(search, wanted, entry)) continue;
        if (found.length < limit) found.push(entry);
      }
      at = next;
    }
    return found;
  }

  /**
   * Yields lines after an id in order, none twice and none left out, then live ones, until aborted or the app is removed.
   * Lines that retention has removed meanwhile are skipped.
   */
  async *follow(
    appId: string,
    afterId: number,
    filter: LogFilter,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogEntry[]> {
    if (this.#removed.has(appId)) return;
    for await (const entries of this.#app(appId).follow(afterId, signal)) {
      const wanted = entries.filter((entry) => matches(filter, entry));
      if (wanted.length > 0) yield wanted;
    }
  }

  /** Forgets an app and removes its files. */
  async removeApp(appId: string): Promise<void> {
    const log = this.#app(appId);
    this.#removed.add(appId);
    this.#apps.delete(appId);
    await log.remove();
  }

  /** Applies retention to every app that has a folder, used lately or not. */
  async tidy(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      if (!isAppId(name) || this.#removed.has(name)) continue;
      await this.#app(name)
        .tidy()
        .catch((error: unknown) => this.#onError(name, error));
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#apps.values()].map((app) => app.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #app(appId: string): AppLog {
    let app = this.#apps.get(appId);
    if (app === undefined) {
      if (!isAppId(appId)) throw new TypeError(`Expected an app's id, got ${JSON.stringify(appId)}.`);
      app = new AppLog(path.join(this.#folder, appId), this.#limits, (error) => this.#onError(appId, error));
      this.#apps.set(appId, app);
    }
    return app;
  }
}

const isFound = (search: LogSearch, wanted: string, entry: LogEntry): boolean =>
  matches(search, entry) &&
  entry.text.toLowerCase().includes(wanted) &&
  (search.level === undefined || isAtLeast(levelOf(entry), search.level));

const isAppId = (name: string): boolean => /^[\w-]{1,64}$/.test(name);
