import { covers, isApex, keptHostname, readHostname } from '../../contract/hostname.ts';
import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { domainShape, ownDomainShape } from '../../contract/shapes/domain.ts';
import type { App } from '../../store/apps.ts';
import type { Database } from '../../store/database.ts';
import { type Domain, domains } from '../../store/domains.ts';
import { sniEndpoints, type UsedSniEndpoint } from '../../store/sni-endpoints.ts';
import { created, type JsonAnswer, list, ok } from '../answer.ts';
import { logEvent } from '../app-events.ts';
import { claimHostname } from '../claim-hostname.ts';
import { type AppCall, type Endpoint, onApp, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

type Uses = Pick<Services, 'db' | 'urls' | 'domainChanges' | 'logs'>;

/** Host names of an app: the one that it was born with, and domains of one's own. */
export const domainEndpoints = (services: Uses): Endpoint[] => {
  const { db, urls, domainChanges } = services;
  const ownOf = (app: App) => ownDomainShape(app, urls.appHost(app.name));
  const shape = (app: App, domain: Domain) => domainShape(domain, app, urls.appHost(app.name));
  const changed = async (app: App): Promise<void> => {
    domainChanges.nudgeAcm();
    await domainChanges.routed(app.id);
  };

  return [
    onApp('GET', '/apps/:app/domains', 'view', async ({ app, headers }) => {
      const all = (await domains.ofApp(db, app.id)).map((domain) => shape(app, domain));
      return list(headers.range, [ownOf(app), ...all], ['hostname', 'id']);
    }),
    onApp('GET', '/apps/:app/domains/:domain', 'view', async (call) => {
      const own = ownOf(call.app);
      const wanted = param(call, 'domain');
      return ok(wanted === own.hostname || wanted === own.id ? own : shape(call.app, await find(db, call)));
    }),
    onApp('POST', '/apps/:app/domains', 'operate', async (call) => {
      const { app, requestKey } = call;
      const again = requestKey === null ? undefined : await domains.byRequestKey(db, requestKey);
      const domain = again ?? (await add(services, call));
      await changed(app);
      return withApexAdvice(created(shape(app, domain)), domain.hostname, urls.appHost(app.name));
    }),
    onApp('PATCH', '/apps/:app/domains/:domain', 'operate', async (call) => {
      const domain = await find(db, call);
      const wanted = new Fields(call.body).reference('sni_endpoint');
      const endpoint = wanted === undefined ? undefined : await endpointFor(db, call.app, wanted, domain.hostname);
      await domains.setEndpoint(db, domain.id, endpoint?.id ?? null);
      await changed(call.app);
      return ok(shape(call.app, await find(db, call)));
    }),
    onApp('DELETE', '/apps/:app/domains/:domain', 'operate', async (call) => {
      const domain = await find(db, call);
      await db.transaction().execute(async (tx) => {
        await domains.remove(tx, domain.id);
        if (domain.endpointAcm && domain.sniEndpointId !== null) await sniEndpoints.remove(tx, domain.sniEndpointId);
      });
      logEvent(services.logs.sink, call.app.id, `Remove domain ${domain.hostname} by user ${call.account.email}`);
      await changed(call.app);
      return ok(shape(call.app, domain));
    }),
  ];
};

const find = async (db: Database, call: AppCall): Promise<Domain> => {
  const domain = await domains.find(db, call.app.id, keptHostname(param(call, 'domain')));
  if (domain === undefined) throw notFound('domain', "Couldn't find that domain name.");
  return domain;
};

const add = async ({ db, urls, logs }: Uses, { app, account, body, requestKey }: AppCall): Promise<Domain> => {
  const fields = new Fields(body);
  const hostname = readHostname(fields.requiredText('hostname'), urls.appDomain);
  const wanted = fields.reference('sni_endpoint');
  const endpoint =
    wanted === undefined ? await onlyEndpoint(db, app, hostname) : await endpointFor(db, app, wanted, hostname);
  await db.transaction().execute(async (tx) => {
    await claimHostname(tx, app, hostname);
    await domains.insert(tx, { appId: app.id, hostname, sniEndpointId: endpoint?.id ?? null, requestKey });
  });
  logEvent(logs.sink, app.id, `Add domain ${hostname} by user ${account.email}`);
  const made = await domains.find(db, app.id, hostname);
  if (made === undefined) throw notFound('domain', `${hostname} was removed while it was being added.`);
  return made;
};

/** An app's only uploaded certificate serves each domain that it is for; with several the user chooses. */
const onlyEndpoint = async (db: Database, app: App, hostname: string): Promise<UsedSniEndpoint | undefined> => {
  const [first, ...others] = (await sniEndpoints.ofApp(db, app.id)).filter(({ acm }) => !acm);
  return first !== undefined && others.length === 0 && covers(first.certDomains, hostname) ? first : undefined;
};

const endpointFor = async (db: Database, app: App, name: string, hostname: string): Promise<UsedSniEndpoint> => {
  const endpoint = await sniEndpoints.find(db, app.id, name);
  if (endpoint === undefined) throw notFound('sni_endpoint', `Couldn't find that SSL certificate (${name}).`);
  if (covers(endpoint.certDomains, hostname)) return endpoint;
  throw invalidParams(
    `The certificate of ${endpoint.name} is for ${endpoint.certDomains.join(', ')}, not for ${hostname}: visitors would be warned. Add one that is: heroku certs:add.`,
  );
};

/** The CLI shows the header as a warning. */
const withApexAdvice = (answer: JsonAnswer, hostname: string, target: string): JsonAnswer =>
  isApex(hostname)
    ? {
        ...answer,
        headers: {
          ...answer.headers,
          'x-heroku-warning': `${hostname} has no label before the domain, and DNS allows no CNAME there: point an ALIAS or ANAME record at ${target}, or A and AAAA records at the addresses of this machine.`,
        },
      }
    : answer;
