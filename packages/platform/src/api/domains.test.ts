import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeCertificate } from '../certs/testing/made-certificates.ts';
import type { DomainId } from '../domain/ids.ts';
import { apps } from '../store/apps.ts';
import { certificateOrders } from '../store/certificate-orders.ts';
import { sniEndpoints } from '../store/sni-endpoints.ts';
import { type ApiAnswer, apiClient } from './testing/api-client.ts';
import { startTestPlatform } from './testing/test-platform.ts';

const platform = await startTestPlatform();
after(() => platform.close());
const { db } = platform.services;
const ann = apiClient(platform.url, (await platform.account('ann@example.com')).token);
const bob = apiClient(platform.url, (await platform.account('bob@example.com')).token);
await ann('POST', '/apps', { name: 'shop' });
await ann('POST', '/apps', { name: 'notes' });
await bob('POST', '/apps', { name: 'bobs' });

const refused = (answer: ApiAnswer, status: number, message: RegExp): void => {
  assert.equal(answer.status, status, answer.text);
  assert.match(String(answer.body.message), message);
};
const add = (app: string, hostname: string, more: object = {}, as = ann) =>
  as('POST', `/apps/${app}/domains`, { hostname, sni_endpoint: null, ...more });
const names = async (app: string): Promise<unknown[]> =>
  (await ann('GET', `/apps/${app}/domains`)).list.map(({ hostname }) => hostname);

test('an app has its own host name, and the domains that are added to it', async () => {
  const made = await add('shop', 'WWW.Example.com');
  assert.equal(made.status, 201);
  const { id, created_at, updated_at, app, ...rest } = made.body;
  assert.deepEqual(rest, {
    acm_status: null,
    acm_status_reason: null,
    cname: 'shop.localhost',
    hostname: 'www.example.com',
    kind: 'custom',
    sni_endpoint: null,
    status: 'none',
  });
  assert.deepEqual(await names('shop'), ['shop.localhost', 'www.example.com']);
  const byId = await ann('GET', `/apps/shop/domains/${String(id)}`);
  assert.deepEqual(byId.body, made.body);
  assert.deepEqual((await ann('GET', '/apps/shop/domains/www.example.com')).body, made.body);
  assert.ok(platform.nudged.length > 0);
});

test('at an apex the answer carries advice about DNS records, elsewhere it does not', async () => {
  const apex = await add('shop', 'example.com');
  assert.match(apex.headers.get('x-heroku-warning') ?? '', /ALIAS or ANAME record at shop\.localhost, or A and AAAA/);
  const below = await add('shop', 'a.example.com');
  assert.equal(below.headers.get('x-heroku-warning'), null);
});

test('a name belongs to one app; the owner is told which, others are not', async () => {
  refused(await add('shop', 'www.example.com'), 422, /^www\.example\.com is already a domain of this app\.$/);
  refused(await add('notes', 'www.example.com'), 422, /currently in use by another app: shop\. Remove it there first/);
  refused(
    await add('bobs', 'www.example.com', {}, bob),
    422,
    /currently in use by another app, which is somebody else/,
  );
});

test('names below a wildcard are for the owner of the wildcard, whichever came first', async () => {
  assert.equal((await add('shop', '*.wild.example.com')).status, 201);
  assert.equal((await add('notes', 'notes.wild.example.com')).status, 201);
  refused(await add('bobs', 'bob.wild.example.com', {}, bob), 422, /somebody else/);
  assert.equal((await add('bobs', 'bob.deep.wild.example.com', {}, bob)).status, 201);
  refused(await add('shop', '*.deep.wild.example.com'), 422, /somebody else/);
  assert.equal((await add('bobs', 'wild.example.com', {}, bob)).status, 201);
});

test('two who ask for one name at once do not both get it', async () => {
  const answers = await Promise.all([add('notes', 'race.example.com'), add('bobs', 'race.example.com', {}, bob)]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422]);
});

test('the names of a destroyed app are free at once', async () => {
  await ann('POST', '/apps', { name: 'short' });
  await add('short', 'short.example.com');
  assert.equal((await ann('DELETE', '/apps/short')).status, 200);
  assert.equal((await add('bobs', 'short.example.com', {}, bob)).status, 201);
});

test('a domain is removed by its name, and only by those who work on its app', async () => {
  await add('notes', 'gone.example.com');
  refused(await bob('DELETE', '/apps/notes/domains/gone.example.com'), 404, /Couldn't find that app/);
  assert.equal((await ann('DELETE', '/apps/notes/domains/gone.example.com')).status, 200);
  refused(await ann('DELETE', '/apps/notes/domains/gone.example.com'), 404, /Couldn't find that domain name/);
  refused(await ann('DELETE', '/apps/notes/domains/notes.localhost'), 404, /Couldn't find that domain name/);
});

const upload = (app: string, pem: string, key: string) =>
  ann('POST', `/apps/${app}/sni-endpoints`, { certificate_chain: pem, private_key: key });

test('an uploaded certificate is described, its key is sealed and never shown', async () => {
  const made = makeCertificate('www.example.com', { hosts: ['www.example.com', 'example.com'] });
  const endpoint = await upload('shop', made.pem, made.keyPem);
  assert.equal(endpoint.status, 201);
  assert.match(String(endpoint.body.name), /^[a-z]+-[a-z]+-\d{5}$/);
  assert.deepEqual(endpoint.body.domains, []);
  const { expires_at, starts_at, id, ...facts } = endpoint.body.ssl_cert as Record<string, unknown>; // asserted below
  assert.deepEqual(facts, {
    acm: false,
    'ca_signed?': false,
    cert_domains: ['www.example.com', 'example.com'],
    issuer: '/CN=www.example.com',
    'self_signed?': true,
    subject: '/CN=www.example.com',
  });
  assert.ok(!endpoint.text.includes('PRIVATE'));
  const kept = await sniEndpoints.certificate(db, endpoint.body.id as Parameters<typeof sniEndpoints.certificate>[1]); // the API's ids are the store's
  assert.ok(kept !== undefined && !kept.sealedKey.includes('PRIVATE'));
  assert.deepEqual((await ann('GET', `/apps/shop/sni-endpoints/${String(endpoint.body.name)}`)).body, endpoint.body);
});

test('a domain is given a certificate that is for it, and no other', async () => {
  const [{ name } = {}] = (await ann('GET', '/apps/shop/sni-endpoints')).list;
  const given = await ann('PATCH', '/apps/shop/domains/www.example.com', { sni_endpoint: name });
  assert.equal(given.status, 200);
  assert.equal((given.body.sni_endpoint as { name: string }).name, name); // asserted by this line
  const wrong = await ann('PATCH', '/apps/shop/domains/a.example.com', { sni_endpoint: name });
  refused(wrong, 422, /is for www\.example\.com, example\.com, not for a\.example\.com/);
  refused(await add('shop', 'b.example.com', { sni_endpoint: name }), 422, /not for b\.example\.com/);
  refused(await add('shop', 'c.example.com', { sni_endpoint: 'none-such' }), 404, /Couldn't find that SSL certificate/);
  assert.ok(!(await names('shop')).includes('b.example.com'));
});

test('a certificate is replaced only by one for all the domains that it serves', async () => {
  const [{ name } = {}] = (await ann('GET', '/apps/shop/sni-endpoints')).list;
  const path = `/apps/shop/sni-endpoints/${String(name)}`;
  const narrow = makeCertificate('example.com', { hosts: ['example.com'] });
  const wide = makeCertificate('wide', { hosts: ['*.example.com'] });
  const body = (made: typeof wide) => ({ certificate_chain: made.pem, private_key: made.keyPem });
  refused(await ann('PATCH', path, body(narrow)), 422, /also serves www\.example\.com/);
  const replaced = await ann('PATCH', path, body(wide));
  assert.equal(replaced.status, 200);
  assert.deepEqual((replaced.body.ssl_cert as { cert_domains: string[] }).cert_domains, ['*.example.com']);
  refused(await ann('PATCH', path, { ...body(wide), private_key: narrow.keyPem }), 422, /^Key doesn't match/);
});

test('a removed certificate leaves its domains without', async () => {
  const [{ name } = {}] = (await ann('GET', '/apps/shop/sni-endpoints')).list;
  assert.equal((await ann('DELETE', `/apps/shop/sni-endpoints/${String(name)}`)).status, 200);
  assert.equal((await ann('GET', '/apps/shop/domains/www.example.com')).body.sni_endpoint, null);
});

test("an app's only certificate serves each domain added later that it is for", async () => {
  const made = makeCertificate('x', { hosts: ['*.later.example.com'] });
  await upload('notes', made.pem, made.keyPem);
  assert.notEqual((await add('notes', 'one.later.example.com')).body.sni_endpoint, null);
  assert.equal((await add('notes', 'two.other.example.com')).body.sni_endpoint, null);
});

test('certificate management is switched by app, and says of each domain how it stands', async () => {
  const enabled = await ann('POST', '/apps/notes/acm', {});
  assert.equal(enabled.body.acm, true);
  await add('notes', '*.stars.example.com');
  const status = async (hostname: string): Promise<unknown[]> => {
    const { body } = await ann('GET', `/apps/notes/domains/${hostname}`);
    return [body.acm_status, body.acm_status_reason];
  };
  const [failed, reason] = await status('*.stars.example.com');
  assert.equal(failed, 'failed');
  assert.match(String(reason), /wildcard can only be had by a change in DNS.*heroku certs:add/);
  const [uploaded, used] = await status('one.later.example.com');
  assert.equal(uploaded, 'cert issued');
  assert.match(String(used), /^Uses the uploaded certificate /);
  assert.deepEqual(await status('two.other.example.com'), [null, null]);

  const id = (await ann('GET', '/apps/notes/domains/two.other.example.com')).body.id as DomainId; // the API's ids are the store's
  await certificateOrders.begin(db, id);
  await certificateOrders.note(db, id, { stage: 'dns-verified' });
  assert.deepEqual(await status('two.other.example.com'), ['dns-verified', null]);
  const nextAttemptAt = new Date(Date.now() + 3_600_000);
  await certificateOrders.note(db, id, { failures: 1, problem: 'It said no.', nextAttemptAt });
  assert.deepEqual(await status('two.other.example.com'), ['failing', 'It said no.']);
  await certificateOrders.note(db, id, { failures: 5 });
  assert.deepEqual(await status('two.other.example.com'), ['failed', 'It said no.']);
  assert.equal((await ann('PATCH', '/apps/notes/acm', { acm_refresh: true })).status, 200);
  assert.deepEqual(await status('two.other.example.com'), ['dns-verified', null]);
  const order = (await certificateOrders.managed(db)).find((domain) => domain.id === id)?.order;
  assert.ok(order !== undefined && order.nextAttemptAt <= new Date());
  assert.equal(order.failures, 1);
});

test('switched off, management leaves uploaded certificates and forgets its orders', async () => {
  const disabled = await ann('DELETE', '/apps/notes/acm');
  assert.equal(disabled.body.acm, false);
  assert.deepEqual(await certificateOrders.managed(db), []);
  assert.equal((await ann('GET', '/apps/notes/sni-endpoints')).list.length, 1);
  refused(await ann('PATCH', '/apps/notes/acm', { acm_refresh: true }), 422, /disabled\. Enable it/);
  assert.equal((await apps.find(db, 'notes'))?.acm, false);
});
