import { cover, day, stars, written } from '../book-parts.ts';
import type { Book, Books } from '../books.ts';
import { field } from '../form.ts';
import { type Html, html } from '../html.ts';
import type { Language } from '../languages/language.ts';
import { csrfField, page } from '../layout.ts';
import { Refusal, redirect } from '../reply.ts';
import type { Review, Reviews } from '../reviews.ts';
import type { Page, Visit } from '../visit.ts';

const maxReviewLength = 2000;

export function bookPage(books: Books, reviews: Reviews): Page {
  return async (visit) => {
    const book = await bookOf(visit, books);
    return showBook(visit, book, await reviews.ofBook(book.id));
  };
}

export function writeReview(books: Books, reviews: Reviews): Page {
  return async (visit) => {
    const book = await bookOf(visit, books);
    const { reader } = visit.session;
    if (reader === undefined) return redirect(`/log-in?next=/books/${book.slug}`);
    const draft: Draft = { rating: Number(field(visit.form, 'rating')), text: field(visit.form, 'text') };
    const error = faultOf(draft, visit.language);
    if (error !== undefined) return showBook(visit, book, await reviews.ofBook(book.id), { ...draft, error });
    await reviews.write(book.id, reader.id, draft.rating, draft.text);
    await books.forgetLists();
    return redirect(`/books/${book.slug}#reviews`);
  };
}

/** @throws Refusal 404 when the shop doesn't have the book of this address. */
export async function bookOf(visit: Visit, books: Books): Promise<Book> {
  const book = await books.bySlug(visit.params.slug ?? '');
  if (book === undefined) throw new Refusal(404, (words) => words.noBook);
  return book;
}

interface Draft {
  readonly rating: number;
  readonly text: string;
  readonly error?: string;
}

function faultOf(draft: Draft, { words, number }: Language): string | undefined {
  if (![1, 2, 3, 4, 5].includes(draft.rating)) return words.chooseStars;
  if (draft.text === '') return words.writeSomething;
  if (draft.text.length > maxReviewLength) return words.tooLong(number(maxReviewLength), number(draft.text.length));
  return undefined;
}

function showBook(visit: Visit, book: Book, reviews: readonly Review[], draft?: Draft) {
  const { language } = visit;
  const { words } = language;
  const reviewCount = words.reviewCount(book.reviewCount, language.number(book.reviewCount));
  return page(visit, {
    title: words.by(book.title, book.author),
    status: draft?.error === undefined ? 200 : 422,
    main: html`<article class="book">
  <div class="book-cover">${cover(book, words.coverOf(book.title))}</div>
  <div>
    <h1><span${written(book)}>${book.title}</span></h1>
    <p class="lead"><bdi lang="${book.language}">${book.author}</bdi>${words.comma}${language.year(book.year)}</p>
    <p class="facts">${book.rating !== null && html`${stars(language, book.rating)} <a href="#reviews">${reviewCount}</a>`}</p>
    <p class="prose"${written(book)}>${book.description}</p>
    <p class="price large">${language.price(book.priceCents)}</p>
  </div>
</article>
<section id="reviews" class="reviews" aria-labelledby="reviews-title">
  <h2 id="reviews-title">${words.reviews}</h2>
  ${reviews.length === 0 && html`<p>${words.noReviews}</p>`}
  ${reviews.map((review) => showReview(language, review))}
  ${visit.session.reader ? reviewForm(visit, book, draft) : html`<p><a href="/log-in?next=/books/${book.slug}">${words.logIn}</a> ${words.toWriteReview}</p>`}
</section>`,
  });
}

/** A review; `more` stands behind it. */
export function showReview(language: Language, review: Review, more?: Html): Html {
  return html`<article class="review">
    <p class="facts">${stars(language, review.rating)} <b><bdi>${review.reader}</bdi></b> <span class="by">${day(language, review.writtenAt)}</span></p>
    <p class="review-text" dir="auto">${review.text}</p>${more}
  </article>`;
}

function reviewForm(visit: Visit, book: Book, draft: Draft | undefined): Html {
  const { words, number } = visit.language;
  return html`<form class="panel" method="post" action="/books/${book.slug}/reviews" aria-labelledby="write">
  <h3 id="write">${words.yourReview}</h3>
  ${draft?.error && html`<p class="error" role="alert">${draft.error}</p>`}
  ${csrfField(visit)}
  <fieldset class="rating"><legend>${words.stars}</legend>
    ${[1, 2, 3, 4, 5].map((rating) => html`<label><input type="radio" name="rating" value="${rating}" required${draft?.rating === rating && html` checked`}> ${number(rating)}</label>`)}
  </fieldset>
  <label for="text">${words.reviewText}</label>
  <textarea id="text" name="text" rows="4" maxlength="${maxReviewLength}" dir="auto" required>${draft?.text}</textarea>
  <button class="button">${words.publish}</button>
</form>`;
}
