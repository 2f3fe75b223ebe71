/** Main of one router worker; started by the supervisor, which holds the listening socket. */
import { flushCompileCache } from 'node:module';
import { dirname, join } from 'node:path';
import { inheritedListeners, onStop, ready } from '@ravine/prefork';
import { createRouter } from '../router/create-router.ts';
import { RouteLink } from '../router/route-link.ts';
import { RouteTable } from '../router/route-table.ts';
import { readRoutes } from '../router/routes-file.ts';
import { PemCertificates } from '../wire/pem-certificates.ts';

const fromEnvironment = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`expected ${name} to be set, got nothing; router workers are started by \`ravine up\``);
  return value;
};
const log = (text: string): void => console.error(`router ${process.pid}: ${text}`);

const socketPath = fromEnvironment('RAVINE_ROUTER_SOCKET');
const routesFile = fromEnvironment('RAVINE_ROUTES_FILE');
const listeners = inheritedListeners();

const table = new RouteTable();
const routes = await readRoutes(routesFile);
if (routes) table.apply(routes);

const link = new RouteLink({ socketPath, table, log });
const router = createRouter({
  table,
  onLine: (line) => link.send(line),
  onFault: (fault) => log(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)),
  onRefused: log,
  certificates: new PemCertificates((host) => table.certificateFile(host)),
  ticketKeyFile: join(dirname(socketPath), 'tls-tickets.key'),
});
onStop(async () => {
  await router.close();
  await link.close();
});
for (const listener of listeners) await router.listen(listener);
ready();
flushCompileCache();
