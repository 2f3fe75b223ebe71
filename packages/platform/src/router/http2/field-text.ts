import { staticFields } from './hpack-table.data.ts';

/*
 * Fields as HPACK writes them (RFC 7541 section 6), without a table of the router's own and without Huffman coding: a
 * router that keeps no state for each client's answers is cheaper than one that saves some bytes of them. A block is
 * put together as latin1 text, each character a byte, as V8 joins strings at less cost than JavaScript copies bytes.
 */

const nameIndexes = new Map<string, number>();
const statusIndexes = new Map<string, number>();
for (const [i, [name, value]] of staticFields.entries()) {
  if (!nameIndexes.has(name)) nameIndexes.set(name, i + 1);
  if (name === ':status') statusIndexes.set(value, i + 1);
}

const byte = (value: number): string => String.fromCharCode(value);

/** Section 5.1. @param mask what its first byte has room for */
const integer = (pattern: number, mask: number, value: number): string => {
  if (value < mask) return byte(pattern | value);
  let text = byte(pattern | mask);
  let rest = value - mask;
  for (; rest >= 0x80; rest >>= 7) text += byte((rest & 0x7f) | 0x80);
  return text + byte(rest);
};

const string = (text: string): string => integer(0, 0x7f, text.length) + text;

/** Names that dynos have sent, as they wrote them, and as they begin a literal field without indexing. */
const beginnings = new Map<string, string>();
const mostBeginnings = 1_024;

const beginning = (name: string): string => {
  const kept = beginnings.get(name);
  if (kept !== undefined) return kept;
  const lower = name.toLowerCase();
  const index = nameIndexes.get(lower);
  const text = index === undefined ? byte(0) + string(lower) : integer(0, 0x0f, index);
  if (beginnings.size >= mostBeginnings) beginnings.clear();
  // A part of a head would keep all of it in memory.
  beginnings.set(Buffer.from(name, 'latin1').toString('latin1'), text);
  return text;
};

/** One field; both are latin1. */
export const fieldText = (name: string, value: string): string => beginning(name) + string(value);

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** Whole lines of HTTP/1.1, each with its CRLF. */
export const linesText = (lines: string): string => {
  let text = '';
  for (let from = 0; from < lines.length; ) {
    const colon = lines.indexOf(':', from);
    const end = lines.indexOf('\r', colon);
    if (colon < 0 || end < 0) break;
    let first = colon + 1;
    let last = end;
    while (first < last && isBlank(lines.charCodeAt(first))) first++;
    while (last > first && isBlank(lines.charCodeAt(last - 1))) last--;
    text += fieldText(lines.slice(from, colon), lines.slice(first, last));
    from = end + 2;
  }
  return text;
};

const resized = byte(0x20);
const statusTexts: string[] = [];

/** Begins a block. @param first whether it is the first of its connection, which says that no table is used */
export const statusText = (status: number, first: boolean): string => {
  const index = statusIndexes.get(String(status));
  statusTexts[status] ??= index === undefined ? fieldText(':status', String(status)) : byte(0x80 | index);
  return first ? resized + statusTexts[status] : statusTexts[status];
};
