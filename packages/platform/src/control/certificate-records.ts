import { randomUUID } from 'node:crypto';
import type { CertificateRecords, IssuedCertificate } from '../certs/ports.ts';
import { randomAppName } from '../contract/app-name.ts';
import { acmeAccountContext, endpointKeyContext, orderKeyContext } from '../contract/seal-contexts.ts';
import type { AppId, DomainId, SniEndpointId } from '../domain/ids.ts';
import { type LogSink, nowUs } from '../domain/log-line.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { acmeAccounts } from '../store/acme-accounts.ts';
import { apps } from '../store/apps.ts';
import { certificateOrders } from '../store/certificate-orders.ts';
import type { Database } from '../store/database.ts';
import { domains } from '../store/domains.ts';
import { sniEndpoints } from '../store/sni-endpoints.ts';

/** The rows of Automated Certificate Management, keys sealed; what becomes of a certificate is told in the app's log. */
export const certificateRecords = ({
  db,
  keyring,
  log,
  routed,
}: {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly log: LogSink;
  readonly routed: (appId: AppId) => Promise<void>;
}): CertificateRecords => {
  const say = (appId: AppId, text: string): void => log(appId, [{ atUs: nowUs(), source: 'app', dyno: 'api', text }]);

  return {
    async managed() {
      return (await certificateOrders.managed(db)).map(({ id, hostname, startsAt, expiresAt, order }) => ({
        id,
        hostname,
        certificate: startsAt === null || expiresAt === null ? undefined : { startsAt, expiresAt },
        order: order && { failures: order.failures, nextAttemptAt: order.nextAttemptAt },
      }));
    },

    async account(directoryUrl) {
      const row = await acmeAccounts.find(db, directoryUrl);
      if (row === undefined) return undefined;
      const key = keyring.open(row.sealedKey, acmeAccountContext(directoryUrl)).toString('utf8');
      return { key, url: row.accountUrl ?? undefined };
    },

    async keepAccount(directoryUrl, { key, url }) {
      const sealedKey = keyring.seal(key, acmeAccountContext(directoryUrl));
      await acmeAccounts.keep(db, { directoryUrl, sealedKey, accountUrl: url ?? null });
    },

    async begin(id) {
      const { directoryUrl, orderUrl, sealedKey, challenge, failures } = await certificateOrders.begin(db, id);
      const certificateKey = sealedKey === null ? null : keyring.open(sealedKey, orderKeyContext(id)).toString('utf8');
      return { directoryUrl, orderUrl, certificateKey, challenge, failures };
    },

    async note(id, { certificateKey, ...change }) {
      const seal = (key: string | null) => (key === null ? null : keyring.seal(key, orderKeyContext(id)));
      const sealed = certificateKey === undefined ? {} : { sealedKey: seal(certificateKey) };
      await certificateOrders.note(db, id, { ...change, ...sealed });
      const domain = change.problem ? await domains.byId(db, id) : undefined;
      if (domain !== undefined) say(domain.appId, `Certificate for ${domain.hostname}: ${change.problem}`);
    },

    async issued(id, certificate) {
      const domain = await db.transaction().execute((tx) => install(tx, keyring, id, certificate));
      if (domain === undefined) return;
      const until = certificate.expiresAt.toISOString();
      say(domain.appId, `Certificate for ${domain.hostname} issued, valid until ${until}`);
    },

    async routed(id) {
      const domain = await domains.byId(db, id);
      if (domain !== undefined) await routed(domain.appId);
    },
  };
};

/** Puts a certificate in the place of the one that the domain has, or beside none. */
const install = async (tx: Database, keyring: Keyring, id: DomainId, certificate: IssuedCertificate) => {
  const before = await domains.byId(tx, id);
  const app = before === undefined ? undefined : await apps.lock(tx, before.appId);
  // Looked at again behind the lock: meanwhile ACM may be off, or the user may have given the domain a certificate.
  const domain = await domains.byId(tx, id);
  if (domain === undefined || app?.acm !== true || domain.endpointAcm === false) return undefined;
  const { privateKey, ...facts } = certificate;
  const endpointId = domain.sniEndpointId ?? (randomUUID() as SniEndpointId); // made here, since its key is sealed for it
  const kept = { ...facts, sealedKey: keyring.seal(privateKey, endpointKeyContext(endpointId)) };
  if (domain.sniEndpointId === null) {
    const row = { ...kept, id: endpointId, appId: app.id, name: randomAppName(), acm: true, requestKey: null };
    await sniEndpoints.insert(tx, row);
    await domains.setEndpoint(tx, id, endpointId);
  } else {
    await sniEndpoints.replace(tx, endpointId, kept, true);
  }
  await certificateOrders.remove(tx, id);
  return domain;
};
