import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type RouterUnderTest, startBench } from './vector-bench.fixture.ts';
import type { Travel } from './vector-client.fixture.ts';
import { readVectors } from './vector-file.fixture.ts';
import { runVector } from './vector-run.fixture.ts';

const vectors = readVectors();
const ways: readonly (readonly [Travel, string])[] = [
  ['whole', 'in one piece'],
  ['bytewise', 'one byte a segment'],
  ['tls', 'over TLS'],
];

for (const [travel, how] of ways) {
  describe(`each message of the corpus has its outcome when sent ${how}`, () => {
    let bench: RouterUnderTest | undefined;
    after(() => bench?.[Symbol.asyncDispose]());
    for (const vector of vectors) {
      test(`${vector.name}: ${vector.expected.about}`, async () => {
        // One router serves them all, so that what one message leaves behind meets the next.
        bench ??= await startBench();
        const problems = await runVector(bench, vector, travel);
        if (problems.length > 0) {
          await bench[Symbol.asyncDispose]();
          bench = undefined;
        }
        assert.deepEqual(problems, []);
      });
    }
  });
}
