/**
 * Main of what stands in for control: takes the router's lines and appends them to a file; tells when it is there.
 * It may also publish routes at a steady pace, each time with another dyno for one of the apps.
 */
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynoId } from '../../packages/platform/src/domain/ids.ts';
import { RouteHub } from '../../packages/platform/src/router/route-hub.ts';

const [socketPath = '', routesFile = '', accessLog = '', publishesPerSecond = '0'] = process.argv.slice(2);
const file = await open(accessLog, 'a');
const hub = await RouteHub.open({
  socketPath,
  routesFile,
  onLines: async (lines) => {
    await file.write(lines.map(({ atMs, text }) => `${atMs} ${text}\n`).join(''));
  },
});
process.send?.('open');

const apps = Object.values(hub.snapshot?.apps ?? {});
const pauseMs = 1_000 / Number(publishesPerSecond);
for (let number = 1; Number.isFinite(pauseMs); number += 1) {
  const { snapshot } = hub;
  const app = apps[(number * 7) % apps.length];
  if (!snapshot || !app) throw new Error('expected routes to change, got none');
  const dynos = app.dynos.map((dyno) => ({ ...dyno, id: `${app.name}-${number}` as DynoId })); // as in ravine.ts
  const nextAtMs = performance.now() + pauseMs;
  await hub.publish({
    ...snapshot,
    version: snapshot.version + 1,
    apps: { ...snapshot.apps, [app.id]: { ...app, dynos } },
  });
  await sleep(Math.max(0, nextAtMs - performance.now()));
}
