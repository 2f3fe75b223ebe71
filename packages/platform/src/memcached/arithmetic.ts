import type { Cache, Item } from './cache.ts';

const largest = 2n ** 64n;

/** A number as clients write it: up to 64 bits, unsigned. */
export const parseUint64 = (text: string): bigint | undefined => {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < largest ? value : undefined;
};

/**
 * Adds to, or takes from, a number in an item: beyond 64 bits it starts over, and below 0 it doesn't go.
 * A number that gets shorter is filled up with spaces, as clients of memcached have known it since ever.
 * @returns undefined when the item holds no number.
 */
export const addTo = (cache: Cache, item: Item, delta: bigint, sign: 1 | -1): bigint | undefined => {
  const before = parseUint64(/^\s*\+?(\d{1,20})(?:\s|$)/.exec(item.value)?.[1] ?? '');
  if (before === undefined) return undefined;
  const after = sign === 1 ? (before + delta) % largest : before > delta ? before - delta : 0n;
  cache.rewrite(item, String(after).padEnd(item.value.length));
  return after;
};
