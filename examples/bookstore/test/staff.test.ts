import { doesNotMatch, match, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Browser, openShop } from './shop.ts';

const folder = await mkdtemp(join(tmpdir(), 'bookstore-media-'));
const shop = await openShop({ MEDIA_FOLDER: folder });
after(async () => {
  await shop[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A picture of one pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const facts = {
  title: 'Evelina',
  author: 'Frances Burney',
  year: '1778',
  price: '9.50',
  description: 'Letters.',
  language: 'en',
};

async function newReader(email: string, staff: boolean): Promise<Browser> {
  const browser = new Browser(shop);
  await browser.submit('/sign-up', '/sign-up', { name: 'Ada', email, password: 'four words make one' });
  if (staff) strictEqual(makeStaff(email).status, 0);
  return browser;
}

function makeStaff(...args: readonly string[]) {
  return spawnSync('node', ['src/staff.ts', ...args], {
    cwd: new URL('..', import.meta.url),
    env: { PATH: process.env.PATH, DATABASE_URL: shop.databaseUrl },
    encoding: 'utf8',
  });
}

test('a command makes a reader one of the staff, and a reader again', async () => {
  const browser = await newReader('grace@example.com', false);
  match(makeStaff('Grace@example.com').stdout, /is staff now/);
  match(await browser.text('/'), /href="\/staff"/);
  match(makeStaff('grace@example.com', '--remove').stdout, /is a reader now/);
  strictEqual((await browser.get('/staff')).status, 403);
  const nobody = makeStaff('nobody@example.com');
  strictEqual(nobody.status, 1);
  match(nobody.stderr, /Nobody has signed up as nobody@example\.com/);
});

test('only the staff come in: strangers are asked to log in, readers are refused, and nothing changes', async () => {
  const stranger = new Browser(shop);
  strictEqual((await stranger.get('/staff')).headers.get('location'), '/log-in?next=/staff');
  const reader = await newReader('reader@example.com', false);
  for (const browser of [stranger, reader]) {
    const response = await browser.submit('/log-in', '/staff/books/new', facts);
    strictEqual(response.status, 403);
  }
  strictEqual((await stranger.get('/books/evelina')).status, 404);
});

test('the staff add a book with its cover, which browsers may keep for good', async () => {
  const staff = await newReader('staff@example.com', true);
  const cover = new File([png], 'cover.png', { type: 'image/png' });
  const added = await staff.submit('/staff/books/new', '/staff/books/new', facts, { cover });
  strictEqual(added.headers.get('location'), '/books/evelina');
  const source = /src="(\/covers\/[0-9a-f]{32}\.png)"/.exec(await new Browser(shop).text('/books/evelina'))?.[1] ?? '';
  const picture = await new Browser(shop).get(source);
  strictEqual(picture.headers.get('content-type'), 'image/png');
  match(picture.headers.get('cache-control') ?? '', /immutable/);
  strictEqual(Buffer.compare(Buffer.from(await picture.arrayBuffer()), png), 0);
  strictEqual((await readdir(folder)).length, 1);

  const edited = await staff.submit('/staff/books/evelina', '/staff/books/evelina', { ...facts, price: '۱۲٫۵' });
  strictEqual(edited.status, 303);
  const page = await staff.text('/books/evelina');
  match(page, /\$12\.50/);
  match(page, /src="\/covers\/[0-9a-f]{32}\.png"/, 'the cover stays when no other is chosen');
  strictEqual((await staff.submit('/staff/books/new', '/staff/books/new', facts)).status, 422, 'the title is taken');
});

test('what is no picture, or too large, is refused whatever it is called', async () => {
  const staff = await newReader('careful@example.com', true);
  const before = await readdir(folder);
  for (const bytes of ['<svg onload="alert(1)"/>', Buffer.concat([png, Buffer.alloc(2 * 1024 * 1024)])]) {
    const cover = new File([bytes], 'cover.png', { type: 'image/png' });
    const response = await staff.submit('/staff/books/dracula', '/staff/books/dracula', facts, { cover });
    strictEqual(response.status, 422);
    match(await response.text(), /role="alert">The cover must be a JPEG, PNG or WebP/);
  }
  const huge = new File([Buffer.alloc(5 * 1024 * 1024)], 'cover.png');
  strictEqual((await staff.submit('/staff/books/dracula', '/staff/books/dracula', facts, { cover: huge })).status, 413);
  strictEqual((await readdir(folder)).length, before.length);
  for (const path of ['/covers/..%2fapp.json', `/covers/${'0'.repeat(32)}.png`, `/covers/${'0'.repeat(32)}.exe`])
    strictEqual((await staff.get(path)).status, 404, path);
});

test('bad entries are explained, and what was typed stays', async () => {
  const staff = await newReader('typist@example.com', true);
  for (const [entry, words] of [
    [{ title: '' }, 'Give a title'],
    [{ year: 'MDCC' }, 'Give the year'],
    [{ price: '-1' }, 'Give the price'],
    [{ description: ' ' }, 'Give a description'],
    [{ language: 'tlh' }, 'Choose the language'],
  ] as const) {
    const response = await staff.submit('/staff/books/new', '/staff/books/new', {
      ...facts,
      title: 'Belinda',
      ...entry,
    });
    strictEqual(response.status, 422);
    const page = await response.text();
    match(page, new RegExp(`role="alert">${words}`));
    match(page, /value="Frances Burney"/);
  }
  strictEqual((await staff.get('/books/belinda')).status, 404);
});

test('the staff remove a review', async () => {
  const staff = await newReader('tidy@example.com', true);
  await staff.submit('/books/candide', '/books/candide/reviews', { rating: '1', text: 'Buy cheap pills.' });
  const readers = [...(await staff.text('/staff/books/candide')).matchAll(/name="reader" value="(\d+)"/g)];
  strictEqual(readers.length, 2);
  await staff.submit('/staff/books/candide', '/staff/books/candide/remove-review', { reader: readers[0]?.[1] ?? '' });
  const page = await staff.text('/books/candide');
  doesNotMatch(page, /cheap pills/);
  match(page, /Shorter than most reviews/);
});

test('with a bucket named, covers are kept there and read from there', async () => {
  const kept = new Map<string, Buffer>();
  await using bucket = createServer(async (request, response) => {
    const name = request.url ?? '';
    match(
      request.headers.authorization ?? '',
      /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-central-1\/s3\/aws4_request,/,
    );
    if (request.method === 'PUT') kept.set(name, Buffer.concat(await Array.fromAsync(request)));
    response.statusCode = kept.has(name) ? 200 : 404;
    response.end(request.method === 'GET' ? kept.get(name) : undefined);
  });
  await new Promise<void>((resolve) => bucket.listen(0, '127.0.0.1', resolve));
  const { port } = bucket.address() as AddressInfo; // A TCP server's.
  await using other = await openShop({
    AWS_S3_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    BUCKETEER_BUCKET_NAME: 'covers',
    BUCKETEER_AWS_ACCESS_KEY_ID: 'key',
    BUCKETEER_AWS_SECRET_ACCESS_KEY: 'secret',
    BUCKETEER_AWS_REGION: 'eu-central-1',
  });
  const browser = new Browser(other);
  await browser.submit('/sign-up', '/sign-up', {
    name: 'Ada',
    email: 'ada@example.com',
    password: 'four words make one',
  });
  spawnSync('node', ['src/staff.ts', 'ada@example.com'], {
    cwd: new URL('..', import.meta.url),
    env: { PATH: process.env.PATH, DATABASE_URL: other.databaseUrl },
  });
  const cover = new File([png], 'cover.png');
  await browser.submit('/staff/books/new', '/staff/books/new', facts, { cover });
  const [name = ''] = kept.keys();
  match(name, /^\/covers\/[0-9a-f]{32}\.png$/);
  strictEqual((await browser.get(name)).status, 200);
  kept.clear();
  strictEqual((await browser.get(name)).status, 404);
});
