/** Main of what stands in for control: takes the router's lines and appends them to a file; tells when it is there. */
import { open } from 'node:fs/promises';
import { RouteHub } from '../../packages/platform/src/router/route-hub.ts';

const [socketPath = '', routesFile = '', accessLog = ''] = process.argv.slice(2);
const file = await open(accessLog, 'a');
await RouteHub.open({
  socketPath,
  routesFile,
  onLines: async (lines) => {
    await file.write(lines.map(({ atMs, text }) => `${atMs} ${text}\n`).join(''));
  },
});
process.send?.('open');
