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

/** Whether a head holds a control byte or a CR without its LF; an LF without its CR is found line by line. */
export const hasForbiddenByte = (text: string): boolean => forbidden.test(text);

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

/** Names that one side's head must not hand on as they are; found by length and first letter before any text is cut. */
export class NameSet {
  readonly #names: ReadonlySet<string>;
  readonly #hints = new Uint8Array(32 * 32);

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
    for (const name of names) this.#hints[(name.length << 5) | (name.charCodeAt(0) & 31)] = 1;
  }

  /**
   * The lower-case name at this place when it is one of the set, also when spelled with `_` for `-`: servers that
   * write both spellings into one variable would otherwise believe the client's.
   */
  find(text: string, from: number, to: number): string | undefined {
    const length = to - from;
    if (length > 31 || this.#hints[(length << 5) | (text.charCodeAt(from) & 31)] === 0) return undefined;
    const name = text.slice(from, to).toLowerCase();
    if (this.#names.has(name)) return name;
    return name.includes('_') && this.#names.has(name.replaceAll('_', '-')) ? name : undefined;
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
