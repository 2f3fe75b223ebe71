import type { Books } from './books.ts';
import type { Database } from './database.ts';
import { aboutPage } from './pages/about.ts';
import { logIn, logInPage, logOut, signUp, signUpPage } from './pages/account.ts';
import { bookPage, coverImage, writeReview } from './pages/book.ts';
import { bookListPage, searchPage } from './pages/book-list.ts';
import { homePage } from './pages/home.ts';
import type { Readers } from './readers.ts';
import type { Reviews } from './reviews.ts';
import type { Route } from './router.ts';
import type { Sessions } from './sessions.ts';
import type { Page } from './visit.ts';

export interface Shop {
  readonly database: Database;
  readonly books: Books;
  readonly reviews: Reviews;
  readonly readers: Readers;
  readonly sessions: Sessions;
}

export function routesOf({ database, books, reviews, readers, sessions }: Shop): readonly Route<Page>[] {
  const get = (path: string, handler: Page): Route<Page> => ({ method: 'GET', path, handler });
  const post = (path: string, handler: Page): Route<Page> => ({ method: 'POST', path, handler });
  return [
    get('/', homePage(books, reviews)),
    get('/about', aboutPage),
    get('/books', bookListPage(books)),
    get('/books/:slug', bookPage(books, reviews)),
    post('/books/:slug/reviews', writeReview(books, reviews)),
    get('/covers/:slug.svg', coverImage(books)),
    get('/search', searchPage(books)),
    get('/sign-up', signUpPage),
    post('/sign-up', signUp(readers, sessions)),
    get('/log-in', logInPage),
    post('/log-in', logIn(readers, sessions)),
    post('/log-out', logOut(sessions)),
    get('/healthz', healthPage(database)),
  ];
}

/** Says that requests can be served: the process listens and its database answers. */
function healthPage(database: Database): Page {
  return async () => {
    await database.query('SELECT 1');
    return { status: 200, headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' }, body: 'ok\n' };
  };
}
