import type { Book } from './books.ts';
import { type Dice, motifs, palettes } from './cover-motifs.ts';
import { html } from './html.ts';

const serif = `Palatino Linotype, Palatino, URW Palladio L, Georgia, Liberation Serif, Vazirmatn, Tahoma, serif`;
const titleWidth = 200;

/** Draws a book's cover as SVG, 240 by 360: the same book always gets the same one. */
export function drawCover(book: Pick<Book, 'id' | 'title' | 'author' | 'language'>): string {
  const palette = pick(palettes, book.id);
  const motif = pick(motifs, book.id);
  const lines = breakLines(book.title, 15);
  const longest = Math.max(...lines.map((line) => line.length));
  const rightToLeft = book.language === 'fa';
  const direction = rightToLeft ? 'rtl' : 'ltr';
  // Where lines start, where the short rule is, and on which side the book is bound.
  const [x, rule, spine, groove] = rightToLeft ? [220, 192, 233, 231.5] : [20, 20, 0, 7];
  const size = Math.min(27, titleWidth / (longest * 0.54), 66 / lines.length);
  const title = lines.map(
    (line, index) => `<tspan x="${x}" dy="${index === 0 ? 0 : size * 1.14}">${html`${line}`}</tspan>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 360" width="240" height="360" direction="${direction}">
  <rect width="240" height="360" fill="${palette.ground}"/>
  <svg width="240" height="220" viewBox="0 0 240 220">${motif(palette, dice(book.id))}</svg>
  <rect y="219" width="240" height="141" fill="${palette.ground}"/>
  <rect x="${rule}" y="234" width="28" height="3" fill="${palette.one}"/>
  <text y="${243 + size}" font-family="${serif}" font-size="${size.toFixed(1)}" font-weight="600" fill="${palette.ink}">${title.join('')}</text>
  <text x="${x}" y="344" font-family="${serif}" font-size="13" fill="${palette.ink}">${html`${book.author}`}</text>
  <rect x="${spine}" width="7" height="360" fill="#000" opacity=".14"/><rect x="${groove}" width="1.5" height="360" fill="#fff" opacity=".2"/>
</svg>`;
}

function breakLines(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[], id: number): Item {
  const item = items[id % items.length];
  if (item === undefined) throw new RangeError(`expected a book id of 0 or more, got ${id}`);
  return item;
}

/** A small linear congruential generator (the constants of Numerical Recipes): repeatable, not secret. */
function dice(seed: number): Dice {
  let state = seed * 7919;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
