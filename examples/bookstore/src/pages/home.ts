import { cover, shelf, stars } from '../book-parts.ts';
import type { Books } from '../books.ts';
import { html } from '../html.ts';
import { page } from '../layout.ts';
import type { Reviews } from '../reviews.ts';
import type { Page } from '../visit.ts';

export function homePage(books: Books, reviews: Reviews): Page {
  return async (visit) => {
    const [favourites, latest] = await Promise.all([books.favourites(6), reviews.latest(3)]);
    return page(visit, {
      title: 'Old books, well lit',
      main: html`<section class="hero">
  <div>
    <h1>Old books,<br>well lit.</h1>
    <p class="lead">Two dozen classics that never went out of print, chosen and argued over by three booksellers. Find one, read what others made of it, say what you think.</p>
    <p><a class="button" href="/books">Browse the shelf</a></p>
  </div>
  <div class="fan" aria-hidden="true">${favourites.slice(0, 3).map((book) => cover(book, ''))}</div>
</section>
<section aria-labelledby="favourites">
  <div class="section-head"><h2 id="favourites">Readers’ favourites</h2><a href="/books">All books</a></div>
  ${shelf(favourites, 3)}
</section>
<section aria-labelledby="heard">
  <h2 id="heard">Overheard in the shop</h2>
  <div class="quotes">${latest.map(
    (review) => html`<figure>
    <blockquote><p>${review.text}</p></blockquote>
    <figcaption>${stars(review.rating)} ${review.reader} on <a href="/books/${review.slug}">${review.title}</a></figcaption>
  </figure>`,
  )}</div>
</section>`,
    });
  };
}
