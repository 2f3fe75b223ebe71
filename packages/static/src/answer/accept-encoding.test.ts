import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Coding, chooseVariant } from './accept-encoding.ts';

const variants: readonly { readonly coding: Coding }[] = [
  { coding: 'identity' },
  { coding: 'br' },
  { coding: 'zstd' },
  { coding: 'gzip' },
];
const choose = (header: string | undefined): Coding | undefined => chooseVariant(variants, header)?.coding;

const chosen: readonly (readonly [header: string | undefined, coding: Coding | undefined, why: string])[] = [
  [undefined, 'identity', 'nothing was said'],
  ['', 'identity', 'no coding is wanted'],
  ['*', 'identity', 'anything will do'],
  ['gzip', 'gzip', 'the only one named'],
  ['x-gzip', 'gzip', 'the old name'],
  ['GZIP', 'gzip', 'case does not matter'],
  ['gzip, deflate, br, zstd', 'br', 'the smallest of those named'],
  ['gzip;q=1, br;q=0.1', 'gzip', 'it is wanted most'],
  ['gzip;q=0.5, br;q=0.5', 'br', 'both are wanted alike'],
  ['br;q=0, gzip;q=0', 'identity', 'both are refused'],
  ['gzip;q=0', 'identity', 'refused'],
  ['gzip;q=0.000', 'identity', 'refused with all digits'],
  ['notgzip', 'identity', 'another word that ends the same'],
  ['gzip;q=0.5, identity', 'identity', 'plain is wanted most'],
  ['gzip;q=0.5, identity;q=0.5', 'gzip', 'of equals the smaller'],
  ['identity;q=0', undefined, 'plain is refused and nothing else is named'],
  ['identity;q=0, *', 'br', 'anything but plain'],
  ['*;q=0', undefined, 'everything is refused'],
  ['*;q=0, zstd', 'zstd', 'everything else is refused'],
  ['*;q=0, identity', 'identity', 'everything but plain is refused'],
  ['br;q=0, *', 'identity', 'anything but br will do'],
  ['gzip;q=2', 'identity', 'no weight is above 1'],
  ['gzip;q=x, br', 'br', 'what can’t be read is left out'],
  ['gzip ; q = 0.8 , br ; q=0.7', 'gzip', 'blanks don’t matter'],
  [',,gzip,', 'gzip', 'empty members don’t matter'],
];

for (const [header, coding, why] of chosen) {
  test(`Accept-Encoding ${header === undefined ? 'left out' : `"${header}"`} gets ${coding ?? 'nothing'}: ${why}`, () => {
    assert.equal(choose(header), coding);
  });
}

test('thousands of different headers are understood without being remembered for ever', () => {
  for (let i = 0; i < 5_000; i++) assert.equal(choose(`gzip, x-${i}`), 'gzip');
});
