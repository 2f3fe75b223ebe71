import { count, shelf } from '../book-parts.ts';
import type { Books } from '../books.ts';
import { type Html, html } from '../html.ts';
import { page } from '../layout.ts';
import { Refusal } from '../reply.ts';
import type { Page } from '../visit.ts';

const pageSize = 12;

export function bookListPage(books: Books): Page {
  return async (visit) => {
    const number = pageNumber(visit.query);
    const found = await books.find('', number, pageSize);
    const last = Math.max(1, Math.ceil(found.total / pageSize));
    if (number > last)
      throw new Refusal(404, `The shelf has ${count(last, 'page', 'pages')}; there is no page ${number}.`);
    return page(visit, {
      title: number === 1 ? 'Books' : `Books, page ${number}`,
      main: html`<h1>The shelf</h1>
<p class="lead">${count(found.total, 'book', 'books')} in order of title.</p>
${shelf(found.books)}
${pagination('/books?', number, last)}`,
    });
  };
}

export function searchPage(books: Books): Page {
  return async (visit) => {
    const text = (visit.query.get('q') ?? '')
      .replace(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, 100);
    if (text === '') {
      return page(visit, {
        title: 'Search',
        main: html`<h1>Search</h1><p class="lead">Type a title or an author into the box above: “austen”, say, or “time machine”.</p>`,
      });
    }
    const number = pageNumber(visit.query);
    const found = await books.find(text, number, pageSize);
    const last = Math.max(1, Math.ceil(found.total / pageSize));
    if (number > last)
      throw new Refusal(404, `This search has ${count(last, 'page', 'pages')}; there is no page ${number}.`);
    const nothing = html`<p>No title or author has all of these words. Try fewer of them, or <a href="/books">look along the shelf</a>.</p>`;
    return page(visit, {
      title: `Search: ${text}`,
      search: text,
      main: html`<h1>“${text}”</h1>
<p class="lead" role="status">${count(found.total, 'book', 'books')} found.</p>
${found.total === 0 ? nothing : shelf(found.books)}
${pagination(`/search?q=${encodeURIComponent(text)}&`, number, last)}`,
    });
  };
}

function pageNumber(query: URLSearchParams): number {
  const text = query.get('page') ?? '1';
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Refusal(404, 'Pages are numbered 1, 2, 3 and so on.');
}

function pagination(base: string, current: number, last: number): Html | false {
  if (last === 1) return false;
  const numbers = Array.from({ length: last }, (_, index) => index + 1);
  return html`<nav class="pagination" aria-label="Pages">
  ${current > 1 && html`<a rel="prev" href="${base}page=${current - 1}">Previous</a>`}
  ${numbers.map((number) => html`<a href="${base}page=${number}" aria-label="Page ${number}"${number === current && html` aria-current="page"`}>${number}</a>`)}
  ${current < last && html`<a rel="next" href="${base}page=${current + 1}">Next</a>`}
</nav>`;
}
