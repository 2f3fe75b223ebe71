import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ListRange, page, parseRange } from '../contract/ranges.ts';

/** A whole answer in memory. */
export interface JsonAnswer {
  readonly kind: 'json';
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that the handler writes itself: streams, pages, files. */
export interface WrittenAnswer {
  readonly kind: 'written';
  write(req: IncomingMessage, res: ServerResponse): Promise<void>;
}

export type Answer = JsonAnswer | WrittenAnswer;

export const ok = (body: unknown): JsonAnswer => ({ kind: 'json', status: 200, body });
export const created = (body: unknown): JsonAnswer => ({ kind: 'json', status: 201, body });
export const accepted = (body: unknown = {}): JsonAnswer => ({ kind: 'json', status: 202, body });

const keyOf = (item: object, property: string): string | number => {
  const value: unknown = Object.getOwnPropertyDescriptor(item, property)?.value;
  return typeof value === 'number' ? value : String(value ?? '');
};

/**
 * A list, or the part of it that the Range header asks for (Platform API reference, "Ranges").
 * @param properties of the items that clients may order by, the default first
 */
export const list = (
  rangeHeader: string | undefined,
  items: readonly object[],
  properties: readonly [string, ...string[]],
): JsonAnswer => {
  const range: ListRange = parseRange(rangeHeader, properties);
  const part = page(items, range, keyOf);
  return {
    kind: 'json',
    status: part.nextRange === undefined ? 200 : 206,
    body: part.items,
    headers: {
      'accept-ranges': properties.join(', '),
      ...(part.contentRange === '' ? {} : { 'content-range': part.contentRange }),
      ...(part.nextRange === undefined ? {} : { 'next-range': part.nextRange }),
    },
  };
};
