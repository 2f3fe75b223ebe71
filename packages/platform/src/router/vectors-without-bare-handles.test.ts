import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { RouterUnderTest } from './vector-bench.fixture.ts';
import { readVectors } from './vector-file.fixture.ts';

// Before any file of the router is loaded: each looks once for what Node doesn't document.
const { binding } = process as unknown as { binding(name: string): { TLSWrap: { prototype: object } } }; // undocumented
Object.assign(binding('tls_wrap').TLSWrap.prototype, { useUserBuffer: undefined });
Object.defineProperty(process, 'binding', { value: undefined });
const { bareSystem } = await import('./http1/bare-handle.ts');
const { startBench } = await import('./vector-bench.fixture.ts');
const { runVector } = await import('./vector-run.fixture.ts');

test('every message of the corpus has the same outcome on a Node without anything that it does not document', async () => {
  assert.equal(bareSystem, undefined);
  let bench: RouterUnderTest | undefined;
  after(() => bench?.[Symbol.asyncDispose]());
  bench = await startBench();
  const problems: string[] = [];
  for (const vector of readVectors()) {
    for (const travel of ['whole', 'tls'] as const) {
      const found = await runVector(bench, vector, travel);
      problems.push(...found.map((problem) => `${vector.name}, ${travel}: ${problem}`));
    }
  }
  assert.deepEqual(problems, []);
});
