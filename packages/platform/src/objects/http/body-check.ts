import { createHash } from 'node:crypto';
import {
  type Checksum,
  type ChecksumAlgorithm,
  checksumAlgorithms,
  checksumHeader,
  checksumLengths,
  findAlgorithm,
  startChecksum,
} from '../checksums/checksum.ts';
import { invalidArgument, S3Error } from '../s3-error.ts';
import type { Call } from './call.ts';

interface Promised {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; undefined: it stands in the trailer. */
  readonly value: string | undefined;
}

const isDigest = (value: string, bytes: number): boolean =>
  /^[A-Za-z0-9+/]+={0,2}$/.test(value) && Buffer.from(value, 'base64').length === bytes;

/** The checksum that a request announces for its body. @throws S3Error InvalidRequest, InvalidArgument */
const promisedChecksum = ({ headers }: Call['request']): Promised | undefined => {
  const given = checksumAlgorithms.filter((algorithm) => headers[checksumHeader(algorithm)] !== undefined);
  const trailing = [headers['x-amz-trailer'] ?? []]
    .flat()
    .flatMap((names) => names.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name.startsWith('x-amz-checksum-'));
  if (given.length + trailing.length > 1)
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const [name] = trailing;
  const algorithm = given[0] ?? (name === undefined ? undefined : findAlgorithm(name.slice('x-amz-checksum-'.length)));
  if (algorithm === undefined) {
    if (name !== undefined) throw invalidArgument('x-amz-trailer', name, 'the name of a checksum header');
    return undefined;
  }
  const value = given.length > 0 ? String(headers[checksumHeader(algorithm)]) : undefined;
  if (value !== undefined && !isDigest(value, checksumLengths[algorithm]))
    throw new S3Error('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`);
  return { algorithm, value };
};

/** Holds a body against all that was said of it: MD5, SHA-256 of the signature, checksum. */
export class BodyCheck {
  readonly #md5 = createHash('md5');
  readonly #sha256;
  readonly #call: Call;
  readonly #promised: Promised | undefined;
  readonly #algorithm: ChecksumAlgorithm | undefined;
  readonly #running;
  readonly #contentMd5: string | undefined;

  /** @param also computed when the request itself names no checksum */
  constructor(call: Call, also?: ChecksumAlgorithm) {
    this.#call = call;
    this.#promised = promisedChecksum(call.request);
    this.#algorithm = this.#promised?.algorithm ?? also;
    this.#running = this.#algorithm && startChecksum(this.#algorithm);
    this.#sha256 = call.payload.kind === 'sha256' ? createHash('sha256') : undefined;
    const md5 = call.request.headers['content-md5'];
    this.#contentMd5 = md5 === undefined ? undefined : String(md5);
    if (this.#contentMd5 !== undefined && !isDigest(this.#contentMd5, 16)) throw new S3Error('InvalidDigest');
  }

  update(bytes: Uint8Array): void {
    this.#md5.update(bytes);
    this.#sha256?.update(bytes);
    this.#running?.update(bytes);
  }

  /** @throws S3Error BadDigest, XAmzContentSHA256Mismatch */
  finish(trailers: ReadonlyMap<string, string>): { readonly md5: string; readonly checksum: Checksum | undefined } {
    const { payload } = this.#call;
    const md5 = this.#md5.digest();
    if (this.#contentMd5 !== undefined && !md5.equals(Buffer.from(this.#contentMd5, 'base64')))
      throw new S3Error('BadDigest');
    if (payload.kind === 'sha256' && this.#sha256?.digest('hex') !== payload.hex)
      throw new S3Error('XAmzContentSHA256Mismatch');
    return { md5: md5.toString('hex'), checksum: this.#checksum(trailers) };
  }

  #checksum(trailers: ReadonlyMap<string, string>): Checksum | undefined {
    const algorithm = this.#algorithm;
    if (algorithm === undefined || this.#running === undefined) return undefined;
    const value = this.#running.digest().toString('base64');
    if (this.#promised !== undefined) {
      const header = checksumHeader(algorithm);
      const expected = this.#promised.value ?? trailers.get(header);
      if (expected === undefined)
        throw new S3Error('InvalidRequest', `Expected ${header} in the trailer, as x-amz-trailer says.`);
      if (expected !== value)
        throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
    }
    return { algorithm, value, type: 'FULL_OBJECT' };
  }
}
