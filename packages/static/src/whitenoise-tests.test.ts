import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');

test('every test that the table of WhiteNoise’s promises names is there', () => {
  const names = globSync('**/*.{test,fixture}.ts', { cwd: import.meta.dirname })
    .map(read)
    .join('\n');
  const tables = read('../docs/whitenoise-tests.md');
  const rows = [...tables.matchAll(/^\| (?!---|WhiteNoise \||Django \||fault \|).+ \| (.+) \|$/gm)];
  const quoted = rows.flatMap(([, here = '']) => [...here.matchAll(/`([^`]{12,})`/g)].map(([, name = '']) => name));
  assert.ok(quoted.length > 60, `${quoted.length} names were found`);
  assert.deepEqual(
    quoted.filter((name) => !names.includes(name)),
    [],
  );
});
