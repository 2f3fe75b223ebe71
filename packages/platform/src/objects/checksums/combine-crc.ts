import type { Checksum, ChecksumAlgorithm } from './checksum.ts';

/** Reflected polynomials of the checksums that can be combined, with their widths in bits. */
const polynomials: Partial<Record<ChecksumAlgorithm, readonly [polynomial: bigint, width: number]>> = {
  CRC32: [0xedb88320n, 32],
  CRC32C: [0x82f63b78n, 32],
  CRC64NVME: [0x9a6c9329ac4bc9b5n, 64],
};

/** Whether the checksum of a whole can be had from those of its parts. */
export const canCombine = (algorithm: ChecksumAlgorithm): boolean => polynomials[algorithm] !== undefined;

/** Product of two reflected polynomials modulo a third. */
const multiply = (a: bigint, b: bigint, polynomial: bigint, width: number): bigint => {
  let product = 0n;
  let factor = b;
  for (let bit = BigInt(width - 1); bit >= 0n; bit--) {
    if ((a >> bit) & 1n) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
};

/** x to the power of 8 × `bytes`, modulo the polynomial. */
const shiftBy = (bytes: number, polynomial: bigint, width: number): bigint => {
  let power = 1n << BigInt(width - 1);
  let square = 1n << BigInt(width - 1 - 8);
  for (let left = BigInt(bytes); left > 0n; left >>= 1n) {
    if (left & 1n) power = multiply(power, square, polynomial, width);
    square = multiply(square, square, polynomial, width);
  }
  return power;
};

/** The checksum of parts put together, without reading them. @throws TypeError for algorithms that can't be combined. */
export const combineChecksums = (
  algorithm: ChecksumAlgorithm,
  parts: readonly { readonly value: string; readonly size: number }[],
): Checksum => {
  const [polynomial, width] = polynomials[algorithm] ?? [];
  if (polynomial === undefined || width === undefined) throw new TypeError(`${algorithm} can't be combined`);
  let whole = 0n;
  for (const { value, size } of parts) {
    const part = BigInt(`0x${Buffer.from(value, 'base64').toString('hex')}`);
    whole = multiply(shiftBy(size, polynomial, width), whole, polynomial, width) ^ part;
  }
  const bytes = Buffer.from(whole.toString(16).padStart(width / 4, '0'), 'hex');
  return { algorithm, value: bytes.toString('base64'), type: 'FULL_OBJECT' };
};
