import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { copyBookstore } from '../scripts/copy-bookstore.ts';
import { cacheCounters } from './harness/cache-counters.ts';
import { startPlatform } from './harness/platform.ts';
import { newProject } from './harness/project.ts';
import { Reader } from './harness/reader.ts';
import { steady } from './harness/said.ts';
import { visit } from './harness/visit.ts';
import { visitSecurely } from './harness/visit-securely.ts';

const platform = await startPlatform({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.loggedIn('ann');
const books = await newProject(shell, 'books');
await copyBookstore(books.folder);
await books.commit({});

/** A picture of one pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const evelina = {
  title: 'Evelina',
  author: 'Frances Burney',
  year: '1778',
  price: '9.50',
  description: 'Letters.',
  language: 'en',
};
const password = 'four words make one';
/** Where the shop shows the cover that the staff have uploaded. */
let cover = '';

const does = async (...args: string[]): Promise<string> => {
  const { stdout, stderr, status } = await books.heroku(...args);
  assert.equal(status, 0, `heroku ${args.join(' ')}\n${steady(stdout)}\n${steady(stderr)}`);
  return stdout;
};
const config = (): Promise<Readonly<Record<string, string>>> => platform.configVars('books');

test('a push of the bookstore takes its database from app.json, and the cache and the bucket that were added', async () => {
  await does('create', 'books');
  await does('git:remote', '-a', 'books');
  await does('addons:create', 'memcachier:dev');
  await does('addons:create', 'bucketeer:hobbyist');
  const { stderr, status } = await books.git('push', 'heroku', 'main');
  assert.equal(status, 0, stderr);
  await does('ps:wait');
  const names = Object.keys(JSON.parse(await does('config', '--json')));
  for (const name of ['DATABASE_URL', 'MEMCACHIER_SERVERS', 'BUCKETEER_BUCKET_NAME', 'SESSION_SECRET'])
    assert.ok(names.includes(name), name);
});

test('what the home page shows is kept in the cache, and taken from it at the next visit', async () => {
  assert.equal((await visit(platform, 'books', '/')).status, 200);
  const { get_hits: before = '', cmd_set: stored = '' } = await cacheCounters(await config());
  assert.ok(Number(stored) > 0, `${stored} values were stored`);
  assert.equal((await visit(platform, 'books', '/')).status, 200);
  const { get_hits: now = '' } = await cacheCounters(await config());
  assert.ok(Number(now) > Number(before), `${now} hits after ${before}`);
});

test('a cover that the staff upload lies in the bucket, and visitors load it by http and by https', async () => {
  const staff = new Reader(platform, 'books');
  const signedUp = await staff.submit('/sign-up', { name: 'Ada', email: 'ada@example.com', password });
  assert.equal(signedUp.status, 303);
  assert.match(await does('run', '-x', '--', 'node src/staff.ts ada@example.com'), /is staff now/);
  const picture = new File([png], 'cover.png', { type: 'image/png' });
  const added = await staff.submit('/staff/books/new', { ...evelina, cover: picture });
  assert.equal(added.headers.location, '/books/evelina', added.body.toString());
  const page = await visit(platform, 'books', '/books/evelina');
  cover = /src="(\/covers\/[0-9a-f]{32}\.png)"/.exec(page.body)?.[1] ?? '';
  assert.match(
    String(page.headers['content-security-policy']),
    /img-src 'self'/,
    'which allows an address of the shop',
  );
  await assertCoverLoads();
  const secure = await visitSecurely(platform, `books.localhost:${platform.routerPort}`, cover);
  assert.deepEqual(
    [secure.status, secure.headers['content-type'], secure.headers['cache-control']],
    [200, 'image/png', 'public, max-age=31536000, immutable'],
  );
  const { BUCKETEER_BUCKET_NAME: bucket } = await config();
  const direct = await visit(platform, `${bucket}.media`, `/${cover.split('/').at(-1)}`);
  assert.equal(direct.status, 403, 'it is there, and nobody but the shop reads it');
});

test('the cover is there after a restart, which empties the disks of dynos', async () => {
  await does('ps:restart');
  await does('ps:wait');
  await assertCoverLoads();
});

test('without the add-ons the shop works on, with covers that it draws itself', async () => {
  await does('addons:destroy', 'MEMCACHIER', '--confirm', 'books');
  await does('addons:destroy', 'BUCKETEER', '--confirm', 'books');
  await does('ps:wait');
  const names = Object.keys(await config()).sort();
  assert.deepEqual(names, ['DATABASE_URL', 'SESSION_SECRET']);
  for (const path of ['/', '/', '/books', '/books/evelina', '/covers/dracula.svg'])
    assert.equal((await visit(platform, 'books', path)).status, 200, path);
  assert.equal((await visit(platform, 'books', cover)).status, 404);
});

const assertCoverLoads = async (): Promise<void> => {
  const { status, headers, body } = await new Reader(platform, 'books').get(cover);
  assert.deepEqual(
    [status, headers['content-type'], headers['cache-control']],
    [200, 'image/png', 'public, max-age=31536000, immutable'],
  );
  assert.ok(body.equals(png));
};
