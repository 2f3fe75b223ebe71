import { createHash, randomBytes } from 'node:crypto';
import { type Checksum, checksumElement, compositeChecksum, findAlgorithm } from '../checksums/checksum.ts';
import { canCombine, combineChecksums } from '../checksums/combine-crc.ts';
import { sendEmpty, sendXml } from '../http/answer.ts';
import { amzHeader, type ObjectCall, quoted } from '../http/call.ts';
import { assertWritable } from '../http/preconditions.ts';
import { receiveObject, receiveXml } from '../http/read-body.ts';
import { invalidArgument, S3Error } from '../s3-error.ts';
import { objects } from '../store/object-rows.ts';
import type { ObjectAbout, PartRecord, UploadRecord } from '../store/records.ts';
import { uploads } from '../store/upload-rows.ts';
import { childrenOf, textOf, type XmlElement } from '../xml/parse-xml.ts';
import { document, leaf } from '../xml/write-xml.ts';
import { aboutFromHeaders } from './object-about.ts';
import { checksumLeaf, setChecksumHeaders, wantedAlgorithm } from './write-objects.ts';

/** Of every part but the last. @see Amazon S3 User Guide, "Amazon S3 multipart upload limits" */
const leastPartBytes = 5 * 1024 * 1024;
const mostParts = 10_000;

/** CreateMultipartUpload. */
export const createUpload = async (call: ObjectCall): Promise<void> => {
  const { store, bucket, key, response } = call;
  const about = aboutFromHeaders(call);
  const algorithm = wantedAlgorithm(call, 'x-amz-checksum-algorithm');
  const type = amzHeader(call, 'x-amz-checksum-type') ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (type !== 'FULL_OBJECT' && type !== 'COMPOSITE')
    throw invalidArgument('x-amz-checksum-type', type, 'COMPOSITE or FULL_OBJECT');
  if (algorithm !== undefined && (type === 'FULL_OBJECT' ? !canCombine(algorithm) : algorithm === 'CRC64NVME'))
    throw new S3Error(
      'InvalidRequest',
      `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    );
  const id = randomBytes(24).toString('base64url');
  const upload: UploadRecord = {
    ...{ id, bucket: bucket.name, key, startedMs: Date.now(), about },
    checksum: algorithm && { algorithm, type },
  };
  await store.change([], () => {
    uploads.insert(store.db, upload);
    return { result: undefined, dropped: [] };
  });
  if (algorithm !== undefined) {
    response.setHeader('x-amz-checksum-algorithm', algorithm);
    response.setHeader('x-amz-checksum-type', type);
  }
  sendXml(
    response,
    document('InitiateMultipartUploadResult', [leaf('Bucket', bucket.name), leaf('Key', key), leaf('UploadId', id)]),
  );
};

/** @throws S3Error NoSuchUpload */
export const findUpload = ({ store, bucket, key, target }: ObjectCall): UploadRecord => {
  const upload = uploads.get(store.db, bucket.name, key, target.query.get('uploadId') ?? '');
  if (upload === undefined) throw new S3Error('NoSuchUpload');
  return upload;
};

export const partNumberOf = ({ target }: ObjectCall): number => {
  const text = target.query.get('partNumber') ?? '';
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > mostParts)
    throw invalidArgument('partNumber', text, `a number from 1 to ${mostParts}`);
  return number;
};

/** Keeps a part, in the place of another of its number. */
export const keepPart = async (call: ObjectCall, part: PartRecord): Promise<void> => {
  await call.store.change(part.pieces, () => {
    const upload = findUpload(call);
    return { result: undefined, dropped: uploads.putPart(call.store.db, upload.id, part) };
  });
};

/** UploadPart. */
export const uploadPart = async (call: ObjectCall): Promise<void> => {
  const number = partNumberOf(call);
  const upload = findUpload(call);
  const { pieces, size, md5, checksum } = await receiveObject(call, call.store, upload.checksum?.algorithm);
  if (upload.checksum !== undefined && checksum?.algorithm !== upload.checksum.algorithm) {
    await call.store.files.discard(pieces.map(({ blob }) => blob));
    throw new S3Error(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksum.algorithm.toLowerCase()}, actual checksum Type: ${checksum?.algorithm.toLowerCase()}`,
    );
  }
  await keepPart(call, { number, size, etag: md5, modifiedMs: Date.now(), pieces, checksum });
  setChecksumHeaders(call, checksum);
  call.response.removeHeader('x-amz-checksum-type');
  call.response.setHeader('ETag', quoted(md5));
  sendEmpty(call.response);
};

/** AbortMultipartUpload. */
export const abortUpload = async (call: ObjectCall): Promise<void> => {
  await call.store.change([], () => {
    const upload = findUpload(call);
    return { result: undefined, dropped: uploads.remove(call.store.db, upload.id) };
  });
  sendEmpty(call.response, 204);
};

/** CompleteMultipartUpload: the parts become the object as they are; nothing is copied. */
export const completeUpload = async (call: ObjectCall): Promise<void> => {
  const { store, bucket, key, request, response, target } = call;
  const listed = readParts(await receiveXml(call, 'CompleteMultipartUpload'));
  const id = target.query.get('uploadId') ?? '';
  const object = await store.change([], () => {
    const current = objects.get(store.db, bucket.name, key);
    const upload = uploads.get(store.db, bucket.name, key, id);
    // Asked again by a client that lost the answer.
    if (upload === undefined && current?.about.upload === id) return { result: current, dropped: [] };
    if (upload === undefined) throw new S3Error('NoSuchUpload');
    assertWritable(request.headers['if-match'], request.headers['if-none-match'], current);
    const parts = chosenParts(uploads.parts(store.db, id), listed);
    const checksum = wholeChecksum(upload, parts);
    assertChecksum(call, checksum);
    const pieces = parts.flatMap((part) => part.pieces);
    const about: ObjectAbout = { ...upload.about, checksum, upload: id, partSizes: parts.map(({ size }) => size) };
    const made = { key, size: sizeOf(parts), etag: etagOf(parts), modifiedMs: Date.now(), pieces, about };
    const dropped = [...objects.put(store.db, bucket.name, made, true), ...uploads.remove(store.db, id, pieces)];
    return { result: made, dropped };
  });
  sendXml(
    response,
    document('CompleteMultipartUploadResult', [
      leaf('Location', `/${bucket.name}/${encodeURIComponent(key)}`),
      leaf('Bucket', bucket.name),
      leaf('Key', key),
      leaf('ETag', quoted(object.etag)),
      ...checksumLeaf(object.about.checksum),
    ]),
  );
};

interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly element: XmlElement;
}

const readParts = (body: XmlElement): readonly ListedPart[] => {
  const parts = childrenOf(body, 'Part').map((element) => ({
    number: Number(textOf(element, 'PartNumber')),
    etag: (textOf(element, 'ETag') ?? '').trim().replace(/^"(.*)"$/, '$1'),
    element,
  }));
  if (parts.length === 0 || parts.length > mostParts)
    throw new S3Error('MalformedXML', `Expected 1 to ${mostParts} elements Part; got ${parts.length}.`);
  if (parts.some(({ number }) => !Number.isInteger(number)))
    throw new S3Error('MalformedXML', 'Expected a PartNumber in each Part.');
  if (parts.some(({ number }, at) => at > 0 && number <= (parts[at - 1]?.number ?? 0)))
    throw new S3Error('InvalidPartOrder');
  return parts;
};

const chosenParts = (kept: readonly PartRecord[], listed: readonly ListedPart[]): readonly PartRecord[] => {
  const byNumber = new Map(kept.map((part) => [part.number, part]));
  return listed.map(({ number, etag, element }, at) => {
    const part = byNumber.get(number);
    const algorithm = part?.checksum && findAlgorithm(part.checksum.algorithm);
    const said = algorithm && textOf(element, checksumElement(algorithm));
    if (part === undefined || part.etag !== etag || (said !== undefined && said !== part.checksum?.value))
      throw new S3Error('InvalidPart', undefined, { PartNumber: String(number), ETag: etag });
    if (part.size < leastPartBytes && at < listed.length - 1)
      throw new S3Error('EntityTooSmall', undefined, {
        ProposedSize: String(part.size),
        MinSizeAllowed: String(leastPartBytes),
        PartNumber: String(number),
      });
    return part;
  });
};

const sizeOf = (parts: readonly PartRecord[]): number => parts.reduce((sum, { size }) => sum + size, 0);

const etagOf = (parts: readonly PartRecord[]): string => {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
};

const wholeChecksum = ({ checksum }: UploadRecord, parts: readonly PartRecord[]): Checksum | undefined => {
  if (checksum === undefined) return undefined;
  const { algorithm, type } = checksum;
  const values = parts.map((part) => ({ value: part.checksum?.value ?? '', size: part.size }));
  if (type === 'FULL_OBJECT') return combineChecksums(algorithm, values);
  return {
    algorithm,
    type,
    value: compositeChecksum(
      algorithm,
      values.map(({ value }) => value),
    ),
  };
};

const assertChecksum = ({ request: { headers } }: ObjectCall, checksum: Checksum | undefined): void => {
  if (checksum === undefined) return;
  const said = headers[`x-amz-checksum-${checksum.algorithm.toLowerCase()}`];
  if (said !== undefined && said !== checksum.value) throw new S3Error('BadDigest');
};
