import { seconds } from './clock.ts';
import { limits } from './limits.data.ts';

/** Keys and values are strings of one byte a character: V8 keeps them in as many bytes, and no buffer hangs on to another. */
export interface Item {
  readonly key: string;
  value: string;
  flags: number;
  cas: number;
  /** On the clock of `seconds`; 0 is never. */
  expiresAt: number;
  usedAt: number;
  fetched: boolean;
  /** Meta commands: marked as out of date, and whether somebody was told to make it anew. */
  stale: boolean;
  won: boolean;
  newer: Item | undefined;
  older: Item | undefined;
}

export type StoreMode = 'set' | 'add' | 'replace' | 'append' | 'prepend';
export type StoreResult = 'stored' | 'not_stored' | 'exists' | 'not_found' | 'too_large';

export interface StoreRequest {
  readonly mode: StoreMode;
  readonly key: string;
  readonly value: string;
  readonly flags: number;
  readonly expiresAt: number;
  /** 0: whatever is there. */
  readonly cas: number;
  /** Meta invalidation: a CAS older than the item's stores, but as out of date. */
  readonly invalidate?: boolean;
}

/** What V8 takes for an item beside its bytes: its object, its place in the map, two string headers. */
export const itemOverheadBytes = 160;

export const sizeOf = ({ key, value }: Item): number => key.length + value.length + itemOverheadBytes;

/** The items of one tenant, the least recently used of which make room for others. */
export class Cache {
  readonly #items = new Map<string, Item>();
  #newest: Item | undefined;
  #oldest: Item | undefined;
  #bytes = 0;
  #quotaBytes: number;
  #lastCas = 0;
  /** On the clock of `seconds`; 0 is never. */
  #flushAt = 0;
  evictions = 0;
  stored = 0;

  constructor(quotaBytes: number) {
    this.#quotaBytes = quotaBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#items.size;
  }

  get quotaBytes(): number {
    return this.#quotaBytes;
  }

  /** Smaller than what is there: the least recently used go at once. */
  resize(quotaBytes: number): void {
    this.#quotaBytes = quotaBytes;
    this.#makeRoom();
  }

  /** The item, unless it has expired; it counts as used now. */
  get(key: string): Item | undefined {
    const item = this.peek(key);
    if (item === undefined) return undefined;
    item.usedAt = seconds();
    if (item !== this.#newest) {
      this.#unlink(item);
      this.#link(item);
    }
    return item;
  }

  /** As {@link get}, leaving no trace. */
  peek(key: string): Item | undefined {
    if (this.#flushAt !== 0 && this.#flushAt <= seconds()) this.clear();
    const item = this.#items.get(key);
    if (item === undefined) return undefined;
    if (item.expiresAt === 0 || item.expiresAt > seconds()) return item;
    this.remove(item);
    return undefined;
  }

  /** Stores a value; the item that then is there has a CAS of its own. */
  store(request: StoreRequest): StoreResult {
    const { key, mode } = request;
    if (request.value.length > limits.valueBytes) return this.#refuse(request);
    const item = this.peek(key);
    if (request.cas !== 0) {
      if (item === undefined) return 'not_found';
      if (item.cas !== request.cas) {
        if (request.invalidate !== true || request.cas > item.cas) return 'exists';
        this.#put(item, request, request.value);
        item.stale = true;
        return 'stored';
      }
    }
    if (mode === 'add' && item !== undefined) {
      this.get(key); // Whoever adds has a use for what is there.
      return 'not_stored';
    }
    if (item === undefined) {
      if (mode === 'replace' || mode === 'append' || mode === 'prepend') return 'not_stored';
      this.#insert(request);
      return 'stored';
    }
    if (mode === 'append' || mode === 'prepend') {
      const value = mode === 'append' ? item.value + request.value : request.value + item.value;
      if (value.length > limits.valueBytes) return 'too_large';
      // Joined strings are trees until they are read byte by byte; flat ones take what is counted.
      this.#replace(item, Buffer.from(value, 'latin1').toString('latin1'));
      return 'stored';
    }
    this.#put(item, request, request.value);
    return 'stored';
  }

  /** Another value for the same item, with its flags and its expiry. */
  rewrite(item: Item, value: string): void {
    this.#replace(item, value);
  }

  remove(item: Item): void {
    this.#items.delete(item.key);
    this.#unlink(item);
    this.#bytes -= sizeOf(item);
  }

  clear(): void {
    this.#items.clear();
    this.#newest = undefined;
    this.#oldest = undefined;
    this.#bytes = 0;
    this.#flushAt = 0;
  }

  /** Forgets, at that time on the clock of `seconds`, all that is there by then. */
  clearAt(time: number): void {
    if (time === 0) this.clear();
    else this.#flushAt = time;
  }

  nextCas(): number {
    this.#lastCas++;
    return this.#lastCas;
  }

  /** What can't be stored doesn't leave an older value in its place, which would be taken for it. */
  #refuse({ mode, key }: StoreRequest): StoreResult {
    const item = mode === 'set' ? this.peek(key) : undefined;
    if (item !== undefined) this.remove(item);
    return 'too_large';
  }

  #insert({ key, value, flags, expiresAt }: StoreRequest): void {
    const item: Item = {
      key,
      value,
      flags,
      cas: this.nextCas(),
      expiresAt,
      usedAt: seconds(),
      fetched: false,
      stale: false,
      won: false,
      newer: undefined,
      older: undefined,
    };
    this.#items.set(key, item);
    this.#link(item);
    this.#bytes += sizeOf(item);
    this.stored++;
    this.#makeRoom();
  }

  #put(item: Item, { flags, expiresAt }: StoreRequest, value: string): void {
    item.flags = flags;
    item.expiresAt = expiresAt;
    item.fetched = false;
    this.#replace(item, value);
  }

  #replace(item: Item, value: string): void {
    this.#bytes += value.length - item.value.length;
    item.value = value;
    item.cas = this.nextCas();
    item.usedAt = seconds();
    item.stale = false;
    item.won = false;
    this.#unlink(item);
    this.#link(item);
    this.stored++;
    this.#makeRoom();
  }

  #makeRoom(): void {
    while (this.#bytes > this.#quotaBytes && this.#oldest !== undefined) {
      this.remove(this.#oldest);
      this.evictions++;
    }
  }

  #link(item: Item): void {
    item.older = this.#newest;
    item.newer = undefined;
    if (this.#newest === undefined) this.#oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
  }

  #unlink(item: Item): void {
    if (item.newer === undefined) this.#newest = item.older;
    else item.newer.older = item.older;
    if (item.older === undefined) this.#oldest = item.newer;
    else item.older.newer = item.newer;
  }
}
