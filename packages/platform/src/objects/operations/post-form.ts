import { assertPolicy, type PolicyLimits, verifyForm } from '../auth/post-policy.ts';
import { sendEmpty, sendXml } from '../http/answer.ts';
import { BodyCheck } from '../http/body-check.ts';
import { type BucketCall, quoted } from '../http/call.ts';
import { mostPutBytes, writePieces } from '../http/read-body.ts';
import { S3Error } from '../s3-error.ts';
import { objects } from '../store/object-rows.ts';
import type { ObjectAbout } from '../store/records.ts';
import { document, leaf } from '../xml/write-xml.ts';
import { parseAcl } from './acl.ts';
import { readForm } from './form-body.ts';
import { isOwner, mayWrite } from './may.ts';

const keptFields = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'];

/** Stands for the file's name on the visitor's machine. */
const fileNameMark = /\$\{filename\}/g;

/** PostObject: a browser's form, allowed by a policy that the bucket's owner has signed. */
export const postForm = async (call: BucketCall): Promise<void> => {
  const { request, store, bucket, accounts } = call;
  call.continue();
  const form = await readForm(request.headers['content-type'], request.iterator({ destroyOnReturn: false }));
  const fields = new Map([...form.fields, ['bucket', bucket.name]]);
  const limits = allowed(call, fields, form.fields.has('policy'), accounts);
  const key = (fields.get('key') ?? '').replaceAll(fileNameMark, () => form.fileName);
  if (key === '')
    throw new S3Error('InvalidArgument', "Bucket POST must contain a field named 'key'.", { ArgumentName: 'key' });
  if (Buffer.byteLength(key) > 1024) throw new S3Error('KeyTooLongError');
  const about = aboutOf(fields);
  await store.assertRoom(Math.min(Number(request.headers['content-length'] ?? 0), mostPutBytes));
  const received = await writePieces(store, within(form.file, limits), new BodyCheck(call));
  const { pieces, size, md5 } = received;
  if (size < limits.leastBytes) {
    await store.files.discard(pieces.map(({ blob }) => blob));
    throw new S3Error('EntityTooSmall', undefined, {
      ProposedSize: String(size),
      MinSizeAllowed: String(limits.leastBytes),
    });
  }
  await store.change(pieces, () => {
    const object = { key, size, etag: md5, modifiedMs: Date.now(), pieces, about };
    return { result: undefined, dropped: objects.put(store.db, bucket.name, object) };
  });
  answer(call, fields, key, md5);
};

const allowed = (
  call: BucketCall,
  fields: ReadonlyMap<string, string>,
  signed: boolean,
  accounts: BucketCall['accounts'],
): PolicyLimits => {
  const { store, bucket } = call;
  if (!signed) {
    if (!mayWrite({ sender: undefined }, store, bucket)) throw new S3Error('AccessDenied');
    return { leastBytes: 0, mostBytes: mostPutBytes };
  }
  const accessKeyId = verifyForm(fields, (id) => accounts.byKey(id)?.account.secretKey);
  if (!isOwner({ sender: accounts.byKey(accessKeyId) }, store)) throw new S3Error('AccessDenied');
  return assertPolicy(fields, Date.now());
};

async function* within(file: AsyncIterable<Buffer>, { mostBytes }: PolicyLimits): AsyncGenerator<Buffer> {
  let seen = 0;
  for await (const piece of file) {
    seen += piece.length;
    if (seen > Math.min(mostBytes, mostPutBytes))
      throw new S3Error('EntityTooLarge', undefined, { ProposedSize: String(seen), MaxSizeAllowed: String(mostBytes) });
    yield piece;
  }
}

const aboutOf = (fields: ReadonlyMap<string, string>): ObjectAbout => ({
  contentType: fields.get('content-type') || 'binary/octet-stream',
  headers: Object.fromEntries(keptFields.flatMap((name) => (fields.get(name) ? [[name, fields.get(name) ?? '']] : []))),
  metadata: Object.fromEntries(
    [...fields]
      .filter(([name]) => name.startsWith('x-amz-meta-'))
      .map(([name, value]) => [name.slice('x-amz-meta-'.length), value]),
  ),
  acl: parseAcl(fields.get('acl') ?? 'private'),
  tags: {},
});

const answer = (
  { response, bucket }: BucketCall,
  fields: ReadonlyMap<string, string>,
  key: string,
  md5: string,
): void => {
  const location = `/${bucket.name}/${encodeURIComponent(key)}`;
  response.setHeader('ETag', quoted(md5));
  const redirect = fields.get('success_action_redirect');
  if (redirect !== undefined && URL.canParse(redirect)) {
    const url = new URL(redirect);
    for (const [name, value] of [
      ['bucket', bucket.name],
      ['key', key],
      ['etag', quoted(md5)],
    ] as const)
      url.searchParams.set(name, value);
    response.setHeader('Location', url.href);
    sendEmpty(response, 303);
    return;
  }
  response.setHeader('Location', location);
  const status = fields.get('success_action_status');
  if (status !== '201') {
    sendEmpty(response, status === '200' ? 200 : 204);
    return;
  }
  const made = [leaf('Location', location), leaf('Bucket', bucket.name), leaf('Key', key), leaf('ETag', quoted(md5))];
  sendXml(response, document('PostResponse', made), 201);
};
