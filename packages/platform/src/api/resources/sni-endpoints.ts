import { randomUUID } from 'node:crypto';
import { randomAppName } from '../../contract/app-name.ts';
import { covers } from '../../contract/hostname.ts';
import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { sniEndpointShape } from '../../contract/shapes/sni-endpoint.ts';
import type { SniEndpointId } from '../../domain/ids.ts';
import type { App } from '../../store/apps.ts';
import type { Database } from '../../store/database.ts';
import { domains } from '../../store/domains.ts';
import { sniEndpoints, type UsedSniEndpoint } from '../../store/sni-endpoints.ts';
import { created, list, ok } from '../answer.ts';
import { logEvent } from '../app-events.ts';
import { type AppCall, type Endpoint, onApp, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { keepCertificate } from '../keep-certificate.ts';
import type { Services } from '../services.ts';

type Uses = Pick<Services, 'db' | 'keyring' | 'domainChanges' | 'logs' | 'now'>;

/** Certificates that an app's domains are served with (`heroku certs`). */
export const sniEndpointEndpoints = (services: Uses): Endpoint[] => {
  const { db, keyring, now, logs, domainChanges } = services;
  const changed = async (call: AppCall, what: string): Promise<void> => {
    logEvent(logs.sink, call.app.id, `${what} by user ${call.account.email}`);
    domainChanges.nudgeAcm();
    await domainChanges.routed(call.app.id);
  };

  return [
    onApp('GET', '/apps/:app/sni-endpoints', 'view', async ({ app, headers }) => {
      const all = (await sniEndpoints.ofApp(db, app.id)).map((endpoint) => sniEndpointShape(endpoint, app));
      return list(headers.range, all, ['name', 'id']);
    }),
    onApp('GET', '/apps/:app/sni-endpoints/:endpoint', 'view', async (call) =>
      ok(sniEndpointShape(await find(db, call), call.app)),
    ),
    onApp('POST', '/apps/:app/sni-endpoints', 'operate', async (call) => {
      const { app, requestKey } = call;
      const again = requestKey === null ? undefined : await sniEndpoints.byRequestKey(db, requestKey);
      if (again !== undefined) return created(sniEndpointShape(again, app));
      const id = randomUUID() as SniEndpointId; // made here, since its key is sealed for it
      const certificate = keepCertificate(new Fields(call.body), keyring, id, now());
      const name = randomAppName();
      const made = await sniEndpoints.insert(db, { ...certificate, id, appId: app.id, name, acm: false, requestKey });
      await changed(call, `Add SSL certificate ${made.name}`);
      return created(sniEndpointShape({ ...made, domainIds: [] }, app));
    }),
    onApp('PATCH', '/apps/:app/sni-endpoints/:endpoint', 'operate', async (call) => {
      const endpoint = await find(db, call);
      const certificate = keepCertificate(new Fields(call.body), keyring, endpoint.id, now());
      await checkUsers(db, call.app, endpoint, certificate.certDomains);
      // What a user uploads is the user's to renew, also in the place of one that ACM had.
      await sniEndpoints.replace(db, endpoint.id, certificate, false);
      await changed(call, `Update SSL certificate ${endpoint.name}`);
      return ok(sniEndpointShape(await find(db, call), call.app));
    }),
    onApp('DELETE', '/apps/:app/sni-endpoints/:endpoint', 'operate', async (call) => {
      const endpoint = await find(db, call);
      if (endpoint.acm) {
        throw invalidParams(
          `${endpoint.name} is kept by Automated Certificate Management. Disable that: heroku certs:auto:disable.`,
        );
      }
      await sniEndpoints.remove(db, endpoint.id);
      await changed(call, `Remove SSL certificate ${endpoint.name}`);
      return ok(sniEndpointShape(endpoint, call.app));
    }),
  ];
};

const find = async (db: Database, call: AppCall): Promise<UsedSniEndpoint> => {
  const endpoint = await sniEndpoints.find(db, call.app.id, param(call, 'endpoint'));
  if (endpoint === undefined) throw notFound('sni_endpoint', "Couldn't find that SSL certificate.");
  return endpoint;
};

/** A new certificate is for every domain that the old one serves, or it is refused. */
const checkUsers = async (
  db: Database,
  app: App,
  endpoint: UsedSniEndpoint,
  certDomains: readonly string[],
): Promise<void> => {
  const served = (await domains.ofApp(db, app.id)).filter(({ sniEndpointId }) => sniEndpointId === endpoint.id);
  const lost = served.filter(({ hostname }) => !covers(certDomains, hostname)).map(({ hostname }) => hostname);
  if (lost.length === 0) return;
  throw invalidParams(
    `The certificate is for ${certDomains.join(', ')}, but ${endpoint.name} also serves ${lost.join(', ')}. Use one for all of them, or take those domains off it first: heroku domains:update.`,
  );
};
