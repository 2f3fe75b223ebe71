import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlobCache } from './blob-cache.ts';

const megabyte = Buffer.alloc(1024 * 1024);

test('what was not read for longest goes first when more is kept than there is room for', () => {
  const cache = new BlobCache();
  for (let index = 0; index < 16; index++) cache.keep(`blob ${index}`, megabyte);
  assert.ok(cache.get('blob 0'));
  cache.keep('one more', megabyte);
  assert.ok(cache.get('blob 0'), 'it was read just now');
  assert.equal(cache.get('blob 1'), undefined);
});

test('what was forgotten or kept twice takes no room', () => {
  const cache = new BlobCache();
  cache.keep('first', megabyte);
  for (let index = 0; index < 40; index++) {
    cache.keep('again', megabyte);
    cache.keep('gone', megabyte);
    cache.forget('gone');
  }
  assert.ok(cache.get('first'));
  assert.equal(cache.get('gone'), undefined);
});
