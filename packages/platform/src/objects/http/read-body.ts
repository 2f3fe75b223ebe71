import { readChunked } from '../auth/aws-chunked.ts';
import type { Checksum, ChecksumAlgorithm } from '../checksums/checksum.ts';
import { invalidArgument, S3Error } from '../s3-error.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { Piece } from '../store/blob-files.ts';
import { parseXml, type XmlElement } from '../xml/parse-xml.ts';
import { BodyCheck } from './body-check.ts';
import type { Call } from './call.ts';

/** Of one PUT. @see Amazon S3 User Guide, "Uploading objects" */
export const mostPutBytes = 5 * 1024 ** 3;
const mostXmlBytes = 2 * 1024 * 1024;

/** Bytes that a client has sent, on the disk and checked. */
export interface Received {
  readonly pieces: readonly Piece[];
  readonly size: number;
  /** In hex. */
  readonly md5: string;
  readonly checksum: Checksum | undefined;
}

/** Bytes of the payload as announced. @throws S3Error MissingContentLength, InvalidArgument, EntityTooLarge */
const announcedBytes = ({ request: { headers }, payload }: Call, most: number): number => {
  const name = payload.kind === 'chunked' ? 'x-amz-decoded-content-length' : 'content-length';
  const text = payload.kind === 'chunked' ? headers[name] : headers['content-length'];
  if (text === undefined) throw new S3Error('MissingContentLength', `Expected the header ${name}.`);
  const bytes = Number(text);
  if (!/^\d{1,15}$/.test(String(text))) throw invalidArgument(name, String(text), 'a number of bytes');
  if (bytes > most)
    throw new S3Error('EntityTooLarge', undefined, { ProposedSize: String(bytes), MaxSizeAllowed: String(most) });
  return bytes;
};

/** The payload's bytes as they arrive; `trailers` fills at its end. */
async function* payloadOf(call: Call, bytes: number, trailers: Map<string, string>): AsyncGenerator<Buffer> {
  const { request, payload } = call;
  call.continue();
  // An answer can still be given when not all of it was read.
  const source: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  const pieces =
    payload.kind === 'chunked'
      ? readChunked(source, { ...payload, onTrailer: (name, value) => trailers.set(name, value) })
      : source;
  let seen = 0;
  for await (const piece of pieces) {
    seen += piece.length;
    if (seen > bytes) break;
    yield piece;
  }
  if (seen !== bytes) throw new S3Error('IncompleteBody');
}

/**
 * Writes a request's body into a file of the account, whatever its size.
 * @param also a checksum to be computed when the request itself names none
 */
export const receiveObject = async (call: Call, store: AccountStore, also?: ChecksumAlgorithm): Promise<Received> => {
  const check = new BodyCheck(call, also);
  const bytes = announcedBytes(call, mostPutBytes);
  await store.assertRoom(bytes);
  const trailers = new Map<string, string>();
  return writePieces(store, payloadOf(call, bytes, trailers), check, trailers);
};

/** @throws what the source or the check throws; then nothing is left of it */
export const writePieces = async (
  store: AccountStore,
  source: AsyncIterable<Uint8Array>,
  check: Pick<BodyCheck, 'update' | 'finish'>,
  trailers: ReadonlyMap<string, string> = new Map(),
): Promise<Received> => {
  const writer = await store.files.create();
  try {
    for await (const piece of source) {
      check.update(piece);
      await writer.write(piece);
    }
    const { md5, checksum } = check.finish(trailers);
    const piece = await writer.finish();
    if (piece.size === 0) await writer.discard();
    return { pieces: piece.size === 0 ? [] : [piece], size: piece.size, md5, checksum };
  } catch (error) {
    await writer.discard();
    throw error;
  }
};

/** A small body, checked. Undefined: there is none. */
const receiveText = async (call: Call): Promise<string | undefined> => {
  const { headers } = call.request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return undefined;
  const check = new BodyCheck(call);
  const bytes = announcedBytes(call, mostXmlBytes);
  const trailers = new Map<string, string>();
  const pieces: Buffer[] = [];
  for await (const piece of payloadOf(call, bytes, trailers)) {
    check.update(piece);
    pieces.push(piece);
  }
  check.finish(trailers);
  return Buffer.concat(pieces).toString('utf8');
};

/** The XML that a request brings. @throws S3Error MalformedXML when there is none, or another root */
export const receiveXml = async (call: Call, root: string): Promise<XmlElement> => {
  const body = await receiveXmlIfAny(call, root);
  if (body === undefined) throw new S3Error('MalformedXML', `Expected a body of XML with the root element ${root}.`);
  return body;
};

/** As {@link receiveXml}; undefined where the body is empty. */
export const receiveXmlIfAny = async (call: Call, root: string): Promise<XmlElement | undefined> => {
  const text = await receiveText(call);
  if (text === undefined || text.trim() === '') return undefined;
  const body = parseXml(text);
  if (body.name !== root)
    throw new S3Error('MalformedXML', `Expected the root element ${root}; got ${body.name.slice(0, 100)}.`);
  return body;
};
