import { PlatformError } from './platform-error.ts';

const defaultMax = 200;
const largestMax = 1000;

/** A Range header of the Platform API reference, "Ranges": `version ]3..; max=10, order=desc`. */
export interface ListRange {
  readonly property: string;
  readonly start: string | undefined;
  readonly startExclusive: boolean;
  readonly end: string | undefined;
  readonly endExclusive: boolean;
  readonly max: number;
  readonly order: 'asc' | 'desc';
}

/** Part of a list, and the headers that say which. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly partial: boolean;
  readonly contentRange: string;
  readonly nextRange: string | undefined;
}

/**
 * @param properties what the list can be ordered by, its default first
 * @throws PlatformError requested_range_not_satisfiable.
 */
export const parseRange = (header: string | undefined, properties: readonly [string, ...string[]]): ListRange => {
  let max = defaultMax;
  let order: 'asc' | 'desc' = 'asc';
  let span: string | undefined;
  for (const part of (header ?? '').split(/[;,]/).map((piece) => piece.trim())) {
    if (part === '') continue;
    const option = /^(max|order)\s*=\s*(\S+)$/.exec(part);
    if (option === null) {
      if (span !== undefined) throw refused(header, properties);
      span = part;
    } else if (option[1] === 'max' && /^\d{1,9}$/.test(option[2] ?? '') && Number(option[2]) > 0) {
      max = Math.min(Number(option[2]), largestMax);
    } else if (option[1] === 'order' && (option[2] === 'asc' || option[2] === 'desc')) {
      order = option[2];
    } else {
      throw refused(header, properties);
    }
  }
  const match = /^([a-z_]+)(?:\s+(\]?)([^[\]]*?)\.\.([^[\]]*?)(\[?))?$/.exec(span ?? properties[0]);
  const property = match?.[1];
  if (match === null || property === undefined || !properties.includes(property)) throw refused(header, properties);
  return {
    property,
    start: match[3] === '' ? undefined : match[3],
    startExclusive: match[2] === ']',
    end: match[4] === '' ? undefined : match[4],
    endExclusive: match[5] === '[',
    max,
    order,
  };
};

const refused = (header: string | undefined, properties: readonly string[]): PlatformError =>
  new PlatformError(
    'requested_range_not_satisfiable',
    `Can't read the Range ${JSON.stringify(header)}: expected such as "${properties[0]} ..; max=10, order=desc", by one of ${properties.join(', ')}.`,
  );

type Key = string | number;

const compare = (a: Key, b: Key): number => {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
};

/**
 * Cuts the page that a range asks for out of a whole list. What has the same key, as times of the same second have, stays in
 * the list's order, or its reverse; a page goes on over what has the key of its last item, since the next one begins behind
 * that key.
 * @param all the oldest first
 * @param keyOf value of a property of an item
 */
export const page = <T>(all: readonly T[], range: ListRange, keyOf: (item: T, property: string) => Key): Page<T> => {
  const key = (item: T): Key => keyOf(item, range.property);
  const direction = range.order === 'asc' ? 1 : -1;
  const after = (item: T, bound: string | undefined, exclusive: boolean, sign: 1 | -1): boolean => {
    if (bound === undefined) return true;
    const distance = compare(key(item), bound) * direction * sign;
    return exclusive ? distance > 0 : distance >= 0;
  };
  const wanted = (range.order === 'asc' ? all : all.toReversed())
    .filter(
      (item) => after(item, range.start, range.startExclusive, 1) && after(item, range.end, range.endExclusive, -1),
    )
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => compare(a.key, b.key) * direction);
  const lastKey = wanted[range.max - 1]?.key;
  const behind = wanted.findIndex((one, index) => index >= range.max && one.key !== lastKey);
  const items = wanted.slice(0, behind < 0 ? wanted.length : behind).map(({ item }) => item);
  const [first, last] = [items[0], items.at(-1)];
  const more = wanted.length > items.length;
  const tail = range.order === 'desc' ? ', order=desc' : '';
  return {
    items,
    partial: more || range.start !== undefined,
    contentRange: first === undefined || last === undefined ? '' : `${range.property} ${key(first)}..${key(last)}`,
    nextRange:
      more && last !== undefined
        ? `${range.property} ]${key(last)}..${range.end ?? ''}${range.endExclusive ? '[' : ''}; max=${range.max}${tail}`
        : undefined,
  };
};
