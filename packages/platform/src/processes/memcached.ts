/**
 * Main of the process that is the memcached server of all caches: `FOLDER`, in which are `tenants.json` (port and
 * tenants at the start) and its control socket. Detached, so that no cache is emptied by a restart of anything else.
 */
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveControl } from '../memcached/control-socket.ts';
import { MemcachedServer } from '../memcached/server.ts';
import { readTenants, Tenants } from '../memcached/tenant.ts';

/** Debian's and most others' `nobody`. */
const nobody = 65_534;

const [folder = ''] = process.argv.slice(2);
const settings: { port: number; tenants: unknown } = JSON.parse(await readFile(join(folder, 'tenants.json'), 'utf8'));
const tenants = new Tenants();
tenants.become(readTenants(settings.tenants));
const server = new MemcachedServer(tenants);
// Whoever has the port is the one; a second process ends here.
await server.listen('127.0.0.1', settings.port);
await server.listen('::1', settings.port).catch(() => undefined);
const socket = join(folder, 'control.sock');
await serveControl(socket, { server, tenants, stop: () => process.exit() });
await chmod(socket, 0o600);
process.on('SIGTERM', () => process.exit());
if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}
