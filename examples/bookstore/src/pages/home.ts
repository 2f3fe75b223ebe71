import { cover, shelf, stars } from '../book-parts.ts';
import type { Books } from '../books.ts';
import { html } from '../html.ts';
import { page } from '../layout.ts';
import type { Reviews } from '../reviews.ts';
import type { Page } from '../visit.ts';

export function homePage(books: Books, reviews: Reviews): Page {
  return async (visit) => {
    const { language } = visit;
    const { words } = language;
    const [favourites, latest] = await Promise.all([books.favourites(language.code), reviews.latest()]);
    return page(visit, {
      title: words.homeTitle,
      main: html`<section class="hero">
  <div>
    <h1>${words.homeTitle}</h1>
    <p class="lead">${words.homeLead}</p>
    <p><a class="button" href="/books">${words.browse}</a></p>
  </div>
  <div class="fan" aria-hidden="true">${favourites.slice(0, 3).map((book) => cover(book, ''))}</div>
</section>
<section aria-labelledby="favourites">
  <div class="section-head"><h2 id="favourites">${words.favourites}</h2><a href="/books">${words.allBooks}</a></div>
  ${shelf(language, favourites, 3)}
</section>
<section aria-labelledby="heard">
  <h2 id="heard">${words.overheard}</h2>
  <div class="quotes">${latest.map(
    (review) => html`<figure>
    <blockquote><p dir="auto">${review.text}</p></blockquote>
    <figcaption>${stars(language, review.rating)} <bdi>${review.reader}</bdi> ${words.on} <a href="/books/${review.slug}"><bdi>${review.title}</bdi></a></figcaption>
  </figure>`,
  )}</div>
</section>`,
    });
  };
}
