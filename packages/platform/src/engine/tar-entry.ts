/** One member of a tar archive (POSIX.1-2017, pax, "ustar Interchange Format"); owned by root. */
export interface TarEntry {
  /** Relative, without `./`. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly mode: number;
  /** In bytes; 0 but for files. */
  readonly size: number;
  /** Unix time, seconds. */
  readonly modifiedAt: number;
  /** Where a link points to. */
  readonly target?: string;
}

const blockBytes = 512;
const typeFlags = { file: '0', folder: '5', link: '2' } as const;

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

const header = (entry: TarEntry, name: string, flag: string, size: number, target: string): Buffer => {
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, 100);
  block.write(octal(entry.mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(Math.max(0, Math.floor(entry.modifiedAt)), 12), 136);
  block.fill(' ', 148, 156);
  block.write(flag, 156);
  block.write(target, 157, 100);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
};

/** `length key=value\n`, where the length counts itself. */
const record = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const guess = bytes + String(bytes).length;
  const length = bytes + String(guess).length;
  return `${length}${rest}`;
};

/** The zeros that fill a member up to a whole block. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);

/** What comes after the last member. */
export const tarEnd = Buffer.alloc(2 * blockBytes);

const longestField = 100;
const largestSize = 8 ** 11 - 1;

/** What stands before a member's bytes; names and sizes that don't fit get an extended header. */
export const tarHeader = (entry: TarEntry): Buffer => {
  const name = entry.kind === 'folder' ? `${entry.path}/` : entry.path;
  const target = entry.target ?? '';
  const records = [
    ...(Buffer.byteLength(name) > longestField ? [record('path', name)] : []),
    ...(Buffer.byteLength(target) > longestField ? [record('linkpath', target)] : []),
    ...(entry.size > largestSize ? [record('size', String(entry.size))] : []),
  ].join('');
  const plain = header(entry, name, typeFlags[entry.kind], Math.min(entry.size, largestSize), target);
  if (records === '') return plain;
  const extended = Buffer.from(records);
  return Buffer.concat([
    header(entry, 'extended', 'x', extended.length, ''),
    extended,
    tarPadding(extended.length),
    plain,
  ]);
};
