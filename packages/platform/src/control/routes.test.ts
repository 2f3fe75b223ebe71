import assert from 'node:assert/strict';
import { randomUUID, X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startTestStore } from '../api/testing/store-cluster.ts';
import { challengeCertificate } from '../certs/acme/challenge-certificate.ts';
import { checkCertificate } from '../certs/check-certificate.ts';
import { makeCertificate } from '../certs/testing/made-certificates.ts';
import { endToEndContinue, noDynoKeepAlive, sessionAffinity } from '../contract/features.data.ts';
import { endpointKeyContext } from '../contract/seal-contexts.ts';
import type { SniEndpointId } from '../domain/ids.ts';
import type { RouteSnapshot } from '../domain/route-snapshot.ts';
import { Releases } from '../release/releases.ts';
import { openKeyring } from '../secrets/keyring.ts';
import { accounts } from '../store/accounts.ts';
import { type App, apps } from '../store/apps.ts';
import { certificateOrders } from '../store/certificate-orders.ts';
import { domains } from '../store/domains.ts';
import { features } from '../store/features.ts';
import { sniEndpoints } from '../store/sni-endpoints.ts';
import { AppFactsReader } from './app-facts.ts';
import { CertificateFiles } from './certificate-files.ts';
import { certificateRecords } from './certificate-records.ts';
import { Routes } from './routes.ts';

const store = await startTestStore();
after(() => store.close());
const { db } = store;
const keyring = await openKeyring(join(store.folder, 'secrets'));
const releases = new Releases(db, keyring, { runPhase: async () => ({ ok: true }), onRelease: () => {} });
const folder = join(store.folder, 'certificates');
await mkdir(folder, { mode: 0o700 });
const owner = await accounts.insert(db, {
  email: 'ann@example.com',
  name: null,
  passwordHash: 'none',
  administrator: false,
});
const faults: unknown[] = [];

/** Routes as a process has them that has just started, and what it sends. */
const startRoutes = async () => {
  const sent: RouteSnapshot[] = [];
  const files = await CertificateFiles.open(folder);
  const routes = new Routes({
    source: new AppFactsReader({
      db,
      releases,
      keyring,
      files,
      hostOf: (name) => `${name}.localhost`,
      certificateFor: async (host) => `/authority/${host}.pem`,
      challengeCertificate,
      onFault: (error) => faults.push(error),
    }),
    side: { publish: async (snapshot) => void sent.push(snapshot), untilFree: async () => {} },
    fallbackCertificate: '/authority/localhost.pem',
    keepFiles: (paths) => files.keepOnly(paths),
  });
  await routes.loadAll(undefined);
  await routes.resend();
  const last = (): RouteSnapshot => {
    const snapshot = sent.at(-1);
    assert.ok(snapshot);
    return snapshot;
  };
  return { routes, last };
};

const newApp = (name: string): Promise<App> =>
  releases.createApp({ name, owner, region: 'local', stack: 'heroku-24', requestKey: null });
const addDomain = (app: App, hostname: string, sniEndpointId: SniEndpointId | null = null) =>
  domains.insert(db, { appId: app.id, hostname, sniEndpointId, requestKey: null });
const certificateOf = async (hosts: readonly string[], id: SniEndpointId) => {
  const made = makeCertificate(hosts[0] ?? '', { hosts });
  const { privateKey, ...facts } = checkCertificate(made.pem, made.keyPem, new Date());
  return { ...facts, sealedKey: keyring.seal(privateKey, endpointKeyContext(id)) };
};
const addEndpoint = async (app: App, name: string, hosts: readonly string[]): Promise<SniEndpointId> => {
  const id = randomUUID() as SniEndpointId; // as the API makes them
  const certificate = await certificateOf(hosts, id);
  await sniEndpoints.insert(db, { ...certificate, id, appId: app.id, name, acm: false, requestKey: null });
  return id;
};

const shop = await newApp('shop');

test('a domain leads to its app, with the file of its certificate that only we may read', async () => {
  const endpoint = await addEndpoint(shop, 'one', ['*.example.com']);
  await addDomain(shop, '*.example.com', endpoint);
  await addDomain(shop, 'plain.example.org');
  const { last } = await startRoutes();
  const { hosts, certificates } = last();
  assert.deepEqual(hosts, { 'shop.localhost': shop.id, '*.example.com': shop.id, 'plain.example.org': shop.id });
  const file = certificates['*.example.com'] ?? '';
  assert.deepEqual(certificates, {
    localhost: '/authority/localhost.pem',
    'shop.localhost': '/authority/shop.localhost.pem',
    '*.example.com': file,
  });
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const pem = await readFile(file, 'utf8');
  assert.match(pem, /^-----BEGIN PRIVATE KEY-----/);
  assert.match(new X509Certificate(pem).subjectAltName ?? '', /\*\.example\.com/);
});

test('a replaced certificate is another file, and the old one goes when nobody needs it any more', async () => {
  const { routes, last } = await startRoutes();
  const before = last().certificates['*.example.com'] ?? '';
  const [endpoint] = await sniEndpoints.ofApp(db, shop.id);
  assert.ok(endpoint);
  await sniEndpoints.replace(db, endpoint.id, await certificateOf(['*.example.com'], endpoint.id), false);
  await routes.refresh(shop.id);
  const next = last().certificates['*.example.com'] ?? '';
  assert.notEqual(next, before);
  assert.deepEqual(await readdir(folder), [next.slice(folder.length + 1)]);
});

test('files that are lost, or were left half-written by a killed process, are made again from the store', async () => {
  const [name = ''] = await readdir(folder);
  const content = await readFile(join(folder, name), 'utf8');
  await rm(join(folder, name));
  await writeFile(join(folder, `${name}.tmp`), content.slice(0, 100));
  await writeFile(join(folder, 'of-nobody.pem'), content);
  const { last } = await startRoutes();
  assert.equal(last().certificates['*.example.com'], join(folder, name));
  assert.equal(await readFile(join(folder, name), 'utf8'), content);
  assert.deepEqual(await readdir(folder), [name]);
});

test('a certificate that can not be opened leaves its domain without one and all others as they are', async () => {
  const endpoint = await addEndpoint(shop, 'damaged', ['damaged.example.net']);
  await addDomain(shop, 'damaged.example.net', endpoint);
  await db
    .updateTable('sniEndpoints')
    .set({ sealedKey: Buffer.alloc(64) })
    .where('id', '=', endpoint)
    .execute();
  const { last } = await startRoutes();
  assert.equal(last().certificates['damaged.example.net'], undefined);
  assert.equal(last().hosts['damaged.example.net'], shop.id);
  assert.ok(last().certificates['*.example.com']);
  assert.equal(faults.length, 1);
  await sniEndpoints.remove(db, endpoint);
});

test('challenges are shown while they are noted: tokens, and certificates for TLS', async () => {
  const id = await addDomain(shop, 'acme.example.org');
  const { routes, last } = await startRoutes();
  await certificateOrders.begin(db, id);
  const challenge = { token: 'a-token', keyAuthorization: 'a-token.thumbprint' };
  await certificateOrders.note(db, id, { challenge: { type: 'http-01', ...challenge } });
  await routes.refresh(shop.id);
  assert.deepEqual(last().acmeTokens, { 'a-token': 'a-token.thumbprint' });
  await certificateOrders.note(db, id, { challenge: { type: 'tls-alpn-01', ...challenge } });
  await routes.refresh(shop.id);
  assert.deepEqual(last().acmeTokens, {});
  const file = last().acmeCertificates?.['acme.example.org'] ?? '';
  assert.match(new X509Certificate(await readFile(file)).subjectAltName ?? '', /^DNS:acme\.example\.org$/);
  assert.deepEqual((await startRoutes()).last().acmeCertificates, { 'acme.example.org': file });
  await certificateOrders.remove(db, id);
  await routes.refresh(shop.id);
  assert.deepEqual(last().acmeCertificates, {});
  await assert.rejects(stat(file), { code: 'ENOENT' });
});

test('an issued certificate is in use with its order over; a renewal takes its place; a user who chose another keeps it', async () => {
  await apps.update(db, shop.id, { acm: true });
  const id = await addDomain(shop, 'managed.example.org');
  const { routes, last } = await startRoutes();
  const said: string[] = [];
  const records = certificateRecords({
    db,
    keyring,
    log: (_app, lines) => said.push(...lines.map(({ text }) => text)),
    routed: (appId) => routes.refresh(appId),
  });
  const issue = async () => {
    const made = makeCertificate('managed.example.org', { hosts: ['managed.example.org'] });
    await records.issued(id, checkCertificate(made.pem, made.keyPem, new Date()));
    await records.routed(id);
    return last().certificates['managed.example.org'];
  };
  await records.begin(id);
  await records.note(id, { certificateKey: 'a key', orderUrl: 'https://ca.example/1', problem: 'Not yet.' });
  assert.deepEqual(await records.begin(id), {
    directoryUrl: null,
    orderUrl: 'https://ca.example/1',
    certificateKey: 'a key',
    challenge: null,
    failures: 0,
  });
  const first = await issue();
  assert.ok(first);
  assert.equal((await records.managed()).find((domain) => domain.id === id)?.order, undefined);
  const second = await issue();
  assert.ok(second !== undefined && second !== first);
  assert.deepEqual(said[0], 'Certificate for managed.example.org: Not yet.');
  assert.match(said[1] ?? '', /^Certificate for managed\.example\.org issued, valid until /);

  const chosen = await addEndpoint(shop, 'chosen', ['managed.example.org']);
  await domains.setEndpoint(db, id, chosen);
  assert.equal(
    (await records.managed()).some((domain) => domain.id === id),
    false,
  );
  await routes.refresh(shop.id);
  const own = last().certificates['managed.example.org'];
  assert.notEqual(own, second);
  assert.equal(await issue(), own);
  await apps.update(db, shop.id, { acm: false });
});

for (const [name, key] of [
  [sessionAffinity, 'sessionAffinity'],
  [noDynoKeepAlive, 'noDynoKeepAlive'],
  [endToEndContinue, 'endToEndContinue'],
] as const) {
  test(`the feature ${name} reaches the router while it is enabled`, async () => {
    const { routes, last } = await startRoutes();
    assert.equal(last().apps[shop.id]?.[key], undefined);
    await features.setForApp(db, shop.id, name, true);
    await routes.refresh(shop.id);
    assert.equal(last().apps[shop.id]?.[key], true);
    assert.equal((await startRoutes()).last().apps[shop.id]?.[key], true);
    await features.setForApp(db, shop.id, name, false);
    await routes.refresh(shop.id);
    assert.equal(last().apps[shop.id]?.[key], undefined);
  });
}

test('an app of which nothing has changed is the same object in the next snapshot', async () => {
  const { routes, last } = await startRoutes();
  const before = last();
  await routes.resend();
  assert.notEqual(last(), before);
  assert.equal(last().apps[shop.id], before.apps[shop.id]);
});

test('a publish that fails is told to who asked for it, and the next one is sent', async () => {
  let fail = true;
  const sent: RouteSnapshot[] = [];
  const routes = new Routes({
    source: { one: async () => undefined, all: async () => [] },
    side: {
      publish: async (snapshot) => {
        if (fail) throw new Error('the disk is full');
        sent.push(snapshot);
      },
      untilFree: async () => {},
    },
    fallbackCertificate: '/authority/localhost.pem',
    keepFiles: async () => {},
  });
  await assert.rejects(routes.resend(), /the disk is full/);
  fail = false;
  await routes.resend();
  assert.equal(sent.length, 1);
});
