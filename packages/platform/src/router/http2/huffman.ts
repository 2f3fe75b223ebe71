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
const bitsPerStep = 4;
const emits = 1 << 16;
const fails = 1 << 17;

/**
 * Where four bits lead from each node of the tree, as node * 8 (so that the next four bits only need to be added) in
 * bits 0 to 15: no code is shorter, so at most one symbol comes of them; then `emits` is set and the symbol is in
 * `symbols`.
 */
const steps = new Uint32Array(tree.length * 8);
const symbols = new Uint8Array(tree.length * 8);
for (let from = 0; from < tree.length; from += 2) {
  for (let bits = 0; bits < 16; bits++) {
    let node = from;
    let step = 0;
    for (let bit = bitsPerStep - 1; bit >= 0; bit--) {
      const found = tree[node + ((bits >> bit) & 1)] ?? 0;
      node = Math.max(found, 0);
      if (found >= 0) continue;
      step = ~found === endOfString ? fails : emits;
      symbols[from * 8 + bits] = ~found;
      if (step === fails) break;
    }
    steps[from * 8 + bits] = step | (node * 8);
  }
}

/** A string may end at its root and after up to seven bits of the end-of-string symbol, all of which are 1. */
const ends = new Uint8Array(tree.length * 8);
for (let node = 0, bits = 0; bits <= 7; bits++) {
  ends[node * 8] = 1;
  node = tree[node + 1] ?? 0;
}

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
  let state = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    for (let shift = bitsPerStep; shift >= 0; shift -= bitsPerStep) {
      const index = state + ((byte >> shift) & 0xf);
      const step = steps[index] ?? fails;
      if (step >= emits) {
        if (step >= fails) return undefined;
        room[length++] = symbols[index] ?? 0;
      }
      state = step & 0xffff;
    }
  }
  return ends[state] === 1 ? room.toString('latin1', 0, length) : undefined;
};
