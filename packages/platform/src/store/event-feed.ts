import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Database, StoreAddress } from './database.ts';
import { type EventPosition, type EventScope, events, type StoredEvent } from './events.ts';

/** One reading from the store. */
const batch = 200;
/** Another transaction that is still open holds up what is behind it: looked at again, less and less often. */
const againMs = 40;
const mostAgainMs = 1_000;
/** After the store was gone. */
const reconnectMs = 1_000;

export interface FeedStep {
  readonly events: readonly StoredEvent[];
  /** From here on nothing is missed. */
  readonly at: EventPosition;
}

/**
 * Follows what the store notes, for as many readers as there are; holds one connection while there are any.
 * The store tells that there is something, and each reader reads its own: what a reader has missed is in the table.
 */
export class EventFeed implements AsyncDisposable {
  readonly #db: Database;
  readonly #address: StoreAddress;
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #closing = new AbortController();
  #readers = 0;
  /** Grows with all news. */
  #version = 0;
  #listening: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  constructor(db: Database, address: StoreAddress) {
    this.#db = db;
    this.#address = address;
  }

  /** Yields what comes after a position, at once and for ever; ends when the signal aborts or the feed closes. */
  async *follow(scope: EventScope, from: EventPosition, signal: AbortSignal): AsyncGenerator<FeedStep> {
    const over = AbortSignal.any([signal, this.#closing.signal]);
    if (over.aborted) return;
    this.#enter();
    let [at, patienceMs] = [from, againMs];
    try {
      while (!over.aborted) {
        const version = this.#version;
        const { end, more } = await events.end(this.#db);
        const found = await events.between(this.#db, scope, at, end, batch);
        const last = found.length === batch ? found.at(-1) : undefined;
        at = last === undefined ? later(at, end) : { xact: last.xact, id: last.id };
        if (found.length > 0) yield { events: found, at };
        if (last !== undefined) continue;
        if (more) {
          await sleep(patienceMs, undefined, { signal: over }).catch(() => {});
          patienceMs = Math.min(mostAgainMs, patienceMs * 2);
        } else {
          patienceMs = againMs;
          if (this.#version === version) await this.#heard(over);
        }
      }
    } finally {
      await this.#leave();
    }
  }

  /** Ends every reading. */
  close(): void {
    this.#closing.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    this.#listening?.stop.abort();
    await this.#listening?.done;
  }

  /** Resolves at the next news, or when it is over. */
  #heard(over: AbortSignal): Promise<unknown> {
    return once(this.#news, 'news', { signal: over }).catch(() => {});
  }

  #tell(): void {
    this.#version++;
    this.#news.emit('news');
  }

  #enter(): void {
    this.#readers++;
    if (this.#listening !== undefined) return;
    const stop = new AbortController();
    this.#listening = { stop, done: this.#listen(stop.signal) };
  }

  async #leave(): Promise<void> {
    this.#readers--;
    if (this.#readers > 0 || this.#listening === undefined) return;
    const { stop, done } = this.#listening;
    this.#listening = undefined;
    stop.abort();
    await done;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const client = new pg.Client({
        ...(typeof this.#address === 'string' ? { connectionString: this.#address } : this.#address),
        application_name: 'ravine events',
        connectionTimeoutMillis: 5_000,
      });
      const broken = new Promise<void>((resolve) => {
        client.on('error', () => resolve());
        client.on('end', () => resolve());
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      client.on('notification', () => this.#tell());
      try {
        await client.connect();
        await client.query('LISTEN ravine_events');
        this.#tell(); // for what came before we listened
        await broken;
      } catch {
        // tried again below
      }
      await client.end().catch(() => {});
      if (!signal.aborted) await sleep(reconnectMs, undefined, { signal }).catch(() => {});
    }
  }
}

const later = (a: EventPosition, b: EventPosition): EventPosition =>
  BigInt(a.xact) > BigInt(b.xact) || (a.xact === b.xact && a.id > b.id) ? a : b;
