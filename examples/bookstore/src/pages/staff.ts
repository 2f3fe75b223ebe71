import { cover } from '../book-parts.ts';
import type { Book, BookFacts, Books } from '../books.ts';
import { field, uploaded } from '../form.ts';
import { type Html, html } from '../html.ts';
import { languages } from '../languages/language.ts';
import { csrfField, page } from '../layout.ts';
import type { Media } from '../media/media.ts';
import { readPicture } from '../media/picture.ts';
import { redirect } from '../reply.ts';
import type { Review, Reviews } from '../reviews.ts';
import type { Page, Visit } from '../visit.ts';
import { bookOf, showReview } from './book.ts';
import { type BookDraft, draftOf, emptyDraft, factsOf, slugOf } from './book-draft.ts';

export function staffPage(books: Books): Page {
  return async (visit) => {
    const { words, ...language } = visit.language;
    const rows = (await books.all()).map(
      (book) => html`<tr>
    <th scope="row"><a href="/staff/books/${book.slug}" aria-label="${words.editBook(book.title)}"><bdi lang="${book.language}">${book.title}</bdi></a></th>
    <td><bdi lang="${book.language}">${book.author}</bdi></td>
    <td>${language.price(book.priceCents)}</td>
    <td>${language.number(book.reviewCount)}</td>
  </tr>`,
    );
    return page(visit, {
      title: words.staffTitle,
      main: html`<div class="section-head"><h1>${words.staffTitle}</h1><a class="button" href="/staff/books/new">${words.addBook}</a></div>
<div class="scroll" tabindex="0" role="region" aria-label="${words.staffTitle}"><table>
  <thead><tr><th scope="col">${words.title}</th><th scope="col">${words.author}</th><th scope="col">${words.price}</th><th scope="col">${words.reviews}</th></tr></thead>
  <tbody>${rows}</tbody>
</table></div>`,
    });
  };
}

export const addBookPage: Page = (visit) => showForm(visit, emptyDraft(visit.language.code));

export function addBook(books: Books, media: Media): Page {
  return async (visit) => {
    const draft = draftOf(visit.form);
    const facts = await readFacts(visit, draft, media, null);
    if (typeof facts === 'string') return showForm(visit, draft, { error: facts });
    const slug = slugOf(facts.title);
    if (!(await books.add(slug, facts))) return showForm(visit, draft, { error: visit.language.words.titleTaken });
    return redirect(`/books/${slug}`);
  };
}

export function editBookPage(books: Books, reviews: Reviews): Page {
  return async (visit) => {
    const book = await bookOf(visit, books);
    return showForm(visit, emptyDraft(book.language, book), { book, reviews: await reviews.ofBook(book.id) });
  };
}

export function saveBook(books: Books, reviews: Reviews, media: Media): Page {
  return async (visit) => {
    const book = await bookOf(visit, books);
    const draft = draftOf(visit.form);
    const facts = await readFacts(visit, draft, media, book.cover);
    if (typeof facts === 'string')
      return showForm(visit, draft, { book, reviews: await reviews.ofBook(book.id), error: facts });
    await books.change(book.slug, facts);
    return redirect(`/books/${book.slug}`);
  };
}

export function removeReview(books: Books, reviews: Reviews): Page {
  return async (visit) => {
    const book = await bookOf(visit, books);
    await reviews.remove(book.id, Number(field(visit.form, 'reader')) || 0);
    await books.forgetLists();
    return redirect(`/staff/books/${book.slug}`);
  };
}

/** What the form says, its picture kept; a text says what is wrong with it. */
async function readFacts(
  visit: Visit,
  draft: BookDraft,
  media: Media,
  before: string | null,
): Promise<BookFacts | string> {
  const { words } = visit.language;
  const facts = factsOf(draft, words);
  const bytes = await uploaded(visit.form, 'cover');
  if (typeof facts === 'string' || bytes === undefined)
    return typeof facts === 'string' ? facts : { ...facts, cover: before };
  const picture = readPicture(bytes);
  if (picture === undefined) return words.badCover;
  await media.save(picture.name, picture.bytes, picture.type);
  return { ...facts, cover: picture.name };
}

interface Shown {
  readonly book?: Book;
  readonly reviews?: readonly Review[];
  readonly error?: string;
}

function showForm(visit: Visit, draft: BookDraft, { book, reviews = [], error }: Shown = {}) {
  const { words } = visit.language;
  const title = book ? words.editBook(book.title) : words.addBook;
  return page(visit, {
    title,
    status: error === undefined ? 200 : 422,
    main: html`<form class="panel wide" method="post" enctype="multipart/form-data" action="${visit.path}">
  <h1 dir="auto">${title}</h1>
  ${error !== undefined && html`<p class="error" role="alert">${error}</p>`}
  ${csrfField(visit)}
  ${input(draft, 'title', words.title)}
  ${input(draft, 'author', words.author)}
  <label for="language">${words.bookLanguage}</label>
  <select id="language" name="language">${languages.map(({ code, name }) => html`<option value="${code}" lang="${code}"${draft.language === code && html` selected`}>${name}</option>`)}</select>
  ${input(draft, 'year', words.year, 'numeric')}
  ${input(draft, 'price', words.priceInDollars, 'decimal')}
  <label for="description">${words.description}</label>
  <textarea id="description" name="description" rows="6" maxlength="4000" dir="auto" required>${draft.description}</textarea>
  <label for="cover">${words.cover}</label>
  ${book && cover(book, words.coverOf(book.title))}
  <input id="cover" name="cover" type="file" accept="image/jpeg,image/png,image/webp" aria-describedby="cover-hint">
  <p class="hint" id="cover-hint">${words.coverHint}</p>
  <button class="button">${words.save}</button>
</form>
${book && reviews.length > 0 && reviewList(visit, book, reviews)}`,
  });
}

function input(draft: BookDraft, name: keyof BookDraft, label: string, mode = 'text'): Html {
  const direction = mode === 'text' ? 'auto' : 'ltr';
  return html`<label for="${name}">${label}</label>
  <input id="${name}" name="${name}" value="${draft[name]}" inputmode="${mode}" dir="${direction}" maxlength="200" required>`;
}

function reviewList(visit: Visit, book: Book, reviews: readonly Review[]): Html {
  const { language } = visit;
  const removal = ({
    readerId,
    reader,
  }: Review) => html`<form method="post" action="/staff/books/${book.slug}/remove-review">
    ${csrfField(visit)}<input type="hidden" name="reader" value="${readerId}"><button class="plain" aria-label="${language.words.remove}: ${reader}">${language.words.remove}</button></form>`;
  return html`<section class="reviews"><h2>${language.words.reviews}</h2>${reviews.map((review) => showReview(language, review, removal(review)))}</section>`;
}
