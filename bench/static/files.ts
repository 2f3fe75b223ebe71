import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Files whose compressed variant, which every server sends, is about so large. */
export const sizes = [
  { name: '1k', what: '1 KB', bytes: 1024 },
  { name: '30k', what: '30 KB', bytes: 30 * 1024 },
] as const;

/** Writes a stylesheet of each size, and 200 others that nobody asks for. Each has its gzip variant beside it. */
export const writeFiles = async (folder: string): Promise<string> => {
  const root = join(folder, 'files');
  await mkdir(root);
  for (const { name, bytes } of sizes) await writeBoth(join(root, `${name}.css`), styleSheet(bytes));
  for (let i = 0; i < 200; i += 1) await writeBoth(join(root, `other-${i}.css`), styleSheet(500 + i));
  return root;
};

const writeBoth = async (path: string, text: string): Promise<void> => {
  await writeFile(path, text);
  await writeFile(`${path}.gz`, gzipSync(text, { level: 9 }));
};

/** Rules, each with a number of its own, until they compress to so many bytes. */
const styleSheet = (bytes: number): string => {
  const rules: string[] = [];
  let size = 0;
  for (let seed = bytes; size < bytes; ) {
    for (let i = 0; i <= (bytes - size) / 60; i += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      rules.push(
        `.c${seed.toString(36)} { margin: ${seed % 97}px; color: #${(seed % 16_777_216).toString(16).padStart(6, '0')} }\n`,
      );
    }
    size = gzipSync(rules.join(''), { level: 9 }).length;
  }
  return rules.join('');
};
