import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { errorLine, logCodes } from './log-codes.data.ts';

test('docs/errors.md and the catalogue of log codes say the same, both ways', async () => {
  const text = await readFile(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const section = /^## Dynos and logs$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const documented = [...section.matchAll(/^\| `(\w+)` \| (.+?) \| (.+) \|$/gm)].map(([, code = '', title, doc]) => [
    code,
    { title, doc },
  ]);
  assert.deepEqual(Object.fromEntries(documented), logCodes);
});

test('a log line names the code and its title as Heroku does', () => {
  assert.equal(errorLine('R10'), 'Error R10 (Boot timeout)');
});
