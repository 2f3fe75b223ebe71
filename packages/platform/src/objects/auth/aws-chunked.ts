import { createHash } from 'node:crypto';
import { S3Error } from '../s3-error.ts';
import type { ChunkSeed } from './authenticate.ts';
import { hmac, sameText, sha256Hex } from './signed-request.ts';

const mostLineBytes = 8192;
const mostTrailers = 16;
const emptyHash = sha256Hex('');

interface ChunkedOptions {
  readonly seed: ChunkSeed | undefined;
  readonly trailer: boolean;
  /** Given the trailing headers, in lower case, when all signatures were right. */
  readonly onTrailer: (name: string, value: string) => void;
}

/**
 * The payload out of a body in `aws-chunked`, checking each chunk's signature as it passes. What was yielded may only be
 * believed when the generator has ended.
 * @throws S3Error IncompleteBody, InvalidRequest, SignatureDoesNotMatch
 * @see Amazon S3 API Reference, "Signature calculations for the Authorization header: transferring payload in multiple chunks"
 */
export async function* readChunked(source: AsyncIterable<Buffer>, options: ChunkedOptions): AsyncGenerator<Buffer> {
  const input = new Input(source);
  const signatures = options.seed && new ChunkSignatures(options.seed);
  for (;;) {
    const header = await input.line();
    const [, hex = '', signature] = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(header) ?? [];
    if (hex === '') throw invalid('expected the size of a chunk in hex');
    const size = Number.parseInt(hex, 16);
    const hash = createHash('sha256');
    for (let left = size; left > 0; ) {
      const piece = await input.atMost(left);
      left -= piece.length;
      if (signatures !== undefined) hash.update(piece);
      yield piece;
    }
    signatures?.verifyChunk(hash.digest('hex'), signature);
    if (size === 0) break;
    if ((await input.line()) !== '') throw invalid('expected a line end behind the data of a chunk');
  }
  await readTrailer(input, signatures, options);
}

const readTrailer = async (
  input: Input,
  signatures: ChunkSignatures | undefined,
  options: ChunkedOptions,
): Promise<void> => {
  const trailers: (readonly [string, string])[] = [];
  let signature: string | undefined;
  for (let line = await input.lastLine(); line !== ''; line = await input.lastLine()) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    if (colon < 1 || trailers.length === mostTrailers) throw invalid('its trailing headers are malformed');
    if (name === 'x-amz-trailer-signature') signature = value;
    else trailers.push([name, value]);
  }
  await input.end();
  if (!options.trailer) {
    if (trailers.length > 0) throw invalid('it has trailing headers that were not announced');
    return;
  }
  signatures?.verifyTrailer(trailers.map(([name, value]) => `${name}:${value}\n`).join(''), signature);
  for (const [name, value] of trailers) options.onTrailer(name, value);
};

const invalid = (why: string): S3Error => new S3Error('InvalidRequest', `The aws-chunked body is malformed: ${why}.`);

/** Each is made over the one before it. */
class ChunkSignatures {
  readonly #seed: ChunkSeed;
  #last: string;

  constructor(seed: ChunkSeed) {
    this.#seed = seed;
    this.#last = seed.signature;
  }

  verifyChunk(hash: string, signature: string | undefined): void {
    this.#verify(['AWS4-HMAC-SHA256-PAYLOAD', emptyHash, hash], signature);
  }

  verifyTrailer(text: string, signature: string | undefined): void {
    this.#verify(['AWS4-HMAC-SHA256-TRAILER', sha256Hex(text)], signature);
  }

  #verify([kind, ...hashes]: readonly string[], signature: string | undefined): void {
    const { key, date, scope } = this.#seed;
    const expected = hmac(key, [kind, date, scope, this.#last, ...hashes].join('\n')).toString('hex');
    if (signature === undefined || !sameText(expected, signature)) throw new S3Error('SignatureDoesNotMatch');
    this.#last = expected;
  }
}

/** Lines and data out of the pieces in which a body arrives. */
class Input {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  async atMost(bytes: number): Promise<Buffer> {
    if (this.#rest.length === 0 && !(await this.#more())) throw new S3Error('IncompleteBody');
    const piece = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  async line(): Promise<string> {
    const line = await this.#line();
    if (line === undefined) throw new S3Error('IncompleteBody');
    return line;
  }

  /** As {@link line}; some clients leave out the last empty ones. */
  async lastLine(): Promise<string> {
    return (await this.#line()) ?? '';
  }

  async end(): Promise<void> {
    if (this.#rest.length > 0 || (await this.#more())) throw invalid('there is something behind its end');
  }

  async #line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end).replace(/\r$/, '');
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length > mostLineBytes) throw invalid('a line is too long');
      const before = this.#rest;
      if (!(await this.#more())) {
        if (before.length > 0) throw new S3Error('IncompleteBody');
        return undefined;
      }
    }
  }

  async #more(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }
}
