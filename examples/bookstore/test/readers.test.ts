import { doesNotMatch, match, strictEqual } from 'node:assert/strict';
import { after, test } from 'node:test';
import { localPath } from '../src/local-path.ts';
import { Browser, openShop } from './shop.ts';

const shop = await openShop();
after(() => shop[Symbol.asyncDispose]());

const ada = { name: 'Ada <3', email: 'Ada@Example.com', password: 'four words make one' };

async function signUp(reader = ada, headers = {}) {
  const browser = new Browser(shop, headers);
  return { browser, response: await browser.submit('/sign-up', '/sign-up', reader) };
}

test('a reader signs up, logs out and logs in again, whatever the capitals of the e-mail address', async () => {
  const { browser, response } = await signUp();
  strictEqual(response.status, 303);
  match(await browser.text('/'), /Ada &lt;3/);

  strictEqual((await browser.submit('/', '/log-out', {})).status, 303);
  strictEqual(browser.cookie, '');
  doesNotMatch(await browser.text('/'), /Ada/);

  const entered = await browser.submit('/log-in', '/log-in', { email: 'ada@example.com', password: ada.password });
  strictEqual(entered.headers.get('location'), '/');
  match(await browser.text('/'), /Ada &lt;3/);
});

test('a copied cookie is worth nothing after its owner has logged out', async () => {
  const { browser } = await signUp({ ...ada, email: 'copied@example.com' });
  const thief = new Browser(shop);
  thief.cookie = browser.cookie;
  match(await thief.text('/'), /Log out/);
  await browser.submit('/', '/log-out', {});
  doesNotMatch(await thief.text('/'), /Log out/);
});

test('logging in changes the session, so one planted before it stays anonymous', async () => {
  const { browser } = await signUp({ ...ada, email: 'planted@example.com' });
  await browser.submit('/', '/log-out', {});
  await browser.get('/log-in');
  const planted = new Browser(shop);
  planted.cookie = browser.cookie;
  await browser.submit('/log-in', '/log-in', { email: 'planted@example.com', password: ada.password });
  match(await browser.text('/'), /Log out/);
  doesNotMatch(await planted.text('/'), /Log out/);
});

test('the cookie is kept from scripts and other sites, and is Secure when the browser came over https', async () => {
  const set = async (headers: Record<string, string>) =>
    (await new Browser(shop, headers).get('/log-in')).headers.get('set-cookie') ?? '';
  match(await set({}), /; HttpOnly; SameSite=Lax$/);
  match(await set({ 'x-forwarded-proto': 'https' }), /; HttpOnly; SameSite=Lax; Secure$/);
});

test('who only looks gets no cookie', async () => {
  for (const path of ['/', '/books', '/books/candide', '/search?q=a']) {
    strictEqual((await new Browser(shop).get(path)).headers.get('set-cookie'), null, path);
  }
});

test('a form without the token of its own session is refused', async () => {
  const browser = new Browser(shop);
  strictEqual((await browser.post('/sign-up', ada)).status, 403);
  await browser.get('/sign-up');
  strictEqual((await browser.post('/sign-up', { ...ada, csrf: '' })).status, 403);
  const other = /name="csrf" value="([^"]+)"/.exec(await new Browser(shop).text('/sign-up'))?.[1] ?? '';
  strictEqual((await browser.post('/sign-up', { ...ada, csrf: other })).status, 403);
});

test('a cookie with a changed signature is no cookie', async () => {
  const { browser } = await signUp({ ...ada, email: 'changed@example.com' });
  browser.cookie = `${browser.cookie.slice(0, -4)}AAAA`;
  doesNotMatch(await browser.text('/'), /Log out/);
});

test('bad entries are explained, and what was typed stays, except the password', async () => {
  for (const [entry, words] of [
    [{ name: ' ' }, 'Give a name'],
    [{ email: 'nowhere' }, 'Give an e-mail address'],
    [{ password: 'short' }, 'at least 10 characters'],
    [{ email: 'MINA@bookstore.example' }, 'has an account already'],
  ] as const) {
    const { response } = await signUp({ ...ada, name: 'Grace', ...entry });
    strictEqual(response.status, 422);
    const page = await response.text();
    match(page, new RegExp(`role="alert">[^<]*${words}`));
    if (!('name' in entry)) match(page, /value="Grace"/);
    doesNotMatch(page, new RegExp(ada.password));
  }
});

test('a wrong password and an unknown e-mail address get the same answer; booksellers without password can’t log in', async () => {
  for (const email of ['ada@example.com', 'nobody@example.com', 'mina@bookstore.example']) {
    const response = await new Browser(shop).submit('/log-in', '/log-in', { email, password: '' });
    strictEqual(response.status, 422);
    match(await response.text(), /don’t belong together/);
  }
});

test('after log-in a reader comes back to the page, but never to another site', async () => {
  await signUp({ ...ada, email: 'next@example.com' });
  const entry = { email: 'next@example.com', password: ada.password, next: '/books/candide' };
  const response = await new Browser(shop).submit('/log-in', '/log-in', entry);
  strictEqual(response.headers.get('location'), '/books/candide');
  for (const next of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/a\r\nset-cookie: x=y',
    '/\t/evil.example',
    '',
  ]) {
    strictEqual(localPath(next), '/', next);
  }
});

test('a reader reviews a book, and a second review replaces the first', async () => {
  const { browser } = await signUp({ ...ada, email: 'critic@example.com' });
  const book = '/books/anna-karenina';
  for (const text of ['First thought.', 'Second <i>thought</i>.\0']) {
    const response = await browser.submit(book, `${book}/reviews`, { rating: '4', text });
    strictEqual(response.headers.get('location'), `${book}#reviews`);
  }
  const page = await browser.text(book);
  match(page, /Second &lt;i&gt;thought&lt;\/i&gt;\./);
  doesNotMatch(page, /First thought/);
});

test('a review without stars, words or a reader is not published', async () => {
  const { browser } = await signUp({ ...ada, email: 'silent@example.com' });
  const book = '/books/candide';
  for (const fields of [
    { rating: '6', text: 'x' },
    { rating: '', text: 'x' },
    { rating: '3', text: ' ' },
    { rating: '3', text: 'x'.repeat(2001) },
  ]) {
    strictEqual((await browser.submit(book, `${book}/reviews`, fields)).status, 422);
  }
  const stranger = await new Browser(shop).submit('/log-in', `${book}/reviews`, { rating: '3', text: 'x' });
  strictEqual(stranger.headers.get('location'), `/log-in?next=${book}`);
});

test('a form that is too large or no form at all is refused', async () => {
  const browser = new Browser(shop);
  strictEqual((await browser.submit('/log-in', '/log-in', { email: 'x'.repeat(40_000) })).status, 413);
  const json = await fetch(`${shop.url}/log-in`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  strictEqual(json.status, 415);
});
