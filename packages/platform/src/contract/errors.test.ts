import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { apiErrors } from './errors.data.ts';
import { errorBody, PlatformError } from './platform-error.ts';

const documented = async (): Promise<Map<string, { status: number; doc: string }>> => {
  const text = await readFile(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const section = /^## Platform API$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const rows = section.matchAll(/^\| `(\w+)` \| (\d{3}) \| (.+) \|$/gm);
  return new Map([...rows].map(([, id = '', status, doc = '']) => [id, { status: Number(status), doc }]));
};

test('docs/errors.md and the catalogue of the Platform API say the same, both ways', async () => {
  assert.deepEqual(Object.fromEntries(await documented()), apiErrors);
});

test('an error body has id and message, and url, resource and app only where they are known', () => {
  assert.deepEqual(errorBody(new PlatformError('not_found', 'No.', { resource: 'app' })), {
    id: 'not_found',
    message: 'No.',
    resource: 'app',
  });
  assert.deepEqual(errorBody(new PlatformError('conflict', 'Busy.', { app: 'a', url: 'u' })), {
    id: 'conflict',
    message: 'Busy.',
    url: 'u',
    app: { name: 'a' },
  });
});
