import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from './platform-error.ts';
import { type Page, page, parseRange } from './ranges.ts';

const releases = Array.from({ length: 25 }, (_, index) => ({ version: index + 1, id: `r${index + 1}` }));
const keyOf = (item: { version: number; id: string }, property: string) =>
  property === 'version' ? item.version : item.id;
const ask = (header: string | undefined) => page(releases, parseRange(header, ['version', 'id']), keyOf);
const versions = (header: string | undefined) => ask(header).items.map((item) => item.version);

test('no range, an empty one, and all spellings of the official client are understood', () => {
  assert.equal(ask(undefined).items.length, 25);
  assert.equal(ask('').items.length, 25);
  assert.deepEqual(versions('version ..; max=1, order=desc'), [25]);
  assert.deepEqual(versions('version ..; order=desc,max=2'), [25, 24]);
  assert.equal(ask('id ..; max=1000;').items.length, 25);
  assert.equal(parseRange('id ..; max=5000', ['id']).max, 1000);
});

test('following Next-Range visits every item once, in either order', () => {
  for (const order of ['asc', 'desc']) {
    const seen: number[] = [];
    let next: string | undefined = `version ..; max=7, order=${order}`;
    while (next !== undefined) {
      const part = ask(next);
      seen.push(...part.items.map((item) => item.version));
      next = part.nextRange;
    }
    const expected = releases.map((release) => release.version);
    assert.deepEqual(seen, order === 'asc' ? expected : expected.reverse());
  }
});

test('what has the same key comes in the order of its making, or the reverse, and no page begins in the middle of it', () => {
  const builds = ['02', '02', '05', '05', '05', '07'].map((second, index) => ({ second, made: index + 1 }));
  for (const order of ['asc', 'desc']) {
    const parts: number[][] = [];
    let next: string | undefined = `second ..; max=1, order=${order}`;
    while (next !== undefined) {
      const part: Page<(typeof builds)[number]> = page(builds, parseRange(next, ['second']), ({ second }) => second);
      parts.push(part.items.map(({ made }) => made));
      next = part.nextRange;
    }
    assert.deepEqual(parts, order === 'asc' ? [[1, 2], [3, 4, 5], [6]] : [[6], [5, 4, 3], [2, 1]]);
  }
});

test('bounds are inclusive, or exclusive with brackets', () => {
  assert.deepEqual(versions('version 3..5'), [3, 4, 5]);
  assert.deepEqual(versions('version ]3..5['), [4]);
  assert.equal(ask('version 3..5').contentRange, 'version 3..5');
});

test('a range that can not be read is refused with the properties there are', () => {
  for (const header of [
    'name ..',
    'version ..; max=0',
    'version ..; max=x',
    'version ..; order=up',
    'version .., id ..',
    '][',
  ]) {
    assert.throws(
      () => parseRange(header, ['version', 'id']),
      (error: unknown) => error instanceof PlatformError && error.status === 416 && /version, id/.test(error.message),
      header,
    );
  }
});
