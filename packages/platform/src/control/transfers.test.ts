import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasContent, type RunningDatabase } from '../addons/providers/postgres-content.ts';
import { startTestStore, type TestStore } from '../api/testing/store-cluster.ts';
import type { AddOnId, AppId } from '../domain/ids.ts';
import { locateBinaries } from '../postgres/binaries.ts';
import { type Cluster, openCluster, removeCluster } from '../postgres/cluster.ts';
import { withSuperuser } from '../postgres/superuser.ts';
import { ClusterTemplate } from '../postgres/template.ts';
import { templatesFolder } from '../postgres/testing/templates-folder.ts';
import { addOnSettings } from '../postgres/tuning.data.ts';
import { openKeyring } from '../secrets/keyring.ts';
import { accounts } from '../store/accounts.ts';
import { addOns } from '../store/add-ons.ts';
import { type NewTransfer, transferSchedules, transfers } from '../store/transfers.ts';
import { forgetUnlisted, tidyDumps } from './dump-files.ts';
import { scheduleDue } from './transfer-schedule.ts';
import { Transfers } from './transfers.ts';

const dayMs = 24 * 60 * 60 * 1000;
let store: TestStore;
let cluster: Cluster;
let running: RunningDatabase;
let appId: AppId;
let addOnId: AddOnId;
let folder: string;

before(async () => {
  store = await startTestStore();
  folder = join(store.folder, 'backups');
  await mkdir(folder);
  const binaries = await locateBinaries(join(store.folder, 'runtimes'));
  const template = new ClusterTemplate(binaries, templatesFolder(store.folder));
  cluster = await openCluster({
    binaries,
    template,
    folder: join(store.folder, 'db'),
    port: 5433,
    tcp: false,
    uid: 300_902,
    settings: addOnSettings(20),
    bootstrap: ["CREATE ROLE alice LOGIN PASSWORD 'secret'", 'ALTER DATABASE app OWNER TO alice'],
  });
  await cluster.start();
  running = { server: cluster.superuser, user: 'alice', database: 'app' };
  await sql('SET ROLE alice; CREATE TABLE books AS SELECT n FROM generate_series(1, 100) n');
  const { db } = store;
  const owner = await accounts.insert(db, {
    email: 'a@example.com',
    name: null,
    passwordHash: '-',
    administrator: false,
  });
  const app = await db
    .insertInto('apps')
    .values({
      ...{ name: 'shop', ownerId: owner.id, region: 'local', stack: 'heroku-24', buildStack: 'heroku-24' },
      ...{ buildpackProvidedDescription: null, requestKey: null, releasedAt: null, deletedAt: null },
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  appId = app.id;
  const addOn = await addOns.insert(db, {
    ...{ appId, name: 'postgresql-curved-1', service: 'heroku-postgresql', plan: 'heroku-postgresql:essential-0' },
    ...{ state: 'provisioned', sealedConfig: null, failureReason: null, requestKey: null },
  });
  addOnId = addOn.id;
});

after(async () => {
  await removeCluster(join(store.folder, 'db'));
  await store.close();
});

const sql = (text: string): Promise<string> =>
  withSuperuser(cluster.superuser, 'app', async (client) => {
    const results = [await client.query({ text, rowMode: 'array' })].flat();
    return String(results.at(-1)?.rows?.[0]?.[0]);
  });

const row = (change: Partial<NewTransfer>): NewTransfer => ({
  ...{ appId, kind: 'backup', fromAddOnId: addOnId, toAddOnId: null, fromName: 'DATABASE', toName: 'BACKUP' },
  ...{ backupId: null, sealedUrl: null, scheduleId: null, dueAt: null, requestKey: null, startedAt: null },
  ...{ finishedAt: null, ...change },
});

const add = async (change: Partial<NewTransfer>) => {
  const made = await transfers.insert(store.db, row(change));
  if (made === undefined) throw new Error('it was not made');
  return made;
};

const start = async () =>
  new Transfers({
    db: store.db,
    keyring: await openKeyring(join(store.folder, 'secrets')),
    folder,
    target: () => ({ running, password: 'secret' }),
    onFault: (error) => assert.fail(String(error)),
  });

/** Waits until none is left to do; answers how one ended. */
const settled = async (loop: Transfers, id: string) => {
  loop.nudge();
  while ((await transfers.unfinished(store.db)).length > 0) await sleep(20);
  return transfers.byId(store.db, id);
};

test('a backup that a killed process left half-way is begun anew, and the half of a file is removed', async () => {
  const transfer = await add({});
  await transfers.change(store.db, transfer.id, { state: 'running', startedAt: new Date() });
  await writeFile(join(folder, `${transfer.id}.dump.new-00000000`), 'half');
  await writeFile(join(folder, `${randomUUID()}.dump`), 'of nobody');
  await using loop = await start();
  const over = await settled(loop, transfer.id);
  assert.equal(over?.state, 'succeeded');
  assert.match(over?.log[0]?.message ?? '', /begins anew/);
  assert.deepEqual((await readdir(folder)).toSorted(), [`${transfer.id}.dump`, 'unlisted'].toSorted());
  assert.equal(over?.processedBytes, (await stat(join(folder, `${transfer.id}.dump`))).size);
});

test('a dump that the store does not list is set aside for days, and comes back when it is listed again', async () => {
  const aside = join(folder, 'unlisted');
  for (const name of await readdir(aside)) await rm(join(aside, name));
  const transfer = await add({});
  {
    await using loop = await start();
    assert.equal((await settled(loop, transfer.id))?.state, 'succeeded');
  }
  // As after the store was put back from a backup of before.
  const lost = await transfers.byId(store.db, transfer.id);
  await transfers.remove(store.db, transfer.id);
  await tidyDumps(store.db, folder);
  assert.deepEqual(await readdir(aside), [`${transfer.id}.dump`]);
  await forgetUnlisted(folder, Date.now() + 13 * dayMs);
  assert.equal((await readdir(aside)).length, 1);
  await store.db
    .insertInto('transfers')
    .values({ ...row({}), id: transfer.id, number: lost?.number ?? 0, state: 'succeeded' })
    .execute();
  await tidyDumps(store.db, folder);
  assert.deepEqual(await readdir(aside), []);
  await transfers.remove(store.db, transfer.id);
  await tidyDumps(store.db, folder);
  await forgetUnlisted(folder, Date.now() + 15 * dayMs);
  assert.deepEqual(await readdir(aside), []);
});

test('a restore whose dump comes ever so slowly from elsewhere holds up no backup of another database', async () => {
  const other = await addOns.insert(store.db, {
    ...{ appId, name: 'postgresql-calm-2', service: 'heroku-postgresql', plan: 'heroku-postgresql:essential-0' },
    ...{ state: 'provisioned', sealedConfig: null, failureReason: null, requestKey: null },
  });
  const asked = Promise.withResolvers<void>();
  const server = createServer((_request, response) => {
    response.writeHead(200).write('PGDMP');
    asked.resolve();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dump`; // It listens by TCP.
  const keyring = await openKeyring(join(store.folder, 'secrets'));
  const sealedUrl = keyring.seal(address, `app:${appId}:transfer-url`);
  await using loop = await start();
  const slow = await add({ kind: 'restore', fromAddOnId: null, toAddOnId: other.id, sealedUrl });
  loop.nudge();
  await asked.promise;
  const backup = await add({});
  loop.nudge();
  while ((await transfers.byId(store.db, backup.id))?.state !== 'succeeded') await sleep(20);
  assert.equal((await transfers.byId(store.db, slow.id))?.state, 'running');
  // What would take the place of the same content waits for neither.
  await assert.rejects(
    loop.apart(other.id, async () => assert.fail('it was done meanwhile')),
    /being backed up, restored, copied or reset just now/,
  );
  await loop.cancel(slow.id);
  server.close().closeAllConnections();
  assert.equal(await loop.apart(other.id, async () => 'done'), 'done');
});

test('while a database is reset no transfer of it begins, and it begins right after', async () => {
  await using loop = await start();
  const backup = await add({});
  await loop.apart(addOnId, async () => {
    loop.nudge();
    const elsewhere = await add({ kind: 'restore', fromAddOnId: null, toAddOnId: null, backupId: randomUUID() });
    // By the time that this one has failed, the other was looked at.
    while ((await transfers.byId(store.db, elsewhere.id))?.state !== 'failed') {
      loop.nudge();
      await sleep(20);
    }
    assert.equal((await transfers.byId(store.db, backup.id))?.state, 'pending');
  });
  assert.equal((await settled(loop, backup.id))?.state, 'succeeded');
});

test('a restore that got through before its process was killed is not done a second time', async () => {
  const backup = (await transfers.ofApp(store.db, appId)).find(
    ({ state, kind }) => kind === 'backup' && state === 'succeeded',
  );
  const restore = { kind: 'restore', toAddOnId: addOnId, fromAddOnId: null, backupId: backup?.id ?? null } as const;
  await sql('DELETE FROM books');
  const first = await add(restore);
  {
    await using loop = await start();
    assert.equal((await settled(loop, first.id))?.state, 'succeeded');
  }
  assert.equal(await sql('SELECT count(*) FROM books'), '100');
  assert.ok(await hasContent(running, `transfer ${first.id}`));
  // As if the process had been killed before it could note the end; a row came meanwhile.
  await sql('INSERT INTO books VALUES (101)');
  await store.db
    .updateTable('transfers')
    .set({ state: 'running', finishedAt: null })
    .where('id', '=', first.id)
    .execute();
  await using loop = await start();
  assert.equal((await settled(loop, first.id))?.state, 'succeeded');
  assert.equal(await sql('SELECT count(*) FROM books'), '101');
});

test('a backup that fails says why, and others go on', async () => {
  const lost = await add({ kind: 'restore', toAddOnId: addOnId, backupId: randomUUID() });
  const next = await add({});
  await using loop = await start();
  assert.equal((await settled(loop, next.id))?.state, 'succeeded');
  const failed = await transfers.byId(store.db, lost.id);
  assert.equal(failed?.state, 'failed');
  assert.match(failed?.log.at(-1)?.message ?? '', /The file of the backup is gone/);
  assert.equal(await sql('SELECT count(*) FROM books'), '101');
});

test('one that is cancelled before its turn is never begun', async () => {
  const transfer = await add({});
  await using loop = await start();
  await loop.cancel(transfer.id);
  await settled(loop, transfer.id);
  assert.equal((await transfers.byId(store.db, transfer.id))?.state, 'canceled');
});

test('a schedule makes one backup for each time it is due, however often it is looked at, and makes up for missed ones once', async () => {
  const due = new Date('2026-11-20T01:00:00Z');
  const put = () =>
    transferSchedules.put(store.db, { addOnId, name: 'DATABASE_URL', hour: 2, timezone: 'Europe/Paris', nextAt: due });
  await put();
  const now = new Date('2026-11-23T12:00:00Z');
  await scheduleDue(store.db, now);
  await scheduleDue(store.db, now);
  // As if the process had been killed before it noted the next time.
  await put();
  await scheduleDue(store.db, now);
  const scheduled = (await transfers.ofApp(store.db, appId)).filter((one) => one.scheduled);
  assert.deepEqual(
    scheduled.map((one) => one.dueAt),
    [due],
  );
  const [schedule] = await transferSchedules.ofApp(store.db, appId);
  assert.equal(schedule?.nextAt.toISOString(), '2026-11-24T01:00:00.000Z');
  // A clock that is set back two days takes the next time along.
  await scheduleDue(store.db, new Date('2026-11-21T12:00:00Z'));
  const [earlier] = await transferSchedules.ofApp(store.db, appId);
  assert.equal(earlier?.nextAt.toISOString(), '2026-11-22T01:00:00.000Z');
});
