import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { createRouter, type Route } from '../src/router.ts';

const routes: Route<string>[] = [
  { method: 'GET', path: '/', handler: 'home' },
  { method: 'GET', path: '/books/:slug', handler: 'book' },
  { method: 'POST', path: '/books/:slug/reviews', handler: 'review' },
  { method: 'GET', path: '/covers/:slug.svg', handler: 'cover' },
];
const find = createRouter(routes);

test('a path finds its handler and its parameters', () => {
  deepStrictEqual({ ...find('GET', '/books/moby-dick').params }, { slug: 'moby-dick' });
  strictEqual(find('GET', '/covers/moby-dick.svg').route.handler, 'cover');
  strictEqual(find('HEAD', '/').route.handler, 'home');
});

test('an unknown path is 404, also when it is nearly right', () => {
  for (const path of ['/book', '/books/', '/books/a/b', '/books/%2e', '/books/Moby', '/covers/moby-dickxsvg', '//']) {
    throws(() => find('GET', path), { status: 404 }, path);
  }
});

test('a known path with another method is 405 and says which methods it takes', () => {
  throws(() => find('GET', '/books/moby-dick/reviews'), { status: 405, headers: { allow: 'POST' } });
  throws(() => find('DELETE', '/'), { status: 405, headers: { allow: 'GET, HEAD' } });
});
