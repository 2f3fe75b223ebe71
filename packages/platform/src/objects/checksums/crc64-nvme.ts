/** CRC-64/NVME, reflected, in two halves of 32 bits. @see NVM Express NVM Command Set Specification, section 5.2.1.3.4 */
const polynomialHigh = 0x9a6c9329;
const polynomialLow = 0xac4bc9b5 | 0;

/** Eight tables of 256 each, so that eight bytes take one round. */
const highs = new Int32Array(8 * 256);
const lows = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (odd === 0) continue;
    low ^= polynomialLow;
    high ^= polynomialHigh;
  }
  highs[byte] = high;
  lows[byte] = low;
}
for (let at = 256; at < lows.length; at++) {
  const high = highs[at - 256]!;
  const low = lows[at - 256]!;
  lows[at] = ((low >>> 8) | (high << 24)) ^ lows[low & 255]!;
  highs[at] = (high >>> 8) ^ highs[low & 255]!;
}

/** A checksum that grows with the bytes it is given. */
export class Crc64Nvme {
  #high = -1;
  #low = -1;

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    let at = 0;
    const rounds = bytes.length - (bytes.length % 8);
    for (; at < rounds; at += 8) {
      const a = low ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
      const b = high ^ (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24));
      const i0 = 1792 + (a & 255);
      const i1 = 1536 + ((a >>> 8) & 255);
      const i2 = 1280 + ((a >>> 16) & 255);
      const i3 = 1024 + (a >>> 24);
      const i4 = 768 + (b & 255);
      const i5 = 512 + ((b >>> 8) & 255);
      const i6 = 256 + ((b >>> 16) & 255);
      const i7 = b >>> 24;
      low = lows[i0]! ^ lows[i1]! ^ lows[i2]! ^ lows[i3]! ^ lows[i4]! ^ lows[i5]! ^ lows[i6]! ^ lows[i7]!;
      high = highs[i0]! ^ highs[i1]! ^ highs[i2]! ^ highs[i3]! ^ highs[i4]! ^ highs[i5]! ^ highs[i6]! ^ highs[i7]!;
    }
    for (; at < bytes.length; at++) {
      const index = (low ^ bytes[at]!) & 255;
      low = ((low >>> 8) | (high << 24)) ^ lows[index]!;
      high = (high >>> 8) ^ highs[index]!;
    }
    this.#high = high;
    this.#low = low;
  }

  /** Eight bytes, the most significant first. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(~this.#high, 0);
    bytes.writeInt32BE(~this.#low, 4);
    return bytes;
  }
}
