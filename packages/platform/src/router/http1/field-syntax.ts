/** Limits of heads. @see Dev Center "HTTP Routing", "Request buffering" and "Response buffering" */
export const limits = {
  lineBytes: 8_192,
  nameBytes: 1_000,
  fields: 1_000,
  methodBytes: 127,
  leadingEmptyLines: 5,
  requestHeadBytes: 64 * 1_024,
  responseLineBytes: 512 * 1_024,
  responseHeadBytes: 1_024 * 1_024,
} as const;

const isToken = new Uint8Array(256);
for (const sign of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  isToken[sign.charCodeAt(0)] = 1;
}

/** Whether a byte may be part of a token (RFC 9110 section 5.6.2). */
export const isTokenByte = (code: number): boolean => isToken[code] === 1;

export const isTokenText = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (isToken[text.charCodeAt(i)] !== 1) return false;
  return text.length > 0;
};

const forbidden = /[^\t\n\r\x20-\x7e\x80-\xff]|\r[^\n]/;
const bareLineFeed = /[^\r]\n/;

/** Whether what has come of a head, looked at from `from` on, can not become a whole one, whatever follows. */
export const isBeyondRepair = (text: string, from: number): boolean => {
  const part = text.slice(Math.max(0, from - 1));
  return forbidden.test(part) || bareLineFeed.test(part) || text.charCodeAt(0) === 0x0a;
};

/** A value without the white space around it (RFC 9110 section 5.5). */
export const trimmed = (text: string, from: number, to: number): string => {
  let first = from;
  let end = to;
  while (first < end && (text.charCodeAt(first) === 0x20 || text.charCodeAt(first) === 0x09)) first++;
  while (end > first && (text.charCodeAt(end - 1) === 0x20 || text.charCodeAt(end - 1) === 0x09)) end--;
  return text.slice(first, end);
};

/** A Content-Length in canonical form; undefined when it isn't one number (RFC 9110 section 8.6). */
export const parseLength = (value: string): number | undefined => {
  if (!/^\d{1,19}$/.test(value)) return undefined;
  const length = Number(value);
  return Number.isSafeInteger(length) ? length : undefined;
};

/** Name, colon, value, CRLF, as often as it goes (RFC 9112 section 5). Kept free of anything that could make it slow. */
const fieldLines = /(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*/y;

/** Whether a head is nothing but well-formed field lines from an index on. */
export const areFieldLines = (head: string, from: number): boolean => {
  fieldLines.lastIndex = from;
  return fieldLines.test(head) && fieldLines.lastIndex === head.length;
};

/** Whether a line of a head, from the beginning of one on, is longer than `most` without its CRLF. */
export const hasLineBeyond = (head: string, from: number, most: number): boolean => {
  for (let at = from; at + most < head.length; ) {
    const end = head.lastIndexOf('\n', at + most + 1);
    if (end < at) return true;
    at = end + 1;
  }
  return false;
};

const longName = new RegExp(`(?:^|\\n)[^:\\n]{${limits.nameBytes + 1}}`);
/** Name, colon, CR, LF. */
const shortestLine = 4;

/** Whether a head has more field lines than it may, from an index on. */
export const hasTooManyFields = (head: string, from: number): boolean =>
  head.length - from > shortestLine * limits.fields && head.slice(from).split('\r\n').length - 1 > limits.fields;

/** Whether the well-formed field lines of a request's head, from an index on, are too many or too long. */
export const exceedsLimits = (head: string, from: number): boolean =>
  hasTooManyFields(head, from) ||
  (hasLineBeyond(head, from, limits.nameBytes) &&
    (hasLineBeyond(head, from, limits.lineBytes) || longName.test(head.slice(from))));

/** A field found in a head: its lower-case name and where its line begins and ends. */
export interface FoundField {
  name: string;
  from: number;
  valueFrom: number;
  /** Index of the line's CR. */
  to: number;
}

/**
 * Finds fields of certain names, also when spelled with `_` for `-`: servers that write both spellings into one
 * variable would otherwise believe the client's.
 */
export class FieldFinder {
  readonly #pattern: RegExp;
  /** What `next` found last. */
  readonly found: FoundField = { name: '', from: 0, valueFrom: 0, to: 0 };

  constructor(names: readonly string[]) {
    this.#pattern = new RegExp(`\\n(?:${names.map((name) => name.replaceAll('-', '[-_]')).join('|')}):`, 'gi');
  }

  /** Looks for the next one behind the end of a line; `from` is the index of that line's LF. */
  next(head: string, from: number): boolean {
    this.#pattern.lastIndex = from;
    if (!this.#pattern.test(head)) return false;
    const { found } = this;
    found.valueFrom = this.#pattern.lastIndex;
    found.from = head.lastIndexOf('\n', found.valueFrom - 2) + 1;
    found.name = head.slice(found.from, found.valueFrom - 1).toLowerCase();
    found.to = head.indexOf('\r', found.valueFrom);
    return true;
  }
}

/** The elements of a Connection field; undefined when one of them is no token. */
export const connectionOptions = (value: string): readonly string[] | undefined => {
  const options = value
    .toLowerCase()
    .split(',')
    .map((option) => trimmed(option, 0, option.length));
  return options.every(isTokenText) ? options : undefined;
};

/** Takes the lines of the named fields out of a block of field lines. */
export const withoutFields = (lines: string, names: readonly string[]): string =>
  lines
    .split('\r\n')
    .filter((line) => line !== '' && !names.includes(line.slice(0, line.indexOf(':')).toLowerCase()))
    .map((line) => `${line}\r\n`)
    .join('');
