import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentTypeOf, mediaTypeOf } from './media-type.ts';

test('a type comes from the extension or the whole name, whatever its case', () => {
  assert.equal(mediaTypeOf('css/app.css'), 'text/css');
  assert.equal(mediaTypeOf('APP.MIN.JS'), 'text/javascript');
  assert.equal(mediaTypeOf('font.woff2'), 'font/woff2');
  assert.equal(mediaTypeOf('apple-app-site-association'), 'application/json');
  assert.equal(mediaTypeOf('crossdomain.xml'), 'text/x-cross-domain-policy');
});

test('what is not known is just bytes, also names that are words of JavaScript', () => {
  for (const name of ['a.unheard-of', 'README', 'a.constructor', '__proto__', 'toString', 'a.'])
    assert.equal(mediaTypeOf(name), 'application/octet-stream', name);
});

test('own types come first', () => {
  assert.equal(mediaTypeOf('a.css', { '.css': 'text/x-own' }), 'text/x-own');
  assert.equal(mediaTypeOf('x/a.css', { 'a.css': 'text/x-name', '.css': 'text/x-own' }), 'text/x-name');
});

test('only texts that say no charset get one', () => {
  assert.equal(contentTypeOf('text/css', 'utf-8'), 'text/css; charset=utf-8');
  assert.equal(contentTypeOf('text/css; charset=koi8-r', 'utf-8'), 'text/css; charset=koi8-r');
  assert.equal(contentTypeOf('text/css', ''), 'text/css');
  assert.equal(contentTypeOf('application/json', 'utf-8'), 'application/json');
});
