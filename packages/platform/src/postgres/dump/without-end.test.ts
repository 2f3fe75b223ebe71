import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { withoutEnd } from './without-end.ts';

const end = '\\.\n\n\n';

test('the mark that ends rows is left out, wherever pieces end', async () => {
  for (const rows of ['', '1\n', '1\\\\.\tb\n2\tsome longer text\n\n']) {
    const bytes = Buffer.from(rows + end);
    for (let first = 0; first <= bytes.length; first += 1) {
      for (let second = first; second <= bytes.length; second += 1) {
        const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        const kept = await Array.fromAsync(withoutEnd(Readable.from(pieces)));
        assert.equal(Buffer.concat(kept).toString(), rows, `in pieces to ${first} and to ${second}`);
      }
    }
  }
});

test('rows without a mark are as they were', async () => {
  const kept = await Array.fromAsync(withoutEnd(Readable.from([Buffer.from('1\n2\n')])));
  assert.equal(Buffer.concat(kept).toString(), '1\n2\n');
});
