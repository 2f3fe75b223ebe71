import { notAvailable, notFound } from '../../contract/platform-error.ts';
import { ownDomainShape } from '../../contract/shapes/app-parts.ts';
import { list, ok } from '../answer.ts';
import { type Endpoint, onApp, param } from '../endpoint.ts';
import type { Services } from '../services.ts';

/** Each app's own host name; domains of one's own are not available yet. */
export const domainEndpoints = ({ urls }: Pick<Services, 'urls'>): Endpoint[] => [
  onApp('GET', '/apps/:app/domains', 'view', async (call) =>
    list(call.headers.range, [ownDomainShape(call.app, urls.appHost(call.app.name))], ['hostname', 'id']),
  ),
  onApp('GET', '/apps/:app/domains/:domain', 'view', async (call) => {
    const own = ownDomainShape(call.app, urls.appHost(call.app.name));
    const wanted = param(call, 'domain');
    if (wanted !== own.hostname && wanted !== own.id) throw notFound('domain');
    return ok(own);
  }),
  onApp('POST', '/apps/:app/domains', 'own', async () => {
    throw notAvailable('Custom domains');
  }),
];
