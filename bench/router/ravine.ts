import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppId, DynoId } from '../../packages/platform/src/domain/ids.ts';
import type { RoutedApp, RouteSnapshot } from '../../packages/platform/src/domain/route-snapshot.ts';
import type { Contender } from './contender.ts';
import { otherCore, Pinned, proxyCore } from './pinned.ts';
import { echoHost, hostsOf, mainHost, type Site } from './site.ts';

const appOf = (name: string, port: number): RoutedApp => ({
  id: name as AppId, // a name is as good as a UUID to the router, and the same in each run
  name,
  state: 'up',
  maintenance: false,
  dynos: [{ id: `${name}-web-1` as DynoId, name: 'web.1', host: '127.0.0.1', port }], // as above
});

const snapshotOf = (site: Site): RouteSnapshot => {
  const hosts = hostsOf(site);
  const apps = [
    appOf(mainHost, site.upstreamPort),
    appOf(echoHost, site.echoPort),
    ...hosts.map((host) => appOf(host, site.upstreamPort)),
  ];
  return {
    version: 1,
    apps: Object.fromEntries(apps.map((app) => [app.id, app])),
    hosts: Object.fromEntries(apps.map(({ name, id }) => [name, id])),
    certificates: { [mainHost]: site.certificate, [echoHost]: site.certificate },
  };
};

/**
 * One router worker under prefork, as `ravine up` starts it. What control does with its lines is done by a process on
 * the other core; the proxy's time holds all that the worker does to hand them over.
 */
export const startRavine = async (
  site: Site,
  stack: AsyncDisposableStack,
  { publishesPerSecond = 0 } = {},
): Promise<Contender> => {
  const folder = join(site.folder, `ravine-${site.routes}${publishesPerSecond > 0 ? '-churning' : ''}`);
  await mkdir(folder);
  const routesFile = join(folder, 'routes.json');
  await writeFile(routesFile, JSON.stringify(snapshotOf(site)));
  const socket = join(folder, 'router.sock');
  const accessLog = join(folder, 'access.log');
  const output = join(folder, 'output.log');
  const script = (name: string): string[] => [process.execPath, join(import.meta.dirname, name), socket, routesFile];
  const control = [...script('ravine-lines.ts'), accessLog, String(publishesPerSecond)];
  const lines = stack.use(await Pinned.start(control, { core: otherCore, output }));
  await lines.tells();
  const server = stack.use(await Pinned.start(script('ravine-master.ts'), { core: proxyCore, output }));
  const port = await server.tells<number>();
  return { name: 'ravine', server, httpPort: port, tlsPort: port, accessLog };
};
