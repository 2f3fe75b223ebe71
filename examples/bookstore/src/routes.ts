import type { Books } from './books.ts';
import type { Database } from './database.ts';
import type { Media } from './media/media.ts';
import { maxPictureBytes } from './media/picture.ts';
import { aboutPage } from './pages/about.ts';
import { logIn, logInPage, logOut, signUp, signUpPage } from './pages/account.ts';
import { bookPage, writeReview } from './pages/book.ts';
import { bookListPage, searchPage } from './pages/book-list.ts';
import { drawnCover, uploadedCover } from './pages/cover.ts';
import { homePage } from './pages/home.ts';
import { changeLanguage } from './pages/language.ts';
import { addBook, addBookPage, editBookPage, removeReview, saveBook, staffPage } from './pages/staff.ts';
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
  readonly media: Media;
  readonly httpsRedirect: boolean;
}

type Rights = Pick<Route<Page>, 'staff' | 'maxFormBytes'>;

export function routesOf({ database, books, reviews, readers, sessions, media }: Shop): readonly Route<Page>[] {
  const get = (path: string, handler: Page, rights?: Rights): Route<Page> => ({
    method: 'GET',
    path,
    handler,
    ...rights,
  });
  const post = (path: string, handler: Page, rights?: Rights): Route<Page> => ({
    method: 'POST',
    path,
    handler,
    ...rights,
  });
  const staff = { staff: true };
  const upload = { staff: true, maxFormBytes: 2 * maxPictureBytes };
  return [
    get('/', homePage(books, reviews)),
    get('/about', aboutPage),
    get('/books', bookListPage(books)),
    get('/books/:slug', bookPage(books, reviews)),
    post('/books/:slug/reviews', writeReview(books, reviews)),
    get('/covers/:slug.svg', drawnCover(books)),
    get('/covers/:digest.:extension', uploadedCover(media)),
    get('/search', searchPage(books)),
    get('/language/:code', changeLanguage),
    get('/sign-up', signUpPage),
    post('/sign-up', signUp(readers, sessions)),
    get('/log-in', logInPage),
    post('/log-in', logIn(readers, sessions)),
    post('/log-out', logOut(sessions)),
    get('/staff', staffPage(books), staff),
    get('/staff/books/new', addBookPage, staff),
    post('/staff/books/new', addBook(books, media), upload),
    get('/staff/books/:slug', editBookPage(books, reviews), staff),
    post('/staff/books/:slug', saveBook(books, reviews, media), upload),
    post('/staff/books/:slug/remove-review', removeReview(books, reviews), staff),
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
