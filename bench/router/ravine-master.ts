/** Main of what stands in for the supervisor: one router worker; tells its port. */
import { startMaster } from '@ravine/prefork';
import { routerGroup } from '../../packages/platform/src/cli/router-group.ts';

const [socket = '', routes = ''] = process.argv.slice(2);
const master = await startMaster({
  log: (line) => console.error(line),
  groups: [routerGroup({ workers: 1, listen: { host: '127.0.0.1', port: 0 }, socket, routes })],
});
if (!(await master.started)) throw new Error('expected a router worker to start, but it ended');
process.on('SIGTERM', () => void master.stop().then(() => process.exit(0)));
process.send?.(master.addresses.get('router')?.port);
