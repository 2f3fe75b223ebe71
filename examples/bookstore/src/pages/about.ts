import { html } from '../html.ts';
import { page } from '../layout.ts';
import type { Page } from '../visit.ts';

export const aboutPage: Page = (visit) =>
  page(visit, {
    title: 'About',
    main: html`<article class="prose">
  <h1>About this shop</h1>
  <p class="lead">Lantern is a bookshop of one shelf, and an example of how little a web app needs.</p>
  <p>It sells nothing. It shows books, finds them, takes reviews, and knows who you are when you log in. Behind it
    are one Node process and one PostgreSQL database; the pages work without JavaScript in your browser, and the
    covers are drawn by the program from each book’s number.</p>
  <h2>What it keeps about you</h2>
  <p>When you sign up: your name, your e-mail address, and your password in a form that can’t be turned back. When
    you log in: one cookie, which is gone when you log out. Visitors who only look get no cookie at all.</p>
  <h2>Make it yours</h2>
  <p>The whole shop is meant to be copied. Change the books, change the colours, push it, and it is on line.</p>
  <p><a class="button" href="/books">Back to the shelf</a></p>
</article>`,
  });
