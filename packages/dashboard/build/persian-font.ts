import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import subsetFont from 'subset-font';
import { persianLetters } from '../src/language/persian-letters.data.ts';

const whole = fileURLToPath(
  import.meta.resolve('@fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2'),
);
/** The weights that our style sheets name lie between these. */
const weights = { min: 400, max: 700, default: 400 };

/** Writes the part of the font that Persian needs: less than half of the whole, which also has letters of other languages. */
export const writePersianFont = async (file: string): Promise<void> => {
  const made = await subsetFont(await readFile(whole), lettersOf(persianLetters), {
    targetFormat: 'woff2',
    variationAxes: { wght: weights },
  });
  await writeFile(file, made);
};

/** All letters of a `unicode-range` (CSS Fonts Level 4). */
const lettersOf = (range: string): string =>
  [...range.matchAll(/U\+([0-9A-F]+)(?:-([0-9A-F]+))?/g)]
    .flatMap(([, first = '', last = first]) => {
      const from = Number.parseInt(first, 16);
      return Array.from({ length: Number.parseInt(last, 16) - from + 1 }, (_, index) => from + index);
    })
    .map((point) => String.fromCodePoint(point))
    .join('');
