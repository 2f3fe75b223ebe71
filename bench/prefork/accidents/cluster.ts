/** What is usually written around node:cluster: another worker for each that ends, new ones at HUP, one more at TTIN. */
import cluster from 'node:cluster';
import { join } from 'node:path';

cluster.setupPrimary({ exec: join(import.meta.dirname, 'listening.ts') });
for (let started = 0; started < Number(process.env.WORKERS); started++) cluster.fork();
cluster.on('exit', (worker, code, signal) => {
  console.log(`worker ${worker.process.pid} ended: ${signal ?? code}`);
  if (!worker.exitedAfterDisconnect) cluster.fork();
});
process.on('SIGHUP', () => {
  for (const old of Object.values(cluster.workers ?? {})) cluster.fork().once('listening', () => old?.disconnect());
});
process.on('SIGTTIN', () => cluster.fork());
process.on('SIGTERM', () => cluster.disconnect(() => process.exit()));
