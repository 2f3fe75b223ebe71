import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BuildContexts } from './build-contexts.ts';
import { Engine } from './engine.ts';

/** On a real engine every other build would come in between. */
test('of the contexts that BuildKit keeps, those of our builds are removed once they are let go of, and nobody else loses one', async () => {
  const startedAt = new Date();
  const record = (ID: string, change: object = {}) => ({
    ID,
    Description: `http url http://build-context-${ID}`,
    InUse: false,
    CreatedAt: startedAt.toISOString(),
    ...change,
  });
  const held = record('held', { InUse: true });
  const BuildCache = [
    record('ours'),
    held,
    record('layer', { Description: 'mount / from exec /bin/sh -c make' }),
    record('earlier', { CreatedAt: new Date(startedAt.getTime() - 60_000).toISOString() }),
    record('later', { CreatedAt: new Date(startedAt.getTime() + 3_600_000).toISOString() }),
  ];
  const asked: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'build-contexts-'));
  const server = createServer(({ url = '' }, response) => {
    asked.push(decodeURIComponent(url.replace(/^\/v1\.41/, '')));
    response.end(JSON.stringify(url.includes('/system/df') ? { BuildCache } : {}));
  }).listen(join(folder, 'engine.sock'));
  await once(server, 'listening');
  {
    const version = { api: '1.41', version: '20.10.24', isPodman: false };
    using engine = new Engine({ kind: 'socket', path: join(folder, 'engine.sock') }, version);
    const contexts = new BuildContexts(engine);
    await contexts.removeSpent();
    assert.deepEqual(asked, [], 'nothing was built');
    contexts.note(startedAt);
    await contexts.removeSpent();
    BuildCache[0] = { ...held, InUse: false };
    await contexts.removeSpent();
  }
  const list = '/system/df?type=build-cache';
  const prune = (id: string): string => `/build/prune?filters={"id":["${id}"]}`;
  assert.deepEqual(asked, [list, prune('ours'), list, prune('held')]);
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});
