import { shelf } from '../book-parts.ts';
import type { Books } from '../books.ts';
import { type Html, html } from '../html.ts';
import type { Language } from '../languages/language.ts';
import { page } from '../layout.ts';
import { Refusal } from '../reply.ts';
import type { Page } from '../visit.ts';

const pageSize = 12;

export function bookListPage(books: Books): Page {
  return async (visit) => {
    const { language } = visit;
    const { words } = language;
    const { number, last, found } = await look(books, '', visit.query);
    return page(visit, {
      title: number === 1 ? words.books : `${words.books}, ${words.page(language.number(number))}`,
      main: html`<h1>${words.shelf}</h1>
<p class="lead">${words.inOrder(found.total, language.number(found.total))}</p>
${shelf(language, found.books)}
${pagination(language, '/books?', number, last)}`,
    });
  };
}

export function searchPage(books: Books): Page {
  return async (visit) => {
    const { language } = visit;
    const { words } = language;
    const text = (visit.query.get('q') ?? '')
      .replace(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, 100);
    if (text === '') {
      return page(visit, {
        title: words.search,
        main: html`<h1>${words.search}</h1><p class="lead">${words.searchHint}</p>`,
      });
    }
    const { number, last, found } = await look(books, text, visit.query);
    const nothing = html`<p>${words.nothingFound} <a href="/books">${words.lookAlong}</a>.</p>`;
    return page(visit, {
      title: `${words.search}: ${text}`,
      search: text,
      main: html`<h1>“<bdi>${text}</bdi>”</h1>
<p class="lead" role="status">${words.found(found.total, language.number(found.total))}</p>
${found.total === 0 ? nothing : shelf(language, found.books)}
${pagination(language, `/search?q=${encodeURIComponent(text)}&`, number, last)}`,
    });
  };
}

/** @throws Refusal 404 for a page that the shelf doesn't have. */
async function look(books: Books, text: string, query: URLSearchParams) {
  const wanted = query.get('page') ?? '1';
  const number = /^[1-9]\d{0,5}$/.test(wanted) ? Number(wanted) : Number.POSITIVE_INFINITY;
  const found = await books.find(text, Math.min(number, 999_999), pageSize);
  const last = Math.max(1, Math.ceil(found.total / pageSize));
  if (number > last) throw new Refusal(404, (words) => words.noShelfPage);
  return { number, last, found };
}

function pagination({ words, ...language }: Language, base: string, current: number, last: number): Html | false {
  if (last === 1) return false;
  const numbers = Array.from({ length: last }, (_, index) => index + 1);
  return html`<nav class="pagination" aria-label="${words.pages}">
  ${current > 1 && html`<a rel="prev" href="${base}page=${current - 1}">${words.previous}</a>`}
  ${numbers.map((number) => html`<a href="${base}page=${number}" aria-label="${words.page(language.number(number))}"${number === current && html` aria-current="page"`}>${language.number(number)}</a>`)}
  ${current < last && html`<a rel="next" href="${base}page=${current + 1}">${words.next}</a>`}
</nav>`;
}
