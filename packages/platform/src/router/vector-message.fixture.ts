/** A message as it stood on the wire, in latin1. */
export interface Message {
  readonly startLine: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Decoded. */
  readonly body: string;
  readonly framing: 'none' | 'length' | 'chunked' | 'until close';
  readonly complete: boolean;
  /** What a strict recipient objects to. */
  readonly faults: readonly string[];
  /** Bytes taken; all there are of one that isn't complete. */
  readonly length: number;
}

export const valuesOf = (message: Message, name: string): string[] =>
  message.fields.flatMap(([field, value]) => (field.toLowerCase() === name ? [value] : []));

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const requestLine = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ [\x21-\x7e\x80-\xff]+ HTTP\/1\.1$/;
const statusLine = /^HTTP\/1\.1 [1-5]\d\d [\t\x20-\x7e\x80-\xff]*$/;

const readFields = (lines: readonly string[], faults: string[]): [string, string][] =>
  lines.map((line) => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a field must not hold
    if (!token.test(name) || /[\x00-\x08\x0a-\x1f\x7f]/.test(value)) faults.push(`field ${JSON.stringify(line)}`);
    return [name, value];
  });

interface Body {
  readonly body: string;
  readonly end: number;
  readonly complete: boolean;
}

const readChunks = (bytes: string, from: number, faults: string[]): Body => {
  let body = '';
  let at = from;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return { body, end: bytes.length, complete: false };
    const size = bytes.slice(at, lineEnd);
    if (!/^[0-9a-fA-F]{1,8}$/.test(size)) {
      faults.push(`chunk size ${JSON.stringify(size)}`);
      return { body, end: bytes.length, complete: false };
    }
    const data = lineEnd + 2;
    const dataEnd = data + Number.parseInt(size, 16);
    body += bytes.slice(data, dataEnd);
    if (bytes.length < dataEnd + 2) return { body, end: bytes.length, complete: false };
    if (bytes.slice(dataEnd, dataEnd + 2) !== '\r\n') {
      faults.push(`chunk of ${size} without its CRLF`);
      return { body, end: bytes.length, complete: false };
    }
    at = dataEnd + 2;
    if (dataEnd === data) return { body, end: at, complete: true };
  }
};

const framingFaults = (lengths: readonly string[], codings: readonly string[], faults: string[]): void => {
  if (lengths.length + codings.length > 1) faults.push(`framed by ${[...lengths, ...codings].join(' and ')}`);
  if (lengths.some((length) => !/^(0|[1-9]\d{0,15})$/.test(length))) faults.push(`Content-Length ${lengths.join()}`);
  if (codings.some((coding) => coding !== 'chunked')) faults.push(`Transfer-Encoding ${codings.join()}`);
};

/**
 * Reads one message the way the strictest recipient would; it accepts nothing that a proxy should not write.
 * @param bodyless an answer that has no body whatever its fields say
 * @param ended no bytes will follow: undefined is returned only where there are none
 * @returns undefined while the message isn't complete
 */
export const readMessage = (
  bytes: string,
  kind: 'request' | 'response',
  { bodyless = false, ended = false } = {},
): Message | undefined => {
  const headEnd = bytes.indexOf('\r\n\r\n');
  const faults: string[] = [];
  if (headEnd === -1) {
    if (!ended || bytes === '') return undefined;
    const [startLine = ''] = bytes.split('\r\n');
    return { startLine, fields: [], body: '', framing: 'none', complete: false, faults, length: bytes.length };
  }
  const [startLine = '', ...lines] = bytes.slice(0, headEnd).split('\r\n');
  if (!(kind === 'request' ? requestLine : statusLine).test(startLine)) faults.push(JSON.stringify(startLine));
  const fields = readFields(lines, faults);
  const named = (name: string) => fields.flatMap(([field, value]) => (field.toLowerCase() === name ? [value] : []));
  const lengths = named('content-length');
  const codings = named('transfer-encoding');
  framingFaults(lengths, codings, faults);
  const from = headEnd + 4;
  const status = kind === 'response' ? startLine.slice(9, 12) : '';
  let framing: Message['framing'] = 'none';
  let found: Body = { body: '', end: from, complete: true };
  if (bodyless || /^(1..|204|304)$/.test(status)) {
    if (status === '204' && lengths.length + codings.length > 0) faults.push('204 with a length');
  } else if (codings.length > 0) {
    framing = 'chunked';
    found = readChunks(bytes, from, faults);
  } else if (lengths.length > 0) {
    framing = 'length';
    const end = from + Number(lengths[0]);
    found = { body: bytes.slice(from, end), end: Math.min(end, bytes.length), complete: bytes.length >= end };
  } else if (kind === 'response') {
    framing = 'until close';
    found = { body: bytes.slice(from), end: bytes.length, complete: ended };
  }
  if (!found.complete && !ended && faults.length === 0) return undefined;
  return { startLine, fields, body: found.body, framing, complete: found.complete, faults, length: found.end };
};
