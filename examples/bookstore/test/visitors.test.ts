import { deepStrictEqual, doesNotMatch, match, strictEqual } from 'node:assert/strict';
import { after, test } from 'node:test';
import { Browser, openShop } from './shop.ts';

const shop = await openShop();
after(() => shop[Symbol.asyncDispose]());
const visitor = new Browser(shop);

test('each page answers with a title, a main landmark and no script', async () => {
  for (const path of [
    '/',
    '/about',
    '/books',
    '/books/dracula',
    '/search',
    '/search?q=austen',
    '/sign-up',
    '/log-in',
  ]) {
    const response = await new Browser(shop).get(path);
    strictEqual(response.status, 200, path);
    const page = await response.text();
    match(page, /<title>.+ · Lantern Bookstore<\/title>/);
    match(page, /<main id="main"/);
    strictEqual(page.match(/<h1>/g)?.length, 1, path);
    doesNotMatch(page, /<script| style=| on\w+=/);
  }
});

test('every answer carries the security headers, errors and files too', async () => {
  const stylesheet = /href="(\/static\/[^"]+\.css)"/.exec(await visitor.text('/'))?.[1] ?? '';
  for (const path of ['/', '/nowhere', stylesheet, '/covers/dracula.svg', '/healthz']) {
    const { headers } = await visitor.get(path);
    const policy = headers.get('content-security-policy') ?? '';
    match(policy, /default-src 'none'.*frame-ancestors 'none'/);
    doesNotMatch(policy, /unsafe/);
    strictEqual(headers.get('x-content-type-options'), 'nosniff');
    strictEqual(headers.get('referrer-policy'), 'same-origin');
  }
});

test('pages must be asked for again, and a file that is not there is 404', async () => {
  strictEqual((await visitor.get('/')).headers.get('cache-control'), 'private, no-cache');
  strictEqual((await visitor.get('/static/no-such.css')).status, 404);
});

test('the shelf shows every book once over its pages, in order of title', async () => {
  const titles: string[] = [];
  for (const page of [1, 2, 3]) {
    const found = (await visitor.text(`/books?page=${page}`)).matchAll(/<h2><a [^>]*><bdi [^>]*>([^<]+)</g);
    titles.push(...[...found].map((match) => match[1] ?? ''));
  }
  strictEqual(new Set(titles).size, 28);
  deepStrictEqual(titles, titles.toSorted());
});

test('a page that the shelf does not have is 404', async () => {
  for (const page of ['4', '0', '-1', 'x', '1e9', '99999999999']) {
    strictEqual((await visitor.get(`/books?page=${page}`)).status, 404, page);
  }
});

test('search finds words of title and author in any order, without accents or capitals', async () => {
  const found = async (text: string) =>
    (await visitor.text(`/search?q=${encodeURIComponent(text)}`)).match(/\d+ books? found/)?.[0];
  strictEqual(await found('bronte'), '2 books found');
  strictEqual(await found('BRONTË eyre'), '1 book found');
  strictEqual(await found('austen pride'), '1 book found');
  strictEqual(await found('گلستان'), '1 book found');
  strictEqual(await found('\u0645\u062b\u0646\u0648\u064a'), '1 book found', 'with the Arabic yeh');
  for (const literal of ['%', '_', '\\', "'", '\0zz\0'])
    strictEqual(await found(literal), literal === "'" ? '1 book found' : '0 books found');
});

test('what was searched for comes back as text, not as markup', async () => {
  const page = await visitor.text(`/search?q=${encodeURIComponent('"><script>')}`);
  match(page, /&quot;&gt;&lt;script&gt;/);
  doesNotMatch(page, /<script>/);
});

test('a book shows its author, price and reviews; an unknown one is 404', async () => {
  const page = await visitor.text('/books/don-quixote');
  for (const part of ['Miguel de Cervantes', '\\$16\\.00', 'Tomás, bookseller']) match(page, new RegExp(part));
  strictEqual((await visitor.get('/books/fifty-shades')).status, 404);
});

test('HEAD answers as GET does, without the body', async () => {
  const response = await fetch(`${shop.url}/about`, { method: 'HEAD' });
  strictEqual(response.status, 200);
  strictEqual(await response.text(), '');
});

test('the health path says ok', async () => {
  strictEqual(await visitor.text('/healthz'), 'ok\n');
});
