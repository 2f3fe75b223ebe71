import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine } from '../scripts/platform-in-engine.ts';
import { cacheCounters } from './harness/cache-counters.ts';
import { startPlatform } from './harness/platform.ts';
import { newProject } from './harness/project.ts';
import { type Answer, Reader } from './harness/reader.ts';
import { steady } from './harness/said.ts';
import { visit } from './harness/visit.ts';
import { visitSecurely } from './harness/visit-securely.ts';

const platform = await startPlatform({ DOCKER_HOST: ensureEngine(), RAVINE_ENGINE: 'auto' });
after(async () => {
  await platform[Symbol.asyncDispose]();
  await clearEngine(platform.dataFolder);
});
const shell = await platform.loggedIn('ann');
const shop = await newProject(shell, 'shop');
await cp(join(import.meta.dirname, '..', 'examples', 'django-bookstore'), shop.folder, {
  recursive: true,
  filter: (path) => basename(path) !== '__pycache__',
});
await shop.commit({});

/** A picture of one pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const kept = 'public, max-age=31536000, immutable';
const owner = { email: 'wsv@example.com', password: 'margins-and-ink-7' };
const staff = new Reader(platform, 'shop');

const does = async (...args: string[]): Promise<string> => {
  const { stdout, stderr, status } = await shop.heroku(...args);
  assert.equal(status, 0, `heroku ${args.join(' ')}\n${steady(stdout)}\n${steady(stderr)}`);
  return stdout;
};
const config = async (): Promise<Readonly<Record<string, string>>> => JSON.parse(await does('config', '--json'));
const shows = (path: string): Promise<Answer> => new Reader(platform, 'shop').get(path);

/** Puts a book with a cover on the shelf, in the admin. @returns the cover's address on the book's page */
const addBook = async (title: string): Promise<string> => {
  const slug = title.toLowerCase();
  const inline = Object.fromEntries(
    ['TOTAL', 'INITIAL', 'MIN_NUM', 'MAX_NUM'].map((name) => [`reviews-${name}_FORMS`, '0']),
  );
  const book = { title, slug, author: 'Frances Burney', year: '1778', price: '9.50', blurb: 'Letters.', ...inline };
  const cover = new File([png], 'cover.png', { type: 'image/png' });
  const added = await staff.submit('/admin/books/book/add/', { ...book, cover });
  assert.equal(added.headers.location, '/admin/books/book/', added.body.toString());
  const page = await visit(platform, 'shop', `/books/${slug}/`);
  return /<img src="([^"]+)"/.exec(page.body)?.[1] ?? page.body;
};

test('a push of the Django bookstore takes its database, cache and bucket', async () => {
  await does('create', 'shop', '--stack', 'container');
  await does('git:remote', '-a', 'shop');
  for (const plan of ['heroku-postgresql', 'memcachier:dev', 'bucketeer:hobbyist']) await does('addons:create', plan);
  await does(
    'config:set',
    'DJANGO_SECRET_KEY=not-guessed-by-anybody',
    'DJANGO_ALLOWED_HOSTS=.localhost',
    'DJANGO_SECURE_SSL_REDIRECT=off',
    'DJANGO_SECURE_COOKIES=off',
    `DJANGO_SUPERUSER_PASSWORD=${owner.password}`,
  );
  const { stderr, status } = await shop.git('push', 'heroku', 'HEAD:main');
  assert.equal(status, 0, stderr);
  const prepare = `python manage.py migrate && python manage.py createsuperuser --noinput --email ${owner.email}`;
  assert.match(
    await does('run', '--no-tty', '--exit-code', '--', `sh -c "${prepare}"`),
    /Superuser created successfully/,
  );
  await does('ps:wait');
});

test('what the home page shows is kept in the cache, and taken from it at the next visit', async () => {
  const hits = async (): Promise<number> => {
    assert.equal((await visit(platform, 'shop', '/')).status, 200);
    return Number((await cacheCounters(await config())).get_hits);
  };
  const before = await hits();
  // The shop waits a quarter of a second for its cache, which a busy machine may not keep to each time.
  while ((await hits()) <= before);
});

test('a cover that is uploaded in the admin lies in the bucket and is on the home page at once', async () => {
  const form = { username: owner.email, password: owner.password };
  assert.equal((await staff.submit('/admin/login/?next=/admin/', form)).headers.location, '/admin/');
  const cover = await addBook('Evelina');
  assert.match(cover, /^\/media\/covers\/evelina-[0-9a-f]{8}\.png$/);
  const home = await shows('/');
  assert.ok(home.body.includes(cover), home.body.toString());
  assert.match(String(home.headers['content-security-policy']), /img-src 'self' data:;/);
  await does('ps:restart');
  await does('ps:wait');
  const { status, headers, body } = await shows(cover);
  assert.deepEqual([status, headers['content-type'], headers['cache-control']], [200, 'image/png', kept]);
  assert.ok(body.equals(png), 'after a restart, which empties the disks of dynos');
  const { AWS_STORAGE_BUCKET_NAME: bucket } = await config();
  const direct = await visit(platform, `${bucket}.media`, cover.replace('/media', ''));
  assert.equal(direct.status, 403, 'it is there, and nobody but the shop reads it');
});

test('with AWS_S3_CUSTOM_DOMAIN, browsers load covers that are public-read out of the bucket, by https', async () => {
  const { BUCKETEER_PUBLIC_URL = '' } = await config();
  const { host } = new URL(BUCKETEER_PUBLIC_URL);
  await does('config:set', `AWS_S3_CUSTOM_DOMAIN=${host}`, 'AWS_DEFAULT_ACL=public-read');
  await does('ps:wait');
  const cover = new URL(await addBook('Cecilia'));
  assert.equal(cover.origin, `https://${host}`);
  const policy = (await shows('/')).headers['content-security-policy'];
  assert.match(String(policy), new RegExp(`img-src 'self' data: https://${host};`));
  const { status, headers } = await visitSecurely(platform, host, cover.pathname);
  assert.deepEqual([status, headers['content-type'], headers['cache-control']], [200, 'image/png', kept]);
});

test('without the add-ons the shop works on, with bindings that it draws itself', async () => {
  await does('addons:destroy', 'MEMCACHIER', '--confirm', 'shop');
  await does('addons:destroy', 'BUCKETEER', '--confirm', 'shop');
  await does('ps:wait');
  for (const path of ['/', '/', '/books/', '/books/evelina/'])
    assert.equal((await visit(platform, 'shop', path)).status, 200, path);
  assert.doesNotMatch((await visit(platform, 'shop', '/books/evelina/')).body, /<img/);
});
