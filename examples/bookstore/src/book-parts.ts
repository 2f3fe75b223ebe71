import type { Book } from './books.ts';
import { type Html, html } from './html.ts';
import type { Language } from './languages/language.ts';

/** Books as a grid of cards; `level` is the rank of their headings. */
export function shelf(language: Language, books: readonly Book[], level: 2 | 3 = 2): Html {
  return html`<ul class="shelf">${books.map((book) => html`<li>${card(language, book, level)}</li>`)}</ul>`;
}

function card(language: Language, book: Book, level: 2 | 3): Html {
  const link = html`<a href="/books/${book.slug}"><bdi lang="${book.language}">${book.title}</bdi></a>`;
  return html`<article class="card">
  ${cover(book, '')}
  ${level === 2 ? html`<h2>${link}</h2>` : html`<h3>${link}</h3>`}
  <p class="by"><bdi lang="${book.language}">${book.author}</bdi></p>
  <p class="facts"><span class="price">${language.price(book.priceCents)}</span> ${book.rating !== null && stars(language, book.rating)}</p>
</article>`;
}

/** The attributes of what is in the book's language, whatever the page's is. */
export function written(book: Pick<Book, 'language'>): Html {
  return html` lang="${book.language}" dir="auto"`;
}

export function cover(book: Book, alt: string): Html {
  return html`<img class="cover" src="/covers/${book.cover ?? `${book.slug}.svg`}" alt="${alt}" width="240" height="360">`;
}

export function stars({ words, number }: Language, rating: number): Html {
  const full = Math.round(rating);
  return html`<span class="stars" role="img" aria-label="${words.outOfFive(number(rating))}">${'★'.repeat(full)}<span class="rest">${'★'.repeat(5 - full)}</span></span>`;
}

export function day(language: Language, date: Date): Html {
  return html`<time datetime="${date.toISOString().slice(0, 10)}">${language.day(date)}</time>`;
}
