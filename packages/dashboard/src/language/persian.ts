/** Persian words and the font for them, loaded together and only where they are wanted. */
import vazirmatn from '@fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2';

export { messages } from './fa.data.ts';
export { errorWords, sayings } from './said.fa.data.ts';

// Its Arabic letters alone: Latin ones, in names and commands, are the system's, and the font's are as large again.
document.fonts.add(
  new FontFace('Vazirmatn Variable', `url(${vazirmatn})`, {
    weight: '100 900',
    display: 'swap',
    unicodeRange: 'U+0600-06FF, U+200C-200F, U+FB50-FDFF, U+FE70-FEFC',
  }),
);
