import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import axe from 'axe-core';
import { copyBookstore } from '../scripts/copy-bookstore.ts';
import { openChromium } from './harness/chromium.ts';
import { Machine } from './harness/machine.ts';
import { Member } from './harness/member.ts';

const run = promisify(execFile);
const app = 'books';
/** A folder for pictures of each page, to look at. */
const pictures = process.env.RAVINE_SCREENSHOTS;
const widths = [1280, 390];

const machine = await Machine.make();
const chromium = await openChromium();
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});
await machine.start();
const member = await Member.logIn(machine);
const { page, cookies } = chromium;
const site = `https://${app}.localhost:${machine.routerPort}`;
/** What the browser complained of, such as breaches of the content security policy. */
const complaints: string[] = [];
page.on('console', (message) => {
  if (message.type() === 'error') complaints.push(message.text());
});
page.on('pageerror', (error) => complaints.push(error.message));

/** Holds the page in view against the rules of accessibility, and takes a picture of it at each width. */
const look = async (name: string): Promise<void> => {
  for (const width of widths) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    const scrolls = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
    assert.equal(scrolls, false, `${name} is wider than a window of ${width}`);
    if (pictures !== undefined) {
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}-${width}.png`), fullPage: true });
    }
  }
  await page.evaluate(axe.source);
  const problems = await page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html)].join(" ")))',
  );
  assert.deepEqual(problems, [], name);
};

const languages = {
  en: {
    signUp: 'Sign up',
    name: 'Name',
    email: 'E-mail address',
    password: 'Password',
    logOut: 'Log out',
    search: 'Search',
    searchBox: 'Search by title or author',
    found: '1 book found.',
    stars: '4',
    text: 'What did you make of it?',
    publish: 'Publish',
    staff: 'Staff',
    edit: 'Edit Dracula',
    cover: 'Cover',
    save: 'Save',
    query: 'stoker',
    book: 'Dracula',
    review: 'Splendid castle, and worth the journey.',
    direction: 'ltr',
  },
  fa: {
    signUp: 'نام‌نویسی',
    name: 'نام',
    email: 'نشانی ایمیل',
    password: 'گذرواژه',
    logOut: 'خروج',
    search: 'جست‌وجو',
    searchBox: 'جست‌وجوی عنوان یا نویسنده',
    found: '۱ کتاب پیدا شد.',
    stars: '۴',
    text: 'این کتاب را چگونه یافتید؟',
    publish: 'انتشار',
    staff: 'کارکنان',
    edit: 'ویرایش گلستان',
    cover: 'جلد',
    save: 'ذخیره',
    query: 'سعدي',
    book: 'گلستان',
    review: 'هر حکایتش را دو بار خواندم.',
    direction: 'rtl',
  },
} as const;

test('a pushed copy of the bookstore is live, with its files under names that browsers keep for good', async () => {
  const source = join(machine.dataFolder, 'bookstore');
  await copyBookstore(source);
  for (const args of [
    ['init', '--quiet'],
    ['add', '.'],
    ['commit', '--quiet', '--message', 'The bookstore'],
  ]) {
    await run('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@localhost', ...args], { cwd: source });
  }
  await member.call('POST', '/apps', { name: app });
  const { status, output } = await member.push(app, source);
  assert.equal(status, 0, output);
  const stylesheet = page.waitForResponse(/\/static\/style\.[0-9a-f]{12}\.css$/);
  await page.goto(site);
  const headers = (await stylesheet).headers();
  assert.match(headers['cache-control'] ?? '', /immutable/);
  assert.match(headers['content-encoding'] ?? '', /^(br|zstd)$/);
  await look('home-en');
});

for (const [code, words] of Object.entries(languages)) {
  const email = `${code}@example.com`;

  test(`in ${code}: a visitor signs up, searches and writes a review`, async () => {
    await cookies.clearCookies();
    await page.goto(`${site}/language/${code}?next=/sign-up`);
    assert.equal(await page.locator('html').getAttribute('dir'), words.direction);
    await look(`sign-up-${code}`);
    const form = page.locator('form.panel');
    await form.getByLabel(words.name, { exact: true }).fill('Ada');
    await form.getByLabel(words.email).fill(email);
    await form.getByLabel(words.password, { exact: true }).fill('four words make one');
    await form.getByRole('button', { name: words.signUp }).click();
    await page.getByRole('button', { name: words.logOut }).waitFor();
    await page.getByLabel(words.searchBox).fill(words.query);
    await page.getByRole('button', { name: words.search }).click();
    await page.getByText(words.found).waitFor();
    await look(`search-${code}`);
    await page.getByRole('link', { name: words.book, exact: true }).click();
    await page.getByLabel(words.stars, { exact: true }).check();
    await page.getByLabel(words.text).fill(words.review);
    await page.getByRole('button', { name: words.publish }).click();
    await page.locator('.review-text', { hasText: words.review }).waitFor();
    await look(`book-${code}`);
  });

  test(`in ${code}: one of the staff uploads a cover`, async () => {
    await member.call('POST', `/apps/${app}/dynos`, { command: `node src/staff.ts ${email}`, attach: false });
    const staff = page.getByRole('link', { name: words.staff });
    while ((await staff.count()) === 0) await page.reload();
    await page.goto(`${site}/covers/middlemarch.svg`);
    const picture = await page.screenshot({ clip: { x: 0, y: 0, width: 240, height: 360 } });
    await page.goto(site);
    await staff.click();
    const edit = page.getByRole('link', { name: words.edit });
    await edit.waitFor();
    await look(`staff-${code}`);
    await edit.click();
    const cover = { name: 'cover.png', mimeType: 'image/png', buffer: picture };
    await page.getByLabel(words.cover, { exact: true }).setInputFiles(cover);
    await look(`edit-${code}`);
    await page.getByRole('button', { name: words.save }).click();
    const shown = page.locator('.book-cover img');
    await shown.waitFor();
    assert.match((await shown.getAttribute('src')) ?? '', /^\/covers\/[0-9a-f]{32}\.png$/);
    const width =
      "const image = document.querySelector('.book-cover img'); image.decode().then(() => image.naturalWidth)";
    assert.equal(await page.evaluate(width), 240);
  });

  test(`in ${code}: every other page can be read and used by everybody`, async () => {
    for (const path of ['', 'books', 'about', 'log-in', 'staff/books/new', 'nowhere']) {
      await page.goto(`${site}/${path}`);
      await look(`${path.replaceAll('/', '-') || 'home'}-${code}`);
    }
    assert.deepEqual(
      complaints.filter((text) => !/404/.test(text)),
      [],
    );
  });
}
