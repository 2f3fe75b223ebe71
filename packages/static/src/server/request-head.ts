import { heededHeaders } from '../answer/heeded-headers.data.ts';

const { maxHeaderSize } = process.getBuiltinModule('node:http');

/** A request that consists of a head alone. */
export interface RequestHead {
  readonly method: 'GET' | 'HEAD';
  readonly target: string;
  /** Those that a file's answer depends on. */
  readonly headers: Readonly<Record<string, string>>;
}

const heeded: ReadonlySet<string> = new Set(heededHeaders);
const beyondUs = new Set(['content-length', 'transfer-encoding', 'upgrade', 'expect', 'trailer', 'proxy-connection']);

const requestLine = /^(GET|HEAD) (\/[\x21\x23-\x7e]*) HTTP\/1\.1\r\n/;
const fieldLine = /([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)\r\n/y;

/** Reads the heads of one connection. Clients send the same header lines again and again: those are read once. */
export class HeadReader {
  #lines = '';
  #headers: RequestHead['headers'] = {};

  /**
   * Reads one chunk that is exactly one plain request: a GET or HEAD of HTTP/1.1 with one Host, whole, without a body.
   * Undefined for anything else, be it valid or not: node:http is the judge of that.
   */
  read(chunk: Buffer): RequestHead | undefined {
    const { length } = chunk;
    if (length > maxHeaderSize || chunk[length - 1] !== 10 || chunk[length - 3] !== 10) return undefined;
    const text = chunk.toString('latin1');
    const line = requestLine.exec(text);
    if (line === null) return undefined;
    const lines = text.slice(line[0].length);
    if (lines !== this.#lines) {
      const headers = readFields(lines);
      if (headers === undefined) return undefined;
      this.#lines = lines;
      this.#headers = headers;
    }
    return { method: line[1] === 'HEAD' ? 'HEAD' : 'GET', target: line[2] ?? '/', headers: this.#headers };
  }
}

/** The heeded ones of the header lines, which end with an empty one. */
const readFields = (lines: string): RequestHead['headers'] | undefined => {
  const headers: Record<string, string> = {};
  const end = lines.length - 2;
  let hosts = 0;
  fieldLine.lastIndex = 0;
  while (fieldLine.lastIndex < end) {
    const field = fieldLine.exec(lines);
    if (field === null) return undefined;
    const name = (field[1] ?? '').toLowerCase();
    if (name === 'host') hosts++;
    else if (name === 'connection') {
      if (!/^keep-alive$/i.test(field[2]?.trim() ?? '')) return undefined;
    } else if (heeded.has(name)) {
      if (Object.hasOwn(headers, name)) return undefined;
      headers[name] = field[2]?.trimEnd() ?? '';
    } else if (beyondUs.has(name)) return undefined;
  }
  return hosts === 1 && fieldLine.lastIndex === end && lines[end] === '\r' ? headers : undefined;
};
