import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { Machine } from './harness/machine.ts';
import { type Json, Member } from './harness/member.ts';
import { TinyApp } from './harness/tiny-app.ts';

const machine = await Machine.make();
await machine.start();
const chromium = await openChromium();
const sources = await mkdtemp(join(tmpdir(), 'ravine-sources-'));
await chmod(sources, 0o755);
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
  await rm(sources, { recursive: true });
});
const member = await Member.logIn(machine);
const { page } = chromium;
const visit = new DashboardVisit(machine, page);
const dialog = page.getByRole('dialog');
const firstLoadLimitBytes = 200 * 1024;

/** Presses Tab until the focus is on what is called so. */
const tabTo = async (name: string | RegExp): Promise<void> => {
  const wanted = page.getByRole('button', { name, exact: true }).or(page.getByRole('link', { name, exact: true }));
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab');
    const there = await wanted.evaluateAll((all) => all.some((one) => one.matches(':focus-visible')));
    if (there) return;
  }
  throw new Error(`80 times Tab did not lead to ${name}`);
};

/** Goes somewhere by Ctrl+K and a few letters. */
const jumpTo = async (letters: string): Promise<void> => {
  await page.keyboard.press('Control+k');
  await dialog.waitFor();
  await page.keyboard.type(letters);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
};

test('the first load is at most 200 KB over the wire, and everything of it comes from this host', async () => {
  const hosts = new Set<string>();
  const sizes: Promise<number>[] = [];
  const onFinished = (request: import('playwright-core').Request): void => {
    hosts.add(new URL(request.url()).host);
    sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  };
  page.on('requestfinished', onFinished);
  await visit.open('/');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await visit.signIn(machine.email, machine.password);
  await visit.settled();
  page.off('requestfinished', onFinished);
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  assert.deepEqual([...hosts], [`localhost:${machine.apiPort}`]);
  assert.ok(bytes > 10_000 && bytes <= firstLoadLimitBytes, `${bytes} bytes`);
});

test("the chapter's steps 7 to 12 are done from the dashboard by keyboard alone", async () => {
  await tabTo('Create app');
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await page.keyboard.type('shop');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'shop', level: 1 }).waitFor();
  await visit.says('Enable Logplex');

  await tabTo('Settings');
  await page.keyboard.press('Enter');
  await tabTo('Reveal Config Vars');
  await page.keyboard.press('Enter');
  const key = page.getByLabel('Key', { exact: true });
  await key.waitFor();
  for (const [name, value] of [
    ['DJANGO_SECRET_KEY', 'not-so-secret'],
    ['DJANGO_ALLOWED_HOSTS', '.localhost'],
  ] as const) {
    while (!(await key.evaluate((field) => field.matches(':focus')))) await page.keyboard.press('Tab');
    await page.keyboard.type(name);
    await page.keyboard.press('Tab');
    await page.keyboard.type(value);
    await page.keyboard.press('Enter');
    await visit.says(`${name} was set.`);
  }
  assert.deepEqual(await member.call<Json>('GET', '/apps/shop/config-vars'), {
    DJANGO_ALLOWED_HOSTS: '.localhost',
    DJANGO_SECRET_KEY: 'not-so-secret',
  });

  await jumpTo('res');
  await tabTo('Add an add-on');
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await page.keyboard.type('Heroku Postgres');
  await tabTo('Provision');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await visit.says('attached as');

  await jumpTo('acti');
  await page.getByRole('heading', { name: 'Activity feed' }).waitFor();
  const shop = await TinyApp.make(join(sources, 'shop'));
  const watched = join(sources, 'watched');
  const scripts = { 'heroku-postbuild': `until test -e ${watched}; do sleep 0.1; done` };
  await shop.commit('v2', {
    'package.json': JSON.stringify({ name: 'tiny', version: '1.0.0', private: true, scripts }),
  });
  const pushed = member.push('shop', shop.folder);
  await page.getByRole('button', { name: 'Build output' }).waitFor();
  await tabTo('Build output');
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await writeFile(watched, '');
  await dialog.getByText(/deployed to Ravine/).waitFor();
  await pushed;
  // The row of the build has become that of its release behind the dialog.
  await page.locator('li', { hasText: 'Deploy' }).getByText('Current').waitFor();
  await page.locator('li', { hasText: 'Deploy' }).getByText('Build output').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  const focused = await page.evaluate('document.activeElement.textContent');
  assert.equal(focused, 'Build output', 'the focus is back where the dialog was opened');
  await jumpTo('sho');
  await tabTo('More');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
});

const pages: readonly { readonly path: string; readonly press?: readonly [en: string, fa: string] }[] = [
  { path: '/' },
  { path: '/', press: ['Create app', 'ساخت برنامه'] },
  { path: '/apps/shop' },
  { path: '/apps/shop/resources' },
  { path: '/apps/shop/resources', press: ['Add an add-on', 'افزودن افزونه'] },
  { path: '/apps/shop/deploy' },
  { path: '/apps/shop/activity' },
  { path: '/apps/shop/activity', press: ['Build output', 'خروجی ساخت'] },
  { path: '/apps/shop/access' },
  { path: '/apps/shop/settings', press: ['Reveal Config Vars', 'نمایش متغیرها'] },
  { path: '/apps/shop/settings', press: ['Delete app', 'حذف برنامه'] },
  { path: '/account' },
  { path: '/nowhere' },
];

for (const [language, direction, width, theme] of [
  ['en', 'ltr', 1280, 'light'],
  ['en', 'ltr', 390, 'dark'],
  ['fa', 'rtl', 1280, 'dark'],
  ['fa', 'rtl', 390, 'light'],
] as const) {
  test(`every page in ${language}, ${theme}, ${width} px wide: nothing stands in the way of anybody, nothing overflows`, async () => {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(
      `localStorage.setItem('ravine-language', '${language}'); localStorage.setItem('ravine-theme', '${theme}');`,
    );
    for (const { path, press } of pages) {
      await visit.open(path);
      await visit.settled();
      assert.equal(await page.evaluate('document.documentElement.dir'), direction);
      const name = press?.[language === 'en' ? 0 : 1];
      if (name !== undefined) await page.getByRole('button', { name, exact: true }).first().click();
      await visit.settled();
      await visit.assertAccessible(`${path}${name === undefined ? '' : ` with “${name}”`}`);
    }
  });
}

test('the language is switched in the header, at once and for good', async () => {
  await visit.open('/');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Apps', level: 1 }).waitFor();
  assert.equal(await page.evaluate('document.documentElement.dir'), 'ltr');
  await page.reload();
  await page.getByRole('heading', { name: 'Apps', level: 1 }).waitFor();
});

test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
