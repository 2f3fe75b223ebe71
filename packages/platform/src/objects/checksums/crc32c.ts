/** CRC-32C (Castagnoli), reflected. @see RFC 3720, section 12.1 */
const polynomial = 0x82f63b78;

/** Eight tables of 256 in one, so that eight bytes take one round. */
const table = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  table[byte] = crc;
}
for (let at = 256; at < table.length; at++) {
  const before = table[at - 256]!;
  table[at] = (before >>> 8) ^ table[before & 255]!;
}

/** Carries a checksum on over further bytes; begins with 0. */
export const crc32c = (bytes: Uint8Array, from = 0): number => {
  let crc = ~from;
  let at = 0;
  const rounds = bytes.length - (bytes.length % 8);
  for (; at < rounds; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      table[1792 + (crc & 255)]! ^
      table[1536 + ((crc >>> 8) & 255)]! ^
      table[1280 + ((crc >>> 16) & 255)]! ^
      table[1024 + (crc >>> 24)]! ^
      table[768 + bytes[at + 4]!]! ^
      table[512 + bytes[at + 5]!]! ^
      table[256 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 255]!;
  return ~crc >>> 0;
};
