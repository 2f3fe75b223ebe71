/** What to send: everything, a part (both ends included), or word that the part doesn't exist. */
export type Extent =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

const whole: Extent = { kind: 'whole' };
const unsatisfiable: Extent = { kind: 'unsatisfiable' };
const single = /^bytes=\s*(\d*)-(\d*)\s*$/i;

/**
 * What a Range header asks of so many bytes. Several ranges, other units and what can't be read mean everything, as a server may choose.
 * @see RFC 9110 sections 14.1.2 and 14.2
 */
export const readRange = (header: string, size: number): Extent => {
  const [, first = '', last = ''] = single.exec(header) ?? [];
  if (first === '') {
    if (last === '' || size === 0) return whole;
    const length = Number(last);
    return length === 0 ? unsatisfiable : { kind: 'part', start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? Number.POSITIVE_INFINITY : Number(last);
  if (end < start) return whole;
  return start >= size ? unsatisfiable : { kind: 'part', start, end: Math.min(end, size - 1) };
};
