import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FoundFile } from '../find/find-files.ts';
import type { Coding } from './accept-encoding.ts';
import type { Validators } from './conditions.ts';
import { HeaderMap } from './header-map.ts';
import { contentTypeOf, mediaTypeOf } from './media-type.ts';

/** One coding of a file, with every header that it can be answered with. */
export interface Variant extends Validators {
  readonly coding: Coding;
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Undefined when the file is too large to be kept in memory. */
  readonly bytes: Buffer | undefined;
  /** For status 200: name, value, name, value. */
  readonly headers: readonly string[];
  /** For status 304 and 412. */
  readonly headersWithoutContent: readonly string[];
  /** For status 206: all but Content-Length and Content-Range; and for 416. */
  readonly headersOfPart: readonly string[];
  readonly headersOfRefusedPart: readonly string[];
}

/** A file as it is served. */
export interface StaticFile {
  readonly name: string;
  readonly immutable: boolean;
  /** The plain one first, the others from the smallest up. */
  readonly variants: readonly Variant[];
  /** All of them are: no answer depends on the disk. */
  readonly isInMemory: boolean;
}

/** What a hook is told about the file whose headers it may change. */
export interface FileInfo {
  /** Relative to the root, with slashes. */
  readonly name: string;
  /** Where it is on disk. */
  readonly path: string;
  /** Path of its URL, percent-encoded. */
  readonly url: string;
  readonly immutable: boolean;
}

/** How headers are made. */
export interface HeaderRules {
  readonly maxAgeSeconds: number;
  readonly charset: string;
  readonly allowAllOrigins: boolean;
  readonly mediaTypes: Readonly<Record<string, string>>;
  readonly headers: ((headers: HeaderMap, file: FileInfo) => void) | undefined;
  /** Whether to keep a file's bytes; the others are read from disk for each answer. */
  readonly inMemory: (file: FoundFile) => boolean;
}

/** A year, the longest that RFC 2616 allowed and caches heed. */
const foreverSeconds = 31_536_000;

const describesContent = /^(content-(type|length|encoding|language|range|disposition)|accept-ranges|last-modified)$/;

/** Builds everything that answers will need. Reads the bytes unless they are too many. */
export const makeStaticFile = (
  info: FileInfo,
  found: ReadonlyMap<Coding, FoundFile>,
  rules: HeaderRules,
): StaticFile => {
  const plain = found.get('identity');
  if (plain === undefined) throw new TypeError(`${info.name} has no plain variant`);
  const lastModified = lastModifiedOf(plain);
  const variants = [...found].map(([coding, file]) => {
    const bytes = rules.inMemory(file) ? readFileSync(file.path) : undefined;
    const size = bytes?.length ?? file.stats.size;
    const etag = bytes === undefined ? etagOfStats(file, coding) : etagOfBytes(bytes);
    const headers = baseHeaders(info, rules, found.size > 1);
    if (lastModified !== undefined) headers.set('last-modified', lastModified.text);
    if (etag !== undefined) headers.set('etag', etag);
    if (coding !== 'identity') headers.set('content-encoding', coding);
    headers.set('content-length', String(size));
    rules.headers?.(headers, info);
    const { path, stats } = file;
    const all = [...headers];
    const without = (test: RegExp) => all.filter(([name]) => !test.test(name)).flat();
    return {
      coding,
      path,
      size,
      mtimeMs: stats.mtimeMs,
      bytes,
      etag: headers.get('etag'),
      lastModifiedMs: headers.has('last-modified') ? lastModified?.ms : undefined,
      headers: all.flat(),
      headersWithoutContent: without(describesContent),
      headersOfPart: without(/^content-(length|range)$/),
      headersOfRefusedPart: without(/^(content-(?!security)|etag$|last-modified$|cache-control$|expires$)/),
    };
  });
  variants.sort((one, other) => rank(one) - rank(other));
  const isInMemory = variants.every(({ bytes }) => bytes !== undefined);
  return { name: info.name, immutable: info.immutable, variants, isInMemory };
};

const rank = ({ coding, size }: { coding: Coding; size: number }): number => (coding === 'identity' ? -1 : size);

const baseHeaders = (info: FileInfo, rules: HeaderRules, varies: boolean): HeaderMap => {
  const headers = new HeaderMap();
  headers.set('content-type', contentTypeOf(mediaTypeOf(info.name, rules.mediaTypes), rules.charset));
  const forHowLong = info.immutable ? `max-age=${foreverSeconds}, immutable` : `max-age=${rules.maxAgeSeconds}`;
  headers.set('cache-control', `public, ${forHowLong}`);
  headers.set('accept-ranges', 'bytes');
  if (varies) headers.set('vary', 'Accept-Encoding');
  if (rules.allowAllOrigins) headers.set('access-control-allow-origin', '*');
  return headers;
};

/** None for files dated 1970: that is how tools say that they don't know. */
const lastModifiedOf = ({ stats }: FoundFile): { readonly ms: number; readonly text: string } | undefined => {
  const ms = Math.floor(Math.min(stats.mtimeMs, Date.now()) / 1_000) * 1_000;
  return ms <= 0 ? undefined : { ms, text: new Date(ms).toUTCString() };
};

const etagOfBytes = (bytes: Buffer): string => `"${createHash('sha256').update(bytes).digest('hex').slice(0, 20)}"`;

const etagOfStats = ({ stats }: FoundFile, coding: Coding): string | undefined =>
  stats.mtimeMs <= 0
    ? undefined
    : `"${Math.round(stats.mtimeMs * 1_000).toString(36)}-${stats.size.toString(36)}${coding === 'identity' ? '' : `-${coding}`}"`;
