import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { deflateParts } from './deflate-parts.ts';

test('parts of any size and content become one zlib stream that any reader takes', async () => {
  const noise = randomBytes(900_000);
  const cases: readonly (readonly Buffer[])[] = [
    [],
    [Buffer.alloc(0)],
    [Buffer.from('a')],
    [Buffer.alloc(1_500_000, 'abc'), Buffer.alloc(0), Buffer.from('d'), noise, Buffer.alloc(3_000_000, 255)],
    Array.from({ length: 40 }, (_, n) => noise.subarray(n, n * 1000)),
  ];
  for (const parts of cases) {
    const stream = await buffer(deflateParts(Readable.from(parts)));
    assert.ok(inflateSync(stream).equals(Buffer.concat(parts)));
  }
});
