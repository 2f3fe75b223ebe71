import { createHash } from 'node:crypto';
import { startChecksum } from '../checksums/checksum.ts';
import { sendXml } from '../http/answer.ts';
import { parseRange } from '../http/byte-range.ts';
import { amzHeader, type ObjectCall, quoted } from '../http/call.ts';
import { type Received, writePieces } from '../http/read-body.ts';
import { invalidArgument } from '../s3-error.ts';
import { blobsOf } from '../store/object-rows.ts';
import { readPieces } from '../store/read-pieces.ts';
import type { UploadRecord } from '../store/records.ts';
import { document, leaf } from '../xml/write-xml.ts';
import { type CopySource, findCopySource, linkPieces } from './copy-object.ts';
import { findUpload, keepPart, partNumberOf } from './uploads.ts';
import { checksumLeaf } from './write-objects.ts';

/** UploadPartCopy. */
export const copyPart = async (call: ObjectCall): Promise<void> => {
  const number = partNumberOf(call);
  const upload = findUpload(call);
  const source = findCopySource(call);
  const { pieces, size, md5, checksum } = await copied(call, source, upload);
  const modifiedMs = Date.now();
  await keepPart(call, { number, size, etag: md5, modifiedMs, pieces, checksum });
  sendXml(
    call.response,
    document('CopyPartResult', [
      leaf('LastModified', new Date(modifiedMs).toISOString()),
      leaf('ETag', quoted(md5)),
      ...checksumLeaf(checksum).slice(0, 1),
    ]),
  );
};

/** Linked where it is all of an object whose MD5 is known; else read and written. */
const copied = async (call: ObjectCall, source: CopySource, upload: UploadRecord): Promise<Received> => {
  const { object, store } = source;
  const range = rangeOf(call, object.size);
  if (range === undefined && upload.checksum === undefined && !object.etag.includes('-'))
    return { pieces: await linkPieces(source, call.store), size: object.size, md5: object.etag, checksum: undefined };
  const { from, to } = range ?? { from: 0, to: object.size - 1 };
  await call.store.assertRoom(to - from + 1);
  const unpin = store.files.pin(blobsOf(object.pieces));
  try {
    return await writePieces(call.store, readPieces(store.files, object.pieces, { from, to }), checkOf(upload));
  } finally {
    unpin();
  }
};

const rangeOf = (call: ObjectCall, size: number) => {
  const header = amzHeader(call, 'x-amz-copy-source-range');
  if (header === undefined) return undefined;
  const [, last = ''] = /^bytes=\d+-(\d+)$/.exec(header) ?? [];
  const range = parseRange(header, size);
  if (last === '' || range === undefined || Number(last) >= size)
    throw invalidArgument('x-amz-copy-source-range', header, `bytes=FIRST-LAST within the ${size} bytes of the source`);
  return range;
};

const checkOf = ({ checksum }: UploadRecord) => {
  const md5 = createHash('md5');
  const running = checksum && startChecksum(checksum.algorithm);
  return {
    update(bytes: Uint8Array): void {
      md5.update(bytes);
      running?.update(bytes);
    },
    finish: () => ({
      md5: md5.digest('hex'),
      checksum: checksum &&
        running && {
          algorithm: checksum.algorithm,
          value: running.digest().toString('base64'),
          type: 'FULL_OBJECT' as const,
        },
    }),
  };
};
