import type { Book } from './books.ts';
import { type Html, html } from './html.ts';

/** Books as a grid of cards; `level` is the rank of their headings. */
export function shelf(books: readonly Book[], level: 2 | 3 = 2): Html {
  return html`<ul class="shelf">${books.map((book) => html`<li>${card(book, level)}</li>`)}</ul>`;
}

function card(book: Book, level: 2 | 3): Html {
  const link = html`<a href="/books/${book.slug}">${book.title}</a>`;
  return html`<article class="card">
  ${cover(book, '')}
  ${level === 2 ? html`<h2>${link}</h2>` : html`<h3>${link}</h3>`}
  <p class="by">${book.author}</p>
  <p class="facts"><span class="price">${price(book)}</span> ${book.rating !== null && stars(book.rating)}</p>
</article>`;
}

export function cover(book: Book, alt: string): Html {
  return html`<img class="cover" src="/covers/${book.slug}.svg" alt="${alt}" width="240" height="360">`;
}

export function price(book: Book): string {
  return `$${(book.priceCents / 100).toFixed(2)}`;
}

export function stars(rating: number): Html {
  const full = Math.round(rating);
  return html`<span class="stars" role="img" aria-label="${Number(rating.toFixed(1))} out of 5">${'★'.repeat(full)}<span class="rest">${'★'.repeat(5 - full)}</span></span>`;
}

export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

export function day(date: Date): Html {
  const iso = date.toISOString().slice(0, 10);
  return html`<time datetime="${iso}">${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })}</time>`;
}
