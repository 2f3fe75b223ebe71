import { S3Error } from '../s3-error.ts';

export interface ByteRange {
  readonly from: number;
  /** Included. */
  readonly to: number;
}

/**
 * The one range that a Range header asks for; undefined for what may be ignored: several ranges, or no range at all.
 * @throws S3Error InvalidRange
 * @see RFC 9110 section 14.2
 */
export const parseRange = (header: string | undefined, size: number): ByteRange | undefined => {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(' ', '') ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const unsatisfiable = () =>
    new S3Error('InvalidRange', undefined, { RangeRequested: header ?? '', ActualObjectSize: String(size) });
  if (first === '') {
    if (Number(last) === 0 || size === 0) throw unsatisfiable();
    return { from: Math.max(0, size - Number(last)), to: size - 1 };
  }
  if (last !== '' && Number(last) < Number(first)) return undefined;
  if (Number(first) >= size) throw unsatisfiable();
  return { from: Number(first), to: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
};
