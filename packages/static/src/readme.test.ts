import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { settings } from './settings.data.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the README has every setting, as the table of settings says it', () => {
  const rows = settings.map(
    ({ name, flag, usedBy, fallback, doc }) =>
      `| \`${name}\`${flag === undefined ? '' : ` \`${flag}\``} | ${{ serve: 'server', collect: 'collectstatic', both: 'both' }[usedBy]} | ${fallback} | ${doc} |`,
  );
  const table = [
    '| setting, flag | heeded by | without it | what it says |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
  const shown = /<!-- settings -->\n\n([\s\S]*?)\n\n<!-- \/settings -->/.exec(readme)?.[1];
  assert.equal(shown, table, `expected the README to have this table:\n${table}`);
});
