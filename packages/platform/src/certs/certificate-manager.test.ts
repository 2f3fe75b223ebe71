import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { startPebble } from '../../../../scripts/pebble.ts';
import { openAuthority } from './authority.ts';
import { type AcmeSettings, CertificateManager } from './certificate-manager.ts';
import { startChallengeServers } from './testing/challenge-servers.ts';
import { FileRecords } from './testing/file-records.ts';

let records: FileRecords;
let folder: string;
let others: FileRecords[] = [];
const servers = await startChallengeServers(() => [records, ...others]);
const pebble = await startPebble();
await pebble.start(servers);
after(() => Promise.all([pebble[Symbol.asyncDispose](), servers[Symbol.asyncDispose]()]));
const settings: AcmeSettings = {
  directoryUrl: pebble.directoryUrl,
  email: 'ops@example.com',
  ca: await readFile(pebble.caFile, 'utf8'),
  dnsServer: pebble.dnsServer,
};

let running: AsyncDisposableStack;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ravine-acme-'));
  records = new FileRecords(folder);
  running = new AsyncDisposableStack();
});
afterEach(async () => {
  await running.disposeAsync();
  await rm(folder, { recursive: true });
});

const faults: unknown[] = [];
const startManager = (change: Partial<AcmeSettings> = {}): CertificateManager =>
  running.use(new CertificateManager(records, { ...settings, ...change }, (error) => faults.push(error)));
/** As `heroku certs:auto:refresh` does it. */
const tryAgain = (manager: CertificateManager, id: string): void => {
  const { order, ...row } = records.domain(id);
  records.put(id, { ...row, order: order && { ...order, problem: null, nextAttemptAtMs: Date.now() } });
  manager.onChange();
};

test("a domain is given a certificate that verifies by the authority's root, and its order is over", async () => {
  await pebble.addName('www.shop.test');
  records.put('one', { hostname: 'www.shop.test' });
  startManager();
  const { issued, order } = await records.until('one', (row) => row.issued !== undefined);
  assert.ok(issued);
  assert.equal(order, undefined);
  assert.deepEqual(issued.certDomains, ['www.shop.test']);
  const [leaf = '', issuer = ''] = issued.certificateChain.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
  const root = new X509Certificate(await pebble.root());
  assert.ok(new X509Certificate(leaf).verify(new X509Certificate(issuer).publicKey));
  assert.ok(new X509Certificate(issuer).verify(root.publicKey));
  assert.match(issued.privateKey, /BEGIN PRIVATE KEY/);
  assert.deepEqual(faults, []);
});

test('several domains are seen to with one account at the authority', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) {
    await pebble.addName(`${name}.shop.test`);
    records.put(name, { hostname: `${name}.shop.test` });
  }
  startManager();
  for (const name of names) await records.until(name, ({ issued }) => issued !== undefined);
  assert.equal(records.rows.orderUrls.length, names.length);
  assert.deepEqual(Object.keys(records.rows.accounts), [pebble.directoryUrl]);
});

test('a name without an address fails with that reason before anything is ordered, and succeeds once it has one', async () => {
  records.put('one', { hostname: 'late.shop.test' });
  const manager = startManager();
  const failed = await records.until('one', ({ order }) => order?.problem != null);
  assert.equal(
    failed.order?.problem,
    'DNS has no address for late.shop.test. Point it at this platform as `heroku domains` says.',
  );
  assert.equal(failed.order.failures, 1);
  assert.ok(failed.order.nextAttemptAtMs > Date.now());
  assert.deepEqual(records.rows.orderUrls, []);
  await pebble.addName('late.shop.test');
  tryAgain(manager, 'one');
  await records.until('one', ({ issued }) => issued !== undefined);
});

test('DNS that fails is told apart from a name that is not there', async () => {
  await pebble.breakName('broken.shop.test');
  records.put('one', { hostname: 'broken.shop.test' });
  startManager();
  const { order } = await records.until('one', (row) => row.order?.problem != null);
  assert.equal(order?.problem, 'DNS could not be asked for broken.shop.test (ESERVFAIL).');
});

test("a challenge that the domain does not answer fails in the authority's words; the next attempt proves it over TLS", async () => {
  await pebble.addName('closed.shop.test');
  records.put('one', { hostname: 'closed.shop.test' });
  servers.refuseHttp = true;
  running.defer(() => {
    servers.refuseHttp = false;
  });
  const manager = startManager();
  const failed = await records.until('one', ({ order }) => order?.problem != null);
  assert.match(failed.order?.problem ?? '', /^The domain could not be verified by HTTP-01: .*404/);
  assert.equal(failed.order?.challenge, null);
  assert.equal(failed.order?.orderUrl, null);
  tryAgain(manager, 'one');
  await records.until('one', ({ order }) => order?.challenge?.type === 'tls-alpn-01');
  await records.until('one', ({ issued }) => issued !== undefined);
  assert.equal(records.rows.orderUrls.length, 2);
});

test('a certificate near its end is renewed, one with enough life left is not', async () => {
  const dayMs = 86_400_000;
  const had = (daysLeft: number) => ({
    startsAtMs: Date.now() - 60 * dayMs,
    expiresAtMs: Date.now() + daysLeft * dayMs,
  });
  await pebble.addName('old.shop.test');
  records.put('fresh', { hostname: 'fresh.shop.test', had: had(31) });
  records.put('old', { hostname: 'old.shop.test', had: had(29) });
  startManager();
  await records.until('old', ({ issued }) => issued !== undefined);
  assert.equal(records.domain('fresh').order, undefined);
});

test('an authority that is away is not held against the domain, whose order waits for it', async () => {
  await pebble.addName('www.shop.test');
  records.put('one', { hostname: 'www.shop.test' });
  const manager = startManager({ directoryUrl: 'https://127.0.0.1:1/dir' });
  const { order } = await records.until('one', (row) => row.order?.problem != null);
  assert.match(order?.problem ?? '', /^No certificate could be had: the authority at 127.0.0.1:1 can't be reached: /);
  assert.equal(order?.failures, 0);
  await manager.close();
  records.put('one', { hostname: 'www.shop.test', order: order && { ...order, nextAttemptAtMs: 0 } });
  startManager();
  await records.until('one', ({ issued }) => issued !== undefined);
});

test('an authority that limits requests is left alone for as long as it says', async () => {
  const authority = await openAuthority(folder);
  const pem = await readFile(await authority.certificateFor(['127.0.0.1']));
  const limiting = createServer({ key: pem, cert: pem }, (request, response) => {
    const base = `https://${request.headers.host}`;
    const ways = { newNonce: `${base}/nonce`, newAccount: `${base}/account`, newOrder: `${base}/order` };
    response.setHeader('replay-nonce', 'abc');
    if (request.url === '/dir') return response.end(JSON.stringify(ways));
    if (request.url === '/nonce') return response.end();
    response.writeHead(429, { 'retry-after': '7200' });
    return response.end(
      JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many new accounts' }),
    );
  }).listen(0, '127.0.0.1');
  running.defer(() => void limiting.close());
  await once(limiting, 'listening');
  const address = limiting.address();
  assert.ok(typeof address === 'object' && address !== null);
  await pebble.addName('www.shop.test');
  records.put('one', { hostname: 'www.shop.test' });
  const ca = await readFile(authority.caFile, 'utf8');
  startManager({ directoryUrl: `https://127.0.0.1:${address.port}/dir`, ca });
  const { order } = await records.until('one', (row) => row.order?.problem != null);
  assert.equal(order?.problem, 'No certificate could be had: too many new accounts');
  assert.equal(order?.failures, 0);
  assert.ok((order?.nextAttemptAtMs ?? 0) > Date.now() + 7_190_000);
});

/** Kills a process that sees to a domain after so many changes of its rows, and lets another go on. @returns whether it came so far */
const killAfter = async (changes: number): Promise<boolean> => {
  const at = await mkdtemp(join(folder, 'run-'));
  const rows = new FileRecords(at);
  others.push(rows);
  const hostname = `killed-${changes}.shop.test`;
  await pebble.addName(hostname);
  rows.put('one', { hostname });
  const fixture = join(import.meta.dirname, 'manager-process.fixture.ts');
  const args = [fixture, at, pebble.directoryUrl, pebble.caFile, pebble.dnsServer, String(changes)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [, signal]: unknown[] = await once(child, 'exit');
  const begun = rows.rows.orderUrls;
  await using _next = new CertificateManager(rows, settings, (error) => faults.push(error));
  await rows.until('one', ({ issued }) => issued !== undefined);
  assert.equal(rows.rows.orderUrls.length, 1, `killed after change ${changes}`);
  assert.deepEqual(begun, begun.length === 0 ? [] : rows.rows.orderUrls);
  return signal === 'SIGKILL';
};

test('killed after any step, the next process carries on with the order that was begun', async () => {
  others = [];
  let steps = 0;
  for (let wave = true; wave; ) {
    const killed = await Promise.all([1, 2, 3, 4].map((more) => killAfter(steps + more)));
    steps += killed.filter(Boolean).length;
    wave = killed.every(Boolean);
  }
  assert.ok(steps >= 8, `there were ${steps} steps`);
  assert.deepEqual(faults, []);
});
