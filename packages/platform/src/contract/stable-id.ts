import { createHash } from 'node:crypto';

/** A UUID (version 8, RFC 9562 section 5.8) for something that has a name but no row: the same name gives the same id. */
export const stableId = (kind: string, name: string): string => {
  const digest = createHash('sha256').update(`${kind}:${name}`).digest().subarray(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};
