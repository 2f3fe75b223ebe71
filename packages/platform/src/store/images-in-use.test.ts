import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestStore, type TestStore } from '../api/testing/store-cluster.ts';
import { accounts } from './accounts.ts';
import { type App, apps } from './apps.ts';
import { dynos } from './dynos.ts';
import { imagesInUse } from './images-in-use.ts';
import { type NewRelease, type Release, releases } from './releases.ts';
import { slugs } from './slugs.ts';

let store: TestStore;
before(async () => {
  store = await startTestStore();
});
after(() => store.close());

const newApp = async (name: string): Promise<App> => {
  const { id } = await accounts.insert(store.db, {
    email: `${name}@example.com`,
    name: null,
    passwordHash: 'x',
    administrator: false,
  });
  return apps.insert(store.db, { name, ownerId: id, region: 'local', stack: 'container', requestKey: null });
};

/** A release whose command wrote files, which went into an image of this name. */
const release = async (app: App, kept: string, status: NewRelease['status'], slug: Release['slugId']) => {
  const row = await releases.insert(store.db, {
    ...{ appId: app.id, status, slugId: slug, description: kept, accountId: null, accountEmail: 'ada@example.com' },
    ...{ stack: 'container', processTypes: {}, sealedConfig: Buffer.alloc(0), sealedOwnConfig: Buffer.alloc(0) },
    ...{ attachments: [], outputSecret: null, failureReason: null, requestKey: null },
  });
  await releases.keepImages(store.db, row.id, { web: kept });
  return row;
};

test('of the images that release commands wrote files to, those stay that may still run; of the built ones all that can be rolled back to', async () => {
  const [app, other] = [await newApp('shop'), await newApp('attic')];
  const { id } = await slugs.insert(store.db, {
    ...{ appId: app.id, commit: null, commitDescription: null, checksum: null, sourceDigest: 'x', sizeBytes: null },
    ...{ processTypes: {}, stack: 'container', buildpackProvidedDescription: null },
  });
  await slugs.finish(store.db, id, {
    ...{ sizeBytes: 1, processTypes: {}, buildpackProvidedDescription: 'Container', images: { web: 'built' } },
  });
  const first = await release(app, 'v1', 'succeeded', id);
  for (const kept of ['v2', 'v3', 'v4', 'v5']) await release(app, kept, 'succeeded', id);
  await release(app, 'v6, failed', 'failed', id);
  for (const kept of ['v7', 'v8', 'v9', 'v10']) await release(app, `${kept}, pending`, 'pending', id);
  await release(other, "another app's", 'succeeded', null);
  const always = ['built', 'v3', 'v4', 'v5', 'v7, pending', 'v8, pending', 'v9, pending', 'v10, pending'];
  assert.deepEqual(new Set(await imagesInUse(store.db)), new Set([...always, "another app's"]));
  await dynos.insert(store.db, {
    ...{ appId: app.id, releaseId: first.id, releaseVersion: 1, kind: 'run', type: 'run', ordinal: 1, size: 'Basic' },
    ...{ command: 'sleep 1', state: 'up', retire: null, attached: true, sealedEnv: null, attachSecretHash: null },
    ...{ host: null, port: null, exitCode: null, nextStartAt: null, outputPosition: null, requestKey: null },
  });
  assert.ok((await imagesInUse(store.db)).has('v1'), 'a dyno runs from it');
  await slugs.markRemoved(store.db, id);
  assert.equal((await imagesInUse(store.db)).has('built'), false);
});
