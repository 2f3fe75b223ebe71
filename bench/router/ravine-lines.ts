/** Main of what stands in for control: takes the router's lines and appends them to the file that it is given. */
import { open } from 'node:fs/promises';
import { RouteHub } from '../../packages/platform/src/router/route-hub.ts';

const file = await open(process.argv[2] ?? '', 'a');
await RouteHub.open({
  socketPath: process.env.RAVINE_ROUTER_SOCKET ?? '',
  routesFile: process.env.RAVINE_ROUTES_FILE ?? '',
  onLines: async (lines) => {
    await file.write(lines.map(({ atMs, text }) => `${atMs} ${text}\n`).join(''));
  },
});
process.send?.('open');
