import { S3Error } from '../s3-error.ts';

/** A query's names and values, decoded, in the order of the request; what has no `=` has an empty value. */
export class Query {
  readonly entries: readonly (readonly [name: string, value: string])[];

  constructor(entries: Query['entries']) {
    this.entries = entries;
  }

  has(name: string): boolean {
    return this.entries.some(([other]) => other === name);
  }

  get(name: string): string | undefined {
    return this.entries.find(([other]) => other === name)?.[1];
  }
}

/** What a request is about. */
export interface RequestTarget {
  /** As it was sent, before the question mark. */
  readonly rawPath: string;
  /** Decoded. */
  readonly path: string;
  readonly query: Query;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** The bucket was named by the host. */
  readonly byHost: boolean;
  /** It came by the domain that is for visitors, bucket in the host or not. */
  readonly byMediaDomain: boolean;
}

const mostKeyBytes = 1024;

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(
      'InvalidURI',
      `Couldn't parse the specified URI: ${JSON.stringify(text.slice(0, 200))} is not percent-encoded UTF-8.`,
    );
  }
};

const parseQuery = (text: string): Query =>
  new Query(
    text
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const equals = pair.indexOf('=');
        const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
        return [decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' '))] as const;
      }),
  );

/**
 * Bucket and key of a request: `/BUCKET/KEY`, or `/KEY` of the host `BUCKET.MEDIADOMAIN`.
 * @throws S3Error InvalidURI, KeyTooLongError
 */
export const parseTarget = (url: string, host: string, mediaDomain: string | undefined): RequestTarget => {
  // Clients that take us for a proxy send whole URLs.
  const local = url.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = local.indexOf('?');
  const rawPath = (mark < 0 ? local : local.slice(0, mark)) || '/';
  if (!rawPath.startsWith('/')) throw new S3Error('InvalidURI');
  const path = decode(rawPath);
  const query = parseQuery(mark < 0 ? '' : local.slice(mark + 1));
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const byHost = mediaDomain !== undefined && name.endsWith(`.${mediaDomain}`);
  const byMediaDomain = byHost || name === mediaDomain;
  const named = byHost ? `/${name.slice(0, -(mediaDomain.length + 1))}${path}` : path;
  const slash = named.indexOf('/', 1);
  const bucket = slash < 0 ? named.slice(1) : named.slice(1, slash);
  const key = slash < 0 ? '' : named.slice(slash + 1);
  if (Buffer.byteLength(key) > mostKeyBytes) throw new S3Error('KeyTooLongError');
  return { rawPath, path, query, bucket: bucket || undefined, key: key || undefined, byHost, byMediaDomain };
};
