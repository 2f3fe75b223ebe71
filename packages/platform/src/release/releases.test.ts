import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PlatformError } from '../contract/platform-error.ts';
import { locateBinaries } from '../postgres/binaries.ts';
import { type Cluster, openCluster } from '../postgres/cluster.ts';
import { ClusterTemplate } from '../postgres/template.ts';
import { templatesFolder } from '../postgres/testing/templates-folder.ts';
import { storeSettings } from '../postgres/tuning.data.ts';
import { openKeyring } from '../secrets/keyring.ts';
import { accounts } from '../store/accounts.ts';
import { addOns } from '../store/add-ons.ts';
import { type App, apps } from '../store/apps.ts';
import { attachments } from '../store/attachments.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { formation } from '../store/formation.ts';
import { migrate } from '../store/migrate.ts';
import { type Release, releases as rows } from '../store/releases.ts';
import { type Slug, slugs } from '../store/slugs.ts';
import type { ProcessTypes } from '../store/tables.ts';
import type { PhaseOutcome } from './ports.ts';
import { type Actor, Releases } from './releases.ts';

let folder: string;
let cluster: Cluster;
let db: Database;
let releases: Releases;
let owner: Actor;
const made: Release[] = [];
/** What the next release command does, by app. */
let phase: (app: App, release: Release, config: Readonly<Record<string, string>>) => Promise<PhaseOutcome>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ravine-releases-'));
  await chmod(folder, 0o711);
  const binaries = await locateBinaries(join(folder, 'runtimes'));
  const template = new ClusterTemplate(binaries, templatesFolder(folder));
  cluster = await openCluster({
    binaries,
    template,
    folder: join(folder, 'store'),
    port: 5999,
    tcp: false,
    uid: 300_000,
    settings: storeSettings,
    bootstrap: [],
  });
  await cluster.start();
  db = openDatabase({ ...cluster.superuser, database: 'postgres' }, () => {});
  await migrate(db);
  const keyring = await openKeyring(join(folder, 'secrets'));
  releases = new Releases(db, keyring, {
    runPhase: (...args) => phase(...args),
    onRelease: (_app, release) => made.push(release),
  });
  const account = await accounts.insert(db, {
    email: 'ada@example.com',
    name: null,
    passwordHash: 'x',
    administrator: true,
  });
  owner = { id: account.id, email: account.email };
});

after(async () => {
  await db.destroy();
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

const newApp = (): Promise<App> =>
  releases.createApp({
    name: `app-${randomUUID().slice(0, 8)}`,
    owner,
    region: 'local',
    stack: 'heroku-24',
    requestKey: null,
  });

const newSlug = async (app: App, processTypes: ProcessTypes, commit = 'c0ffee'): Promise<Slug> => {
  const slug = await slugs.insert(db, {
    appId: app.id,
    commit,
    commitDescription: null,
    checksum: null,
    sourceDigest: commit,
    sizeBytes: null,
    processTypes,
    stack: 'heroku-24',
    buildpackProvidedDescription: null,
  });
  return slugs.markPresent(db, slug.id, { sizeBytes: 1 });
};

const deploy = async (app: App, processTypes: ProcessTypes, commit?: string): Promise<Release> =>
  releases.releaseSlug(app, owner, {
    slug: await newSlug(app, processTypes, commit),
    description: 'Deploy',
    requestKey: null,
  });

const described = async (app: App): Promise<string[]> =>
  (await rows.ofApp(db, app.id)).map((release) => `v${release.version} ${release.description}`);

test('the schema is brought up once, and again does nothing', async () => {
  await migrate(db);
  await Promise.all([migrate(db), migrate(db)]);
});

test('an app begins with the two releases of every Heroku app', async () => {
  const app = await newApp();
  assert.deepEqual(await described(app), ['v1 Initial release', 'v2 Enable Logplex']);
});

test('a taken name is refused and leaves nothing half-made', async () => {
  const app = await newApp();
  const before = (await apps.all(db)).length;
  await assert.rejects(
    releases.createApp({ name: app.name, owner, region: 'local', stack: 'heroku-24', requestKey: null }),
    (error) =>
      error instanceof PlatformError && error.status === 422 && error.message === `Name ${app.name} is already taken`,
  );
  assert.equal((await apps.all(db)).length, before);
});

test('a config change makes a release that says what changed; setting an old value again makes none', async () => {
  const app = await newApp();
  await releases.setConfig(app, owner, { A: '1', B: '2' }, null);
  await releases.setConfig(app, owner, { A: '1' }, null);
  assert.deepEqual(await releases.setConfig(app, owner, { A: null, C: '3' }, null), { B: '2', C: '3' });
  assert.deepEqual((await described(app)).slice(2), ['v3 Set A, B config vars', 'v4 Set C, Remove A config vars']);
});

test('releases made at the same moment get versions without gap or double', async () => {
  const app = await newApp();
  await Promise.all(Array.from({ length: 12 }, (_, i) => releases.setConfig(app, owner, { [`VAR_${i}`]: 'x' }, null)));
  assert.deepEqual(
    (await rows.ofApp(db, app.id)).map(({ version }) => version),
    Array.from({ length: 14 }, (_, i) => i + 1),
  );
});

test('config vars rest sealed in the store', async () => {
  const app = await newApp();
  await releases.setConfig(app, owner, { PASSWORD: 'correct-horse' }, null);
  const current = await rows.current(db, app.id);
  assert.ok(current !== undefined && !current.sealedConfig.includes('correct-horse'));
  assert.deepEqual(releases.configOf(current), { PASSWORD: 'correct-horse' });
});

test('the first code starts one web dyno and nothing else; later code keeps how the user scaled', async () => {
  const app = await newApp();
  await deploy(app, { web: 'a', worker: 'b' }, 'one');
  const quantities = async () =>
    Object.fromEntries((await formation.ofApp(db, app.id)).map(({ type, quantity }) => [type, quantity]));
  assert.deepEqual(await quantities(), { web: 1, worker: 0 });
  await formation.set(db, app.id, 'web', 3, 'Basic');
  await deploy(app, { web: 'a', clock: 'c' }, 'two');
  assert.deepEqual(await quantities(), { web: 3, clock: 0 });
});

test('a release with a release command becomes current only when that has succeeded', async () => {
  const app = await newApp();
  const first = await deploy(app, { web: 'a' }, 'one');
  phase = async (_app, release) =>
    release.version === first.version + 1 ? { ok: false, reason: 'status 1' } : { ok: true };
  const bad = await deploy(app, { web: 'a', release: 'migrate' }, 'two');
  assert.equal(bad.status, 'pending');
  assert.equal((await releases.finished(bad.id)).status, 'failed');
  assert.equal((await rows.current(db, app.id))?.id, first.id);
  const good = await deploy(app, { web: 'a', release: 'migrate' }, 'three');
  await releases.finished(good.id);
  assert.equal((await rows.current(db, app.id))?.id, good.id);
});

test('a release that is pending or failed leaves the formation, the stack and the last release time of the app as they are', async () => {
  const app = await newApp();
  await deploy(app, { web: 'a', worker: 'b' }, 'one');
  await formation.set(db, app.id, 'worker', 2, 'Basic');
  const seen = async () => {
    const { stack, buildpackProvidedDescription, releasedAt } = (await apps.find(db, app.id)) ?? app;
    return { rows: await formation.ofApp(db, app.id), stack, buildpackProvidedDescription, releasedAt };
  };
  const before = await seen();
  const gate = Promise.withResolvers<PhaseOutcome>();
  phase = () => gate.promise;
  const bad = await deploy(app, { web: 'a', clock: 'c', release: 'migrate' }, 'two');
  assert.deepEqual(await seen(), before, 'while it is pending');
  gate.resolve({ ok: false, reason: 'status 1' });
  await releases.finished(bad.id);
  assert.deepEqual(await seen(), before, 'when it has failed');
  phase = async () => ({ ok: true });
  const good = await releases.releaseSlug(app, owner, {
    slug: await newSlug(app, { web: 'a', clock: 'c', release: 'migrate' }, 'three'),
    description: 'Deploy',
    requestKey: null,
    formation: { clock: { quantity: 3 } },
  });
  await releases.finished(good.id);
  const after = Object.fromEntries((await formation.ofApp(db, app.id)).map(({ type, quantity }) => [type, quantity]));
  assert.deepEqual(after, { web: 1, clock: 3, release: 0 });
});

test('code without a release command that overtakes a running release phase keeps its process types', async () => {
  const app = await newApp();
  const gate = Promise.withResolvers<PhaseOutcome>();
  phase = () => gate.promise;
  const slow = await deploy(app, { web: 'a', clock: 'c', release: 'migrate' }, 'one');
  await deploy(app, { web: 'a', mailer: 'm' }, 'two');
  gate.resolve({ ok: true });
  await releases.finished(slow.id);
  assert.deepEqual(
    (await formation.ofApp(db, app.id)).map(({ type }) => type),
    ['mailer', 'web'],
  );
});

test('a config change beside a running release phase carries the new code on', async () => {
  const app = await newApp();
  const gate = Promise.withResolvers<PhaseOutcome>();
  phase = (_app, release) => (release.description === 'Deploy' ? gate.promise : Promise.resolve({ ok: true }));
  const code = await deploy(app, { web: 'a', release: 'migrate' }, 'one');
  await releases.setConfig(app, owner, { A: '1' }, null);
  const config = await rows.newest(db, app.id);
  gate.resolve({ ok: true });
  await releases.finished(config?.id ?? code.id);
  const current = await rows.current(db, app.id);
  assert.equal(current?.version, code.version + 1);
  assert.equal(current?.slugId, code.slugId);
});

test('rollback brings code and config vars of the old release back, as a new release', async () => {
  const app = await newApp();
  await releases.setConfig(app, owner, { A: 'old' }, null);
  const old = await deploy(app, { web: 'a' }, 'one');
  await releases.setConfig(app, owner, { A: 'new', B: 'x' }, null);
  await deploy(app, { web: 'b' }, 'two');
  const back = await releases.rollback(app, owner, old, null);
  assert.equal(back.description, `Rollback to v${old.version}`);
  assert.equal(back.slugId, old.slugId);
  assert.deepEqual(await releases.config(app.id), { A: 'old' });
});

test('rollback to a release without code, or whose slug is gone, is refused', async () => {
  const app = await newApp();
  const [first] = await rows.ofApp(db, app.id);
  assert.ok(first);
  await assert.rejects(releases.rollback(app, owner, first, null), /has no code to roll back to/);
  const old = await deploy(app, { web: 'a' }, 'one');
  if (old.slugId !== null) await slugs.markRemoved(db, old.slugId);
  await assert.rejects(releases.rollback(app, owner, old, null), /no longer kept/);
});

test("an add-on's config vars come with its release and can't be overwritten; detaching takes them away", async () => {
  const app = await newApp();
  const addOn = await releases.provision(app, owner, {
    service: 'heroku-postgresql',
    plan: 'essential-0',
    addOnName: `db-${randomUUID()}`,
    attachmentName: 'DATABASE',
    requestKey: null,
  });
  assert.deepEqual(await releases.config(app.id), {});
  await releases.provisioned(addOn.id, owner, { config: { URL: 'postgres://somewhere' }, resource: { port: 1 } });
  await releases.provisioned(addOn.id, owner, { config: { URL: 'postgres://twice' }, resource: { port: 2 } });
  assert.deepEqual(await releases.config(app.id), { DATABASE_URL: 'postgres://somewhere' });
  await assert.rejects(
    releases.setConfig(app, owner, { DATABASE_URL: 'x' }, null),
    /Cannot overwrite attachment values DATABASE_URL/,
  );
  const [attachment] = await attachments.ofApp(db, app.id);
  assert.ok(attachment);
  await releases.detach(app, owner, attachment);
  assert.deepEqual(await releases.config(app.id), {});
  assert.deepEqual((await described(app)).slice(2), [
    `v3 Attach DATABASE (@ref:${addOn.name})`,
    `v4 Detach DATABASE (@ref:${addOn.name})`,
  ]);
});

test('an add-on that gets other config vars runs no release command, and what that had written stays', async () => {
  const app = await newApp();
  const addOn = await releases.provision(app, owner, {
    service: 'heroku-postgresql',
    plan: 'essential-0',
    addOnName: `db-${randomUUID()}`,
    attachmentName: 'DATABASE',
    requestKey: null,
  });
  await releases.provisioned(addOn.id, owner, { config: { URL: 'postgres://old' }, resource: {} });
  const ran: number[] = [];
  const gate = Promise.withResolvers<PhaseOutcome>();
  phase = async (_app, release) => {
    if (release.description === 'Deploy' && ran.length > 0) return gate.promise;
    ran.push(release.version);
    await rows.keepImages(db, release.id, { web: `kept by v${release.version}` });
    return { ok: true };
  };
  const code = await deploy(app, { web: 'a', release: 'collect' }, 'one');
  await releases.finished(code.id);
  await releases.reconfigured(addOn.id, owner, { config: { URL: 'postgres://new' }, resource: {} });
  const rotated = await rows.current(db, app.id);
  assert.equal(rotated?.version, code.version + 1);
  assert.equal(rotated?.outputSecret, null);
  assert.deepEqual(rotated?.images, { web: `kept by v${code.version}` });
  assert.deepEqual(await releases.config(app.id), { DATABASE_URL: 'postgres://new' });
  // Code whose own release command still runs must not go live without it.
  await deploy(app, { web: 'b', release: 'collect' }, 'two');
  await releases.reconfigured(addOn.id, owner, { config: { URL: 'postgres://newest' }, resource: {} });
  assert.equal((await rows.current(db, app.id))?.version, rotated?.version);
  gate.resolve({ ok: true });
  await releases.finished((await rows.newest(db, app.id))?.id ?? code.id);
  assert.deepEqual(ran, [code.version, code.version + 3]);
});

test('destroying an app lets its add-ons go and takes them from every other app', async () => {
  const [app, other] = [await newApp(), await newApp()];
  const addOn = await releases.provision(app, owner, {
    service: 'heroku-postgresql',
    plan: 'essential-0',
    addOnName: `db-${randomUUID()}`,
    attachmentName: 'DATABASE',
    requestKey: null,
  });
  await releases.provisioned(addOn.id, owner, { config: { URL: 'postgres://shared' }, resource: {} });
  await releases.attach(other, owner, { addOnId: addOn.id, name: 'SHARED', namespace: null });
  assert.deepEqual(await releases.config(other.id), { SHARED_URL: 'postgres://shared' });
  await releases.destroyApp(app, owner);
  assert.equal(await apps.find(db, app.name), undefined);
  assert.deepEqual(await releases.config(other.id), {});
  assert.equal((await addOns.byId(db, addOn.id))?.state, 'deprovisioning');
});

test('release phases that died with an earlier process are failed with the reason', async () => {
  const app = await newApp();
  phase = () => new Promise(() => {});
  const release = await deploy(app, { web: 'a', release: 'migrate' }, 'one');
  const next = new Releases(db, await openKeyring(join(folder, 'secrets')), {
    runPhase: () => Promise.resolve({ ok: true }),
    onRelease: () => {},
  });
  await next.failInterrupted();
  const failed = await rows.byId(db, release.id);
  assert.equal(failed?.status, 'failed');
  assert.match(failed?.failureReason ?? '', /restarted during the release phase/);
});
