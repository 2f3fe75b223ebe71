/** Longer lines are cut into pieces, as Logplex does. */
export const longestLineBytes = 10_000;

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Where to cut at most `limit` bytes without cutting a UTF-8 character (RFC 3629) in two. */
const cutAt = (bytes: Buffer, limit: number): number => {
  for (let at = limit; at > limit - 4; at -= 1) {
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  }
  return limit;
};

const pieces = (line: Buffer): string[] => {
  const texts: string[] = [];
  let rest = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
  while (rest.length > longestLineBytes) {
    const at = cutAt(rest, longestLineBytes);
    texts.push(rest.toString('utf8', 0, at));
    rest = rest.subarray(at);
  }
  texts.push(rest.toString('utf8'));
  return texts;
};

/** Makes lines out of bytes; what isn't UTF-8 is replaced, an unfinished line waits for its end. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** Whether an unfinished line is held back. */
  get pending(): boolean {
    return this.#rest.length > 0;
  }

  push(bytes: Buffer): readonly string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, from)) {
      const tail = bytes.subarray(from, at);
      lines.push(...pieces(this.#rest.length > 0 ? Buffer.concat([this.#rest, tail]) : tail));
      this.#rest = Buffer.alloc(0);
      from = at + 1;
    }
    if (from < bytes.length) this.#rest = Buffer.concat([this.#rest, bytes.subarray(from)]);
    while (this.#rest.length > longestLineBytes) {
      const at = cutAt(this.#rest, longestLineBytes);
      lines.push(this.#rest.toString('utf8', 0, at));
      this.#rest = this.#rest.subarray(at);
    }
    return lines;
  }

  /** The unfinished line, after the last byte. */
  end(): readonly string[] {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest.length > 0 ? pieces(rest) : [];
  }
}
