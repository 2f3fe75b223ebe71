import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { copyBookstore } from '../scripts/copy-bookstore.ts';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine } from '../scripts/platform-in-engine.ts';
import { startPlatform } from './harness/platform.ts';
import { newProject } from './harness/project.ts';
import { Reader } from './harness/reader.ts';
import { steady } from './harness/said.ts';
import { visit } from './harness/visit.ts';

const platform = await startPlatform({ DOCKER_HOST: ensureEngine(), RAVINE_ENGINE: 'auto' });
after(async () => {
  await platform[Symbol.asyncDispose]();
  await clearEngine(platform.dataFolder);
});
const shell = await platform.loggedIn('ann');
const books = await newProject(shell, 'books');
await copyBookstore(books.folder);
await books.commit({});

/** A picture of one pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const does = async (...args: string[]): Promise<string> => {
  const { stdout, stderr, status } = await books.heroku(...args);
  assert.equal(status, 0, `heroku ${args.join(' ')}\n${steady(stdout)}\n${steady(stderr)}`);
  return stdout;
};

test('a push of the bookstore as an image takes its database from heroku.yml, migrates it and serves', async () => {
  await does('create', 'books');
  await does('stack:set', 'container');
  await does('config:set', 'SESSION_SECRET=a secret of enough letters');
  const { stderr, status } = await books.git('push', 'heroku', 'main');
  assert.equal(status, 0, stderr);
  assert.match(steady(stderr), /applied 0001_shop\.sql/);
  await does('ps:wait');
  const home = await visit(platform, 'books', '/');
  assert.equal(home.status, 200);
  const [, style = ''] = /href="(\/static\/style\.[0-9a-f]{12}\.css)"/.exec(home.body) ?? [];
  assert.equal((await visit(platform, 'books', style)).headers['cache-control'], 'public, max-age=31536000, immutable');
});

test('the staff upload a cover to a container that does not run as root, and visitors load it', async () => {
  const staff = new Reader(platform, 'books');
  const ada = { name: 'Ada', email: 'ada@example.com', password: 'four words make one' };
  assert.equal((await staff.submit('/sign-up', ada)).status, 303);
  assert.match(await does('run', '-x', '--', 'node src/staff.ts ada@example.com'), /is staff now/);
  const added = await staff.submit('/staff/books/new', {
    title: 'Evelina',
    author: 'Frances Burney',
    year: '1778',
    price: '9.50',
    description: 'Letters.',
    language: 'en',
    cover: new File([png], 'cover.png', { type: 'image/png' }),
  });
  assert.equal(added.headers.location, '/books/evelina', added.body.toString());
  const page = await visit(platform, 'books', '/books/evelina');
  const [, cover = ''] = /src="(\/covers\/[0-9a-f]{32}\.png)"/.exec(page.body) ?? [];
  const { status, headers, body } = await new Reader(platform, 'books').get(cover);
  assert.deepEqual([status, headers['content-type'], body], [200, 'image/png', png]);
});
