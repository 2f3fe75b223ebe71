import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine } from './engine.ts';
import { limitBuilds, whyUnlimited } from './limit-builds.ts';

/** An engine whose control groups are systemd's: nothing more of it is asked. */
test('builds of an engine that leaves control groups to systemd are not said to be limited', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'limit-builds-'));
  const server = createServer((_request, response) => response.end('{"CgroupDriver":"systemd"}'));
  server.listen(join(folder, 'engine.sock'));
  await once(server, 'listening');
  const version = { api: '1.47', version: '28.0.0', isPodman: false };
  {
    using engine = new Engine({ kind: 'socket', path: join(folder, 'engine.sock') }, version);
    const reason = process.getuid?.() === 0 ? 'its control groups are those of systemd' : 'Ravine does not run as root';
    assert.equal(await whyUnlimited(engine), reason);
    assert.equal(await limitBuilds(engine, { memoryBytes: 1, cpuShares: 1 }), false);
    using podman = new Engine(engine.endpoint, { ...version, isPodman: true });
    assert.equal(await whyUnlimited(podman), undefined, 'it takes limits with each build');
  }
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});
