import { huffmanLengths } from './hpack-table.data.ts';

const endOfString = 256;

/** A tree in one array: two slots a node, for bit 0 and bit 1; a leaf is its symbol with all bits inverted, so below 0. */
const growTree = (): Int16Array => {
  const slots: number[] = [0, 0];
  let code = 0;
  let bitsBefore = 0;
  for (const [bits, symbols] of huffmanLengths) {
    code *= 2 ** (bits - bitsBefore);
    bitsBefore = bits;
    for (const symbol of typeof symbols === 'string' ? Buffer.from(symbols, 'latin1') : symbols) {
      let node = 0;
      for (let bit = bits - 1; bit > 0; bit--) {
        const slot = node + ((code >> bit) & 1);
        slots[slot] ||= slots.push(0, 0) - 2;
        node = slots[slot] ?? 0;
      }
      slots[node + (code & 1)] = ~symbol;
      code++;
    }
  }
  return Int16Array.from(slots);
};

const tree = growTree();
/** No code is shorter than five bits. */
const mostSymbolsPerByte = 8 / 5;
let room = Buffer.allocUnsafeSlow(4_096);

/**
 * Reads a string in the Huffman code of HPACK, as latin1; undefined when it isn't one: what is left over at its end
 * must be the first bits of the end-of-string symbol, at most seven, and that symbol itself may not come.
 *
 * @see RFC 7541 section 5.2
 */
export const readHuffman = (bytes: Uint8Array, from: number, to: number): string | undefined => {
  const most = Math.ceil((to - from) * mostSymbolsPerByte);
  if (room.length < most) room = Buffer.allocUnsafeSlow(most);
  let length = 0;
  let node = 0;
  let pending = 0;
  let onlyOnes = true;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    for (let bit = 7; bit >= 0; bit--) {
      const one = (byte >> bit) & 1;
      const found = tree[node + one] ?? 0;
      if (found >= 0) {
        node = found;
        pending++;
        if (one === 0) onlyOnes = false;
        continue;
      }
      if (~found === endOfString) return undefined;
      room[length++] = ~found;
      node = 0;
      pending = 0;
      onlyOnes = true;
    }
  }
  return pending > 7 || !onlyOnes ? undefined : room.toString('latin1', 0, length);
};
