import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { buildErrors } from './build-errors.data.ts';

test('docs/errors.md and the catalogue of build errors say the same, both ways', async () => {
  const text = await readFile(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const section = /^## Builds$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const documented = [...section.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, id, meaning]) => [id, meaning]);
  assert.deepEqual(Object.fromEntries(documented), buildErrors);
});
