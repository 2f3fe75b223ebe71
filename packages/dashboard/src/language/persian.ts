/** Persian words and the font for them, loaded together and only where they are wanted. */

import arabicFont from '@fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2';
import persianFont from '#made/persian.woff2';
import { persianLetters } from './persian-letters.data.ts';

export { messages } from './fa.data.ts';
export { errorWords, sayings } from './said.fa.data.ts';

// Arabic letters alone: Latin ones, in names and commands, are the system's, and the font's are as large again.
// Of two fonts that have a letter the later one is taken, and the other is not asked for.
const fonts = [
  [arabicFont, 'U+0600-06FF, U+200C-200F, U+FB50-FDFF, U+FE70-FEFC'],
  [persianFont, persianLetters],
] as const;
for (const [url, unicodeRange] of fonts) {
  const face = new FontFace('Vazirmatn Variable', `url(${url})`, { weight: '400 700', display: 'swap', unicodeRange });
  document.fonts.add(face);
}
