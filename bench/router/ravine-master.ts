/** Main of what stands in for the supervisor: one router worker; tells its port. */
import { join } from 'node:path';
import { startMaster } from '@ravine/prefork';

const worker = '../../packages/platform/src/processes/router-worker.ts';
const master = await startMaster({
  log: (line) => console.error(line),
  groups: [
    { name: 'router', script: join(import.meta.dirname, worker), workers: 1, listen: { host: '127.0.0.1', port: 0 } },
  ],
});
if (!(await master.started)) throw new Error('expected a router worker to start, but it ended');
process.on('SIGTERM', () => void master.stop().then(() => process.exit(0)));
process.send?.(master.addresses.get('router')?.port);
