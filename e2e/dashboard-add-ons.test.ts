import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { Machine } from './harness/machine.ts';
import { type Json, Member } from './harness/member.ts';
import { selfSigned } from './harness/self-signed.ts';
import { TinyApp } from './harness/tiny-app.ts';

const machine = await Machine.make();
await machine.start();
const chromium = await openChromium();
const sources = await mkdtemp(join(tmpdir(), 'ravine-sources-'));
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
  await rm(sources, { recursive: true });
});
const member = await Member.logIn(machine);
const { page } = chromium;
const visit = new DashboardVisit(machine, page);
const dialog = page.getByRole('dialog');
const main = page.locator('main');
const card = (name: string) => page.getByRole('region', { name, exact: true });

const provision = (app: string, plan: string, name: string) =>
  member.call<Json>('POST', `/apps/${app}/addons`, { plan, name });

const pemOf = async (name: string) => {
  const { crt, key } = await selfSigned(sources, name, ['www.shop.example']);
  return { certificate: await readFile(crt, 'utf8'), key: await readFile(key, 'utf8') };
};

test('the list of apps tells how each is, and its newest release', async () => {
  await member.call('POST', '/apps', { name: 'shop' });
  await member.call('POST', '/apps', { name: 'till' });
  await provision('shop', 'heroku-postgresql', 'shop-database');
  await provision('shop', 'heroku-scheduler', 'shop-jobs');
  await provision('shop', 'memcachier', 'shop-cache');
  await provision('shop', 'bucketeer', 'shop-bucket');
  const shop = await TinyApp.make(join(sources, 'shop'));
  assert.equal((await member.push('shop', shop.folder)).status, 0);
  await visit.open('/');
  await visit.signIn(machine.email, machine.password);
  const row = page.getByRole('link', { name: /^shop/ });
  await row.getByText('Up', { exact: true }).waitFor();
  assert.match((await row.textContent()) ?? '', /v\d+ · Released/);
});

test("an add-on's page is where its link in Resources and addons:open lead, and tells plan, state and size", async () => {
  await visit.open('/apps/shop/resources');
  await page.getByRole('link', { name: 'Heroku Postgres' }).click();
  await card('Heroku Postgres').getByText('Available').waitFor();
  const { web_url: url } = await member.call<Json>('GET', '/addons/shop-database');
  assert.equal(page.url(), url);
  await card('Heroku Postgres').getByText('Essential 0').waitFor();
  await card('Heroku Postgres').getByRole('meter', { name: 'Size' }).waitFor();
  await card('Attached to').getByText('DATABASE').waitFor();
});

test('values of its config vars are in the page when they are revealed, and not before', async () => {
  const vars = await member.call<Json>('GET', '/apps/shop/config-vars');
  const url = String(vars.DATABASE_URL);
  await visit.settled();
  assert.equal((await page.content()).includes(url), false);
  await visit.press('Reveal Config Vars');
  await page.getByText(url).waitFor();
  await visit.press('Hide Config Vars');
  await page.getByText(url).waitFor({ state: 'detached' });
});

test('a backup is captured, downloaded, restored and deleted', async () => {
  await visit.press('Capture backup');
  const backup = page.getByRole('listitem').filter({ hasText: 'b001' });
  await backup.getByText('Succeeded').waitFor();
  const downloading = page.waitForEvent('download');
  await visit.press('Download backup b001');
  const file = await downloading;
  assert.equal(file.suggestedFilename(), 'latest.dump');
  await file.cancel();
  await visit.press('Restore backup b001');
  await dialog.getByLabel('To confirm, type shop').fill('shop');
  await dialog.getByRole('button', { name: 'Restore' }).click();
  await visit.dialogCloses();
  await page.getByRole('listitem').filter({ hasText: 'r002' }).getByText('Succeeded').waitFor();
  await visit.press('Delete backup b001');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await visit.dialogCloses();
  await backup.waitFor({ state: 'detached' });
});

test('a backup a day is taken from an hour on, until that is stopped', async () => {
  await page.getByLabel(/^Daily backup/).selectOption('5');
  await visit.press('Take daily');
  await visit.says(/Taken every day at 5:00/);
  const path = '/client/v11/databases/shop-database/transfer-schedules';
  assert.equal((await member.call<readonly { hour: number }[]>('GET', path))[0]?.hour, 5);
  await visit.press('Stop');
  await page.getByRole('button', { name: 'Take daily' }).waitFor();
});

test('a database is forked from its page, which leads to the fork', async () => {
  await visit.press('Make a copy');
  await dialog.getByRole('button', { name: 'Provision' }).click();
  await visit.dialogCloses();
  await page.waitForURL((address) => !address.pathname.endsWith('/shop-database'));
  await card('Heroku Postgres').getByText('Available').waitFor();
  await card('Attached to')
    .getByText(/HEROKU_POSTGRESQL_/)
    .waitFor();
  await card('Heroku Postgres').getByRole('button', { name: 'Destroy' }).click();
  await dialog.getByLabel('To confirm, type shop').fill('shop');
  await dialog.getByRole('button', { name: 'Destroy', exact: true }).click();
  await page.waitForURL((address) => address.pathname.endsWith('/apps/shop/resources'));
  await card('Add-ons').getByText('shop-database').waitFor();
});

test('an add-on is attached to another app and detached again; a dialog about what is gone closes', async () => {
  await visit.open('/apps/till/resources');
  await visit.press('Attach an add-on of another app');
  await dialog.getByLabel('Add-ons').selectOption({ label: 'shop · Heroku Postgres · shop-database' });
  await dialog.getByLabel('Name of the attachment').fill('shared');
  await dialog.getByRole('button', { name: 'Attach' }).click();
  await visit.dialogCloses();
  await visit.says('of the app shop');
  assert.deepEqual(Object.keys(await member.call<Json>('GET', '/apps/till/config-vars')), ['SHARED_URL']);
  await visit.press('Detach SHARED from till');
  await dialog.waitFor();
  const [attachment] = await member.call<readonly { id: string }[]>('GET', '/apps/till/addon-attachments');
  await member.call('DELETE', `/addon-attachments/${attachment?.id}`);
  await dialog.waitFor({ state: 'detached' });
  await visit.says('There are no add-ons for this app');
});

test('jobs of the scheduler are added, run, changed and removed, and tell what became of their runs', async () => {
  await visit.open('/apps/shop/resources/shop-jobs');
  await page.getByRole('button', { name: 'Add job' }).click();
  await dialog.getByLabel('Command').fill('node --version');
  await dialog.getByLabel('How often').selectOption('cron');
  await dialog.getByLabel(/^Cron expression/).fill('not cron');
  await dialog.getByRole('button', { name: 'Add job' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('How often').selectOption('hourly');
  await dialog.getByLabel('Minute of the hour').fill('59');
  await dialog.getByRole('button', { name: 'Add job' }).click();
  await visit.dialogCloses();
  await visit.says('Every hour :59');
  await visit.press('Run node --version now');
  await visit.says(/The job runs in scheduler\.\d+/);
  await visit.press('Runs of node --version');
  await dialog.getByText('Succeeded').waitFor();
  await visit.press('Close');
  await visit.press('Change node --version');
  await dialog.getByText('Runs at its times').click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await visit.dialogCloses();
  await main.getByText('off', { exact: true }).waitFor();
  await visit.press('Remove node --version');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await visit.dialogCloses();
  await visit.says('No jobs yet');
});

test('a cache tells its figures, changes its plan and is flushed; a bucket tells its objects', async () => {
  await visit.open('/apps/shop/resources/shop-cache');
  await card('MemCachier').getByText('Hits').waitFor();
  await visit.press('Change plan');
  await dialog.getByLabel('Plan').selectOption('memcachier:100');
  await dialog.getByRole('button', { name: 'Change plan' }).click();
  await visit.dialogCloses();
  await card('MemCachier').getByText('100 MB').first().waitFor();
  await visit.press('Flush');
  await dialog.getByRole('button', { name: 'Flush' }).click();
  await visit.says('shop-cache is empty now.');
  await visit.open('/apps/shop/resources/shop-bucket');
  await card('Bucketeer').getByText('Objects').waitFor();
  await card('Bucketeer')
    .getByText(/^bucketeer-/)
    .first()
    .waitFor();
});

test('a certificate is uploaded, told about, given to a domain and removed; a key that is not its own is refused', async () => {
  const [own, other] = [await pemOf('own'), await pemOf('other')];
  await member.call('POST', '/apps/shop/domains', { hostname: 'www.shop.example', sni_endpoint: null });
  await visit.open('/apps/shop/settings');
  await visit.press('Upload a certificate');
  await dialog.getByLabel('Certificate and chain (PEM)').fill(own.key);
  await visit.says('Expected text that begins with -----BEGIN CERTIFICATE-----.');
  await dialog.getByLabel('Certificate and chain (PEM)').fill(own.certificate);
  await dialog.getByLabel('Private key (PEM)').fill(other.key);
  await dialog.getByRole('button', { name: 'Add certificate' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('Private key (PEM)').fill(own.key);
  await dialog.getByRole('button', { name: 'Add certificate' }).click();
  await visit.dialogCloses();
  await main.getByText('Self-signed').waitFor();
  const [endpoint] = await member.call<readonly { id: string; name: string }[]>('GET', '/apps/shop/sni-endpoints');
  await page.getByLabel('Certificate of www.shop.example').selectOption(endpoint?.id ?? '');
  await main.getByText('Serves www.shop.example').waitFor();
  await visit.press(`Remove ${endpoint?.name}`);
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await visit.dialogCloses();
  await visit.says('There are none.');
});

test('an app is offered to another account, which takes it in its list of apps', async () => {
  const added = await machine.ravine('accounts:add', 'bea@example.com');
  const password = /password\s+(\S+)/i.exec(added)?.[1] ?? '';
  await visit.open('/apps/till/settings');
  await page.getByLabel('E-mail of the new owner').fill('bea@example.com');
  await visit.press('Offer the app');
  await visit.says('Offered to bea@example.com, who has yet to accept.');
  await chromium.cookies.clearCookies();
  await visit.open('/');
  await visit.signIn('bea@example.com', password);
  await visit.press('Accept till');
  await visit.says('till is yours now.');
  await page.getByRole('link', { name: /^till/ }).waitFor();
  await chromium.cookies.clearCookies();
  await visit.open('/apps/till/access');
  await visit.signIn(machine.email, machine.password);
  await page.getByRole('listitem').filter({ hasText: 'bea@example.com' }).getByText('Owner').waitFor();
});

const pages: readonly { readonly path: string; readonly press?: readonly [en: string, fa: string] }[] = [
  { path: '/apps/shop/resources' },
  { path: '/apps/shop/resources', press: ['Attach an add-on of another app', 'اتصال افزونهٔ برنامه‌ای دیگر'] },
  { path: '/apps/shop/resources/shop-database', press: ['Reveal Config Vars', 'نمایش متغیرها'] },
  { path: '/apps/shop/resources/shop-jobs', press: ['Add job', 'افزودن کار'] },
  { path: '/apps/shop/resources/shop-cache' },
  { path: '/apps/shop/resources/shop-bucket' },
  { path: '/apps/shop/resources/nothing' },
  { path: '/apps/shop/settings', press: ['Upload a certificate', 'بارگذاری گواهی'] },
];

for (const [language, width, theme] of [
  ['en', 1280, 'light'],
  ['en', 390, 'dark'],
  ['fa', 1280, 'dark'],
  ['fa', 390, 'light'],
] as const) {
  test(`these pages in ${language}, ${theme}, ${width} px wide: nothing stands in the way of anybody, nothing overflows`, async () => {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(
      `localStorage.setItem('ravine-language', '${language}'); localStorage.setItem('ravine-theme', '${theme}');`,
    );
    for (const { path, press } of pages) {
      await visit.open(path);
      await visit.settled();
      const name = press?.[language === 'en' ? 0 : 1];
      if (name !== undefined) await page.getByRole('button', { name, exact: true }).first().click();
      await visit.settled();
      await visit.assertAccessible(`${path}${name === undefined ? '' : ` with “${name}”`}`);
    }
  });
}

test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
