import {
  type Checksum,
  type ChecksumAlgorithm,
  checksumElement,
  checksumHeader,
  findAlgorithm,
} from '../checksums/checksum.ts';
import { sendEmpty, sendXml } from '../http/answer.ts';
import { amzHeader, assertCurrentVersion, type BucketCall, type Call, type ObjectCall, quoted } from '../http/call.ts';
import { assertWritable } from '../http/preconditions.ts';
import { receiveObject, receiveXml } from '../http/read-body.ts';
import { invalidArgument, S3Error } from '../s3-error.ts';
import { objects } from '../store/object-rows.ts';
import { childrenOf, textOf } from '../xml/parse-xml.ts';
import { document, element, leaf } from '../xml/write-xml.ts';
import { aboutFromHeaders } from './object-about.ts';

const mostDeletes = 1000;

/** The algorithm that a client wants a checksum of, whether it sends one or not. @throws S3Error InvalidRequest */
export const wantedAlgorithm = (call: Call, header: string): ChecksumAlgorithm | undefined => {
  const name = amzHeader(call, header);
  if (name === undefined) return undefined;
  const algorithm = findAlgorithm(name);
  if (algorithm === undefined)
    throw new S3Error(
      'InvalidRequest',
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    );
  return algorithm;
};

export const setChecksumHeaders = ({ response }: Call, checksum: Checksum | undefined): void => {
  if (checksum === undefined) return;
  response.setHeader(checksumHeader(checksum.algorithm), checksum.value);
  response.setHeader('x-amz-checksum-type', checksum.type);
};

/** PutObject. */
export const putObject = async (call: ObjectCall): Promise<void> => {
  const { store, bucket, key, request, response } = call;
  const conditions = [request.headers['if-match'], request.headers['if-none-match']] as const;
  const about = aboutFromHeaders(call);
  // Told before the body is sent where that is possible; what counts is the second look.
  assertWritable(...conditions, objects.get(store.db, bucket.name, key));
  const received = await receiveObject(call, store, wantedAlgorithm(call, 'x-amz-sdk-checksum-algorithm'));
  const { pieces, size, md5, checksum } = received;
  await store.change(pieces, () => {
    assertWritable(...conditions, objects.get(store.db, bucket.name, key));
    const object = { key, size, etag: md5, modifiedMs: Date.now(), pieces, about: { ...about, checksum } };
    return { result: undefined, dropped: objects.put(store.db, bucket.name, object) };
  });
  setChecksumHeaders(call, checksum);
  response.setHeader('ETag', quoted(md5));
  sendEmpty(response);
};

/** DeleteObject: what is not there is deleted already. */
export const deleteObject = async ({ store, bucket, key, request, response, target }: ObjectCall): Promise<void> => {
  assertCurrentVersion(target.query.get('versionId'));
  const ifMatch = request.headers['if-match'];
  await store.change([], () => {
    if (ifMatch !== undefined) assertWritable(ifMatch, undefined, objects.get(store.db, bucket.name, key));
    return { result: undefined, dropped: objects.remove(store.db, bucket.name, key) };
  });
  sendEmpty(response, 204);
};

/** DeleteObjects: all of them in one change. */
export const deleteObjects = async (call: BucketCall): Promise<void> => {
  const { store, bucket, response } = call;
  const body = await receiveXml(call, 'Delete');
  const quiet = textOf(body, 'Quiet')?.trim().toLowerCase() === 'true';
  const wanted = childrenOf(body, 'Object').map((object) => ({
    key: textOf(object, 'Key'),
    version: textOf(object, 'VersionId'),
  }));
  if (wanted.length === 0 || wanted.length > mostDeletes)
    throw new S3Error('MalformedXML', `Expected 1 to ${mostDeletes} elements Object; got ${wanted.length}.`);
  const isThere = ({ version }: { readonly version: string | undefined }) =>
    version === undefined || version === 'null' || version === '';
  await store.change([], () => ({
    result: undefined,
    dropped: wanted.filter(isThere).flatMap(({ key = '' }) => objects.remove(store.db, bucket.name, key)),
  }));
  const answers = wanted.map((one) => {
    const { key = '', version } = one;
    const named = version === undefined ? [leaf('Key', key)] : [leaf('Key', key), leaf('VersionId', version)];
    if (key === '')
      return element('Error', [...named, leaf('Code', 'UserKeyMustBeSpecified'), leaf('Message', 'Expected a Key.')]);
    if (isThere(one)) return quiet ? undefined : element('Deleted', named);
    return element('Error', [
      ...named,
      leaf('Code', 'NoSuchVersion'),
      leaf('Message', 'The specified version does not exist.'),
    ]);
  });
  sendXml(
    response,
    document(
      'DeleteResult',
      answers.filter((answer) => answer !== undefined),
    ),
  );
};

/** @throws S3Error InvalidArgument for a directive that is neither COPY nor REPLACE */
export const replaces = (call: Call, header: string): boolean => {
  const directive = amzHeader(call, header) ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') throw invalidArgument(header, directive, 'COPY or REPLACE');
  return directive === 'REPLACE';
};

export const checksumLeaf = (checksum: Checksum | undefined) =>
  checksum === undefined
    ? []
    : [leaf(checksumElement(checksum.algorithm), checksum.value), leaf('ChecksumType', checksum.type)];
