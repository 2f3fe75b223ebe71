import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { json } from 'node:stream/consumers';
import type { MemcachedServer } from './server.ts';
import { statistics } from './statistics.ts';
import { readTenants, type Tenants } from './tenant.ts';

const { createServer } = process.getBuiltinModule('node:http');

/** What the server of all caches is told over its Unix socket, which only its owner may open. */
export interface ControlParts {
  readonly server: MemcachedServer;
  readonly tenants: Tenants;
  /** Ends the process. */
  readonly stop: () => void;
}

/**
 * `GET /` answers the pid; `PUT /tenants` says who the tenants are; `GET /tenants/ID` answers counters and
 * `DELETE /tenants/ID/items` forgets all items of one; `DELETE /` stops the process.
 */
export const serveControl = async (path: string, { server, tenants, stop }: ControlParts): Promise<Server> => {
  const http = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const [, what, id = '', rest] = (request.url ?? '').split('/');
    const tenant = what === 'tenants' ? tenants.get(id) : undefined;
    const handle = async (): Promise<void> => {
      const asked = `${request.method} ${what}${id === '' ? '' : ' one'}${rest === undefined ? '' : ` ${rest}`}`;
      if (asked === 'GET ') return answer(200, { pid: process.pid });
      if (asked === 'DELETE ') {
        response.once('finish', stop);
        return answer(200, {});
      }
      if (asked === 'PUT tenants') {
        tenants.become(readTenants(await json(request)));
        server.inspect();
        return answer(200, {});
      }
      if (tenant === undefined) return answer(404, { error: 'there is no such tenant' });
      if (asked === 'GET tenants one') return answer(200, Object.fromEntries(statistics(tenant)));
      if (asked !== 'DELETE tenants one items') return answer(404, { error: 'there is no such action' });
      tenant.cache.clear();
      return answer(200, {});
    };
    handle().catch((error) => answer(400, { error: String(error) }));
  });
  await rm(path, { force: true });
  http.listen(path);
  await once(http, 'listening');
  return http;
};
