import { count, cover, day, price, stars } from '../book-parts.ts';
import type { Book, Books } from '../books.ts';
import { drawCover } from '../cover.ts';
import { field } from '../form.ts';
import { type Html, html } from '../html.ts';
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
    const error = faultOf(draft);
    if (error !== undefined) return showBook(visit, book, await reviews.ofBook(book.id), { ...draft, error });
    await reviews.write(book.id, reader.id, draft.rating, draft.text);
    return redirect(`/books/${book.slug}#reviews`);
  };
}

/** A cover follows from its book, so browsers may keep it for a day. */
export function coverImage(books: Books): Page {
  return async (visit) => ({
    status: 200,
    headers: { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' },
    body: drawCover(await bookOf(visit, books)),
  });
}

async function bookOf(visit: Visit, books: Books): Promise<Book> {
  const book = await books.bySlug(visit.params.slug ?? '');
  if (book === undefined)
    throw new Refusal(404, 'We don’t have this book. The search looks through all that we do have.');
  return book;
}

interface Draft {
  readonly rating: number;
  readonly text: string;
  readonly error?: string;
}

function faultOf(draft: Draft): string | undefined {
  if (![1, 2, 3, 4, 5].includes(draft.rating)) return 'Choose one to five stars.';
  if (draft.text === '') return 'Write a sentence or two.';
  if (draft.text.length > maxReviewLength)
    return `A review has at most ${maxReviewLength} characters; this one has ${draft.text.length}.`;
  return undefined;
}

function showBook(visit: Visit, book: Book, reviews: readonly Review[], draft?: Draft) {
  return page(visit, {
    title: `${book.title} by ${book.author}`,
    status: draft?.error === undefined ? 200 : 422,
    main: html`<article class="book">
  <div class="book-cover">${cover(book, `Cover of ${book.title}`)}</div>
  <div>
    <h1>${book.title}</h1>
    <p class="lead">${book.author}, ${book.year}</p>
    <p class="facts">${book.rating !== null && html`${stars(book.rating)} <a href="#reviews">${count(book.reviewCount, 'review', 'reviews')}</a>`}</p>
    <p class="prose">${book.description}</p>
    <p class="price large">${price(book)}</p>
  </div>
</article>
<section id="reviews" class="reviews" aria-labelledby="reviews-title">
  <h2 id="reviews-title">Reviews</h2>
  ${reviews.length === 0 && html`<p>Nobody has written about this book yet.</p>`}
  ${reviews.map(
    (review) => html`<article class="review">
    <p class="facts">${stars(review.rating)} <b>${review.reader}</b> <span class="by">${day(review.writtenAt)}</span></p>
    <p class="review-text">${review.text}</p>
  </article>`,
  )}
  ${visit.session.reader ? reviewForm(visit, book, draft) : html`<p><a href="/log-in?next=/books/${book.slug}">Log in</a> to write a review.</p>`}
</section>`,
  });
}

function reviewForm(visit: Visit, book: Book, draft: Draft | undefined): Html {
  return html`<form class="panel" method="post" action="/books/${book.slug}/reviews" aria-labelledby="write">
  <h3 id="write">Your review</h3>
  ${draft?.error && html`<p class="error" role="alert">${draft.error}</p>`}
  ${csrfField(visit)}
  <fieldset class="rating"><legend>Stars</legend>
    ${[1, 2, 3, 4, 5].map((rating) => html`<label><input type="radio" name="rating" value="${rating}" required${draft?.rating === rating && html` checked`}> ${rating}</label>`)}
  </fieldset>
  <label for="text">What did you make of it?</label>
  <textarea id="text" name="text" rows="4" maxlength="${maxReviewLength}" required>${draft?.text}</textarea>
  <button class="button">Publish</button>
</form>`;
}
