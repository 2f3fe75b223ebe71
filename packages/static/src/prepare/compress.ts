import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Coding } from '../answer/accept-encoding.ts';
import { lastPart } from '../find/name.ts';

export type CompressedCoding = Exclude<Coding, 'identity'>;

/** What is compressed already; trying again would only take time. */
const dense = new Set(
  '7z aac apng avif br bz2 flac flv gif gz heic jpeg jpg jxl m4a m4v mov mp3 mp4 mpeg ogg ogv oga opus png rar svgz swf tbz tgz webm webp woff woff2 xz zip zst'.split(
    ' ',
  ),
);
const worthwhileRatio = 0.95;
/** Smaller ones save no more than the headers about the coding cost. */
const leastBytes = 200;
/** Larger ones are hardly texts, and would take minutes. */
const mostBytes = 32 * 1024 * 1024;

/** Whether trying makes sense by a file's name and size. */
export const mayCompress = (name: string, size: number): boolean =>
  size >= leastBytes && size <= mostBytes && !dense.has(lastPart(name).split('.').at(-1)?.toLowerCase() ?? '');

type Compress = (bytes: Buffer) => Promise<Buffer>;

const gzip: Compress = async (bytes) => {
  const packed = await promisify(zlib.gzip)(bytes, { level: 9 });
  packed[9] = 255; // "Unknown system" (RFC 1952), so that every system makes the same bytes.
  return packed;
};

const br: Compress = (bytes) =>
  promisify(zlib.brotliCompress)(bytes, {
    params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });

const zstd: Compress = (bytes) =>
  promisify(zlib.zstdCompress)(bytes, {
    params: { [zlib.constants.ZSTD_c_compressionLevel]: 19 },
    pledgedSrcSize: bytes.length,
  });

/** The codings of a list that this Node can make: zstd came with 22.15. */
export const availableCodings = (wanted: readonly CompressedCoding[]): CompressedCoding[] =>
  wanted.filter((coding) => coding !== 'zstd' || 'zstdCompress' in zlib);

/** The variants that pay: at least 5 % smaller than the plain bytes. */
export const compress = async (
  bytes: Buffer,
  codings: readonly CompressedCoding[],
): Promise<ReadonlyMap<CompressedCoding, Buffer>> => {
  const by: Readonly<Record<CompressedCoding, Compress>> = { gzip, br, zstd };
  const packed = await Promise.all(codings.map(async (coding) => [coding, await by[coding](bytes)] as const));
  return new Map(packed.filter(([, variant]) => variant.length <= bytes.length * worthwhileRatio));
};
