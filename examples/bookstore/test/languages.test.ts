import { deepStrictEqual, doesNotMatch, match, strictEqual } from 'node:assert/strict';
import { after, test } from 'node:test';
import { english } from '../src/languages/english.ts';
import { chooseLanguage } from '../src/languages/language.ts';
import { persian } from '../src/languages/persian.ts';
import { Browser, openShop } from './shop.ts';

const shop = await openShop();
after(() => shop[Symbol.asyncDispose]());

test('the browser’s languages count in the order of their weights, then English', () => {
  const chosen = (header?: string) => chooseLanguage(header === undefined ? {} : { 'accept-language': header }).code;
  strictEqual(chosen(), 'en');
  strictEqual(chosen('fa-IR,fa;q=0.9,en;q=0.8'), 'fa');
  strictEqual(chosen('en;q=0.5, fa;q=0.7'), 'fa');
  strictEqual(chosen('de, fa;q=0.1'), 'fa');
  strictEqual(chosen('fa;q=0, de'), 'en');
  strictEqual(chosen('%%%;q=x'), 'en');
});

test('a Persian page is Persian from right to left, with Persian digits, and keeps English books English', async () => {
  const reader = new Browser(shop, { 'accept-language': 'fa' });
  const response = await reader.get('/books/golestan');
  strictEqual(response.headers.get('content-language'), 'fa');
  const page = await response.text();
  match(page, /<html lang="fa" dir="rtl">/);
  match(page, /۱۲۵۸/);
  match(page, /<time datetime="2026-02-21">۲ اسفند ۱۴۰۴<\/time>/);
  match(await reader.text('/books/dracula'), /<span lang="en" dir="auto">Dracula<\/span>/);
  match(await reader.text('/nowhere'), new RegExp(persian.refusals[404]));
});

test('the choice of a language is kept, leads back to the page, and outweighs the browser’s', async () => {
  const reader = new Browser(shop);
  const link = /href="(\/language\/fa\?next=[^"]+)"/.exec(await reader.text('/search?q=time machine'))?.[1] ?? '';
  const response = await reader.get(link);
  strictEqual(response.headers.get('location'), '/search?q=time+machine');
  match(await reader.text('/about'), /dir="rtl"/);
  await reader.get('/language/en');
  match(await reader.text('/about'), /dir="ltr"/);
  strictEqual((await reader.get('/language/tlh')).status, 404);
  strictEqual((await reader.get('/language/fa?next=//evil.example')).headers.get('location'), '/');
});

test('no page of the Persian shop says an English word of the shop', async () => {
  const reader = new Browser(shop, { 'accept-language': 'fa' });
  const said = Object.values(english).filter((words) => typeof words === 'string' && words.length > 3);
  for (const path of ['/', '/books', '/books/golestan', '/search', '/search?q=zzz', '/log-in', '/sign-up']) {
    const page = await reader.text(path);
    for (const words of said) doesNotMatch(page, new RegExp(`>${words}<`), path);
  }
});

test('both languages have words for the same things', () => {
  deepStrictEqual(Object.keys(persian).sort(), Object.keys(english).sort());
});
