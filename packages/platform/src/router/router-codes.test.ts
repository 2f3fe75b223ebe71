import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { routerCodes } from './router-codes.data.ts';

test('docs/errors.md and the catalogue of router codes say the same, both ways', async () => {
  const text = await readFile(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const section = /^## Router$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const documented = [...section.matchAll(/^\| `(\w+)` \| (.+?) \| (\d+) \| .+ \|$/gm)].map(
    ([, code, desc, status]) => [code, `${desc} ${status}`],
  );
  const known = Object.entries(routerCodes).map(([code, { desc, status }]) => [code, `${desc} ${status}`]);
  assert.deepEqual(documented, known);
});
