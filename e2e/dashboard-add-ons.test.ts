import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { crossing, lookedAt } from './harness/looks.ts';
import { Machine } from './harness/machine.ts';
import { type Json, Member } from './harness/member.ts';
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
const source = await TinyApp.make(join(sources, 'shop'));

for (const look of crossing) {
  describe(look.name, () => {
    const shop = `shop-${look.language}`;
    const till = `till-${look.language}`;
    const addOn = (name: string) => `${shop}-${name}`;
    let visit: DashboardVisit;

    before(async () => {
      await member.call('POST', '/apps', { name: shop });
      await member.call('POST', '/apps', { name: till });
      for (const [plan, name] of [
        ['heroku-postgresql', 'database'],
        ['heroku-scheduler', 'jobs'],
        ['memcachier', 'cache'],
        ['bucketeer', 'bucket'],
      ] as const)
        await member.call('POST', `/apps/${shop}/addons`, { plan, name: addOn(name) });
      assert.equal((await member.push(shop, source.folder)).status, 0);
      visit = await DashboardVisit.open(machine, chromium, look);
      await visit.open('/');
      await visit.signIn(machine.email, machine.password);
    });

    /** A card by its heading, which is the name of a service. */
    const card = (name: string) => visit.page.getByRole('region', { name, exact: true });

    test('the list of apps tells how each is, and its newest release', async () => {
      const row = visit.page.getByRole('link', { name: new RegExp(`^${shop}`) });
      await visit.text('Up', row).waitFor();
      assert.match((await row.textContent()) ?? '', /v\d+ · /);
      await visit.says('Released', row);
    });

    test("an add-on's page is where its link in Resources and addons:open lead, and tells plan, state and size", async () => {
      await visit.open(`/apps/${shop}/resources`);
      await visit.page.getByRole('link', { name: 'Heroku Postgres' }).click();
      await visit.says('Available', card('Heroku Postgres'));
      const { web_url: url } = await member.call<Json>('GET', `/addons/${addOn('database')}`);
      assert.equal(visit.page.url(), url);
      await visit.shows('Essential 0', card('Heroku Postgres'));
      await card('Heroku Postgres')
        .getByRole('meter', { name: visit.words.whole('Size') })
        .waitFor();
      await visit.shows('DATABASE', visit.part('Attached to'));
    });

    test('values of its config vars are in the page when they are revealed, and not before', async () => {
      const vars = await member.call<Json>('GET', `/apps/${shop}/config-vars`);
      const url = String(vars.DATABASE_URL);
      await visit.settled();
      assert.equal((await visit.page.content()).includes(url), false);
      await visit.press('Reveal Config Vars');
      await visit.shows(url);
      await visit.press(`Copy ${url}`);
      await visit.says('Copied.');
      assert.equal(await visit.copied(), url);
      await visit.press('Hide Config Vars');
      await visit.page.getByText(url).waitFor({ state: 'detached' });
    });

    test('a backup is captured, downloaded, restored and deleted', async () => {
      await visit.press('Capture backup');
      const backup = visit.row('b001');
      await visit.says('Succeeded', backup);
      const downloading = visit.page.waitForEvent('download');
      await visit.press('Download backup b001');
      const file = await downloading;
      assert.equal(file.suggestedFilename(), 'latest.dump');
      await file.cancel();
      await visit.press('Restore backup b001');
      await visit.field(`To confirm, type ${shop}`).fill(shop);
      await visit.confirm('Restore');
      await visit.says('Succeeded', visit.row('r002'));
      await visit.press('Delete backup b001');
      await visit.confirm('Remove');
      await backup.waitFor({ state: 'detached' });
    });

    test('a backup a day is taken from an hour on, until that is stopped', async () => {
      await visit.page.getByLabel(visit.words.within('Daily backup')).selectOption('5');
      await visit.press('Take daily');
      await visit.says('Taken every day at 5:00 …');
      const path = `/client/v11/databases/${addOn('database')}/transfer-schedules`;
      assert.equal((await member.call<readonly { hour: number }[]>('GET', path))[0]?.hour, 5);
      await visit.press('Stop');
      await visit.button('Take daily').waitFor();
    });

    test('a database is forked from its page, which leads to the fork', async () => {
      await visit.press('Make a copy');
      await visit.confirm('Provision');
      await visit.page.waitForURL((address) => !address.pathname.endsWith(addOn('database')));
      await visit.says('Available', card('Heroku Postgres'));
      await visit.shows(/HEROKU_POSTGRESQL_/, visit.part('Attached to'));
      await visit.press('Destroy', card('Heroku Postgres'));
      await visit.field(`To confirm, type ${shop}`).fill(shop);
      await visit.press('Destroy', visit.dialog);
      await visit.page.waitForURL((address) => address.pathname.endsWith(`/apps/${shop}/resources`));
      await visit.shows(addOn('database'), visit.part('Add-ons'));
    });

    test('an add-on is attached to another app and detached again; a dialog about what is gone closes', async () => {
      const name = addOn('database');
      await visit.open(`/apps/${till}/resources`);
      await visit.press('Attach an add-on of another app');
      await visit.field('Add-ons', visit.dialog).selectOption({ label: `${shop} · Heroku Postgres · ${name}` });
      await visit.field('Name of the attachment').fill('shared');
      await visit.confirm('Attach');
      await visit.says(`of the app ${shop}`);
      assert.deepEqual(Object.keys(await member.call<Json>('GET', `/apps/${till}/config-vars`)), ['SHARED_URL']);
      await visit.press(`Detach SHARED from ${till}`);
      await visit.assertAccessible('the question whether to detach an add-on');
      await visit.confirm('Detach');
      await visit.says('There are no add-ons for this app');
      await member.call('POST', '/addon-attachments', { app: till, addon: name, name: 'AGAIN' });
      await visit.press(`Detach AGAIN from ${till}`);
      await visit.dialog.waitFor();
      const [attachment] = await member.call<readonly { id: string }[]>('GET', `/apps/${till}/addon-attachments`);
      await member.call('DELETE', `/addon-attachments/${attachment?.id}`);
      await visit.dialog.waitFor({ state: 'detached' });
      await visit.says('There are no add-ons for this app');
    });

    test('jobs of the scheduler are added, run, changed and removed, and tell what became of their runs', async () => {
      const { dialog } = visit;
      await visit.open(`/apps/${shop}/resources/${addOn('jobs')}`);
      await visit.press('Add job');
      await visit.field('Command', dialog).fill('node --version');
      await visit.field('How often').selectOption('cron');
      await dialog.getByLabel(visit.words.within('Cron expression')).fill('not cron');
      await visit.press('Add job', dialog);
      await dialog.getByRole('alert').waitFor();
      await visit.field('How often').selectOption('hourly');
      await visit.field('Minute of the hour').fill('59');
      await visit.confirm('Add job');
      await visit.says('Every hour', visit.row(/:(?:59|۵۹)/));
      await visit.press('Run node --version now');
      await visit.says('The job runs in ….');
      await visit.press('Runs of node --version');
      await visit.says('Succeeded', dialog);
      await visit.assertAccessible('the runs of a job');
      await visit.press('Close');
      await visit.press('Change node --version');
      await visit.text('Runs at its times', dialog).click();
      await visit.confirm('Save');
      await visit.text('off', visit.main).waitFor();
      await visit.press('Remove node --version');
      await visit.confirm('Remove');
      await visit.says('No jobs yet');
    });

    test('a cache tells its figures, changes its plan and is flushed; a bucket tells its objects', async () => {
      await visit.open(`/apps/${shop}/resources/${addOn('cache')}`);
      await visit.says('Hits', card('MemCachier'));
      await visit.press('Change plan');
      await visit.field('Plan', visit.dialog).selectOption('memcachier:100');
      await visit.confirm('Change plan');
      await visit.shows(/^100 MB$/, card('MemCachier'));
      await visit.press('Flush');
      await visit.confirm('Flush');
      await visit.says(`${addOn('cache')} is empty now.`);
      await visit.open(`/apps/${shop}/resources/${addOn('bucket')}`);
      await visit.says('Objects', card('Bucketeer'));
      await visit.shows(/^bucketeer-/, card('Bucketeer'));
    });

    test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
  });
}

const shop = '/apps/shop-en';
const pages: readonly { readonly path: string; readonly press?: string }[] = [
  { path: `${shop}/resources` },
  { path: `${shop}/resources`, press: 'Attach an add-on of another app' },
  { path: `${shop}/resources/shop-en-database`, press: 'Reveal Config Vars' },
  { path: `${shop}/resources/shop-en-jobs`, press: 'Add job' },
  { path: `${shop}/resources/shop-en-cache` },
  { path: `${shop}/resources/shop-en-bucket` },
  { path: `${shop}/resources/nothing` },
];

for (const look of lookedAt) {
  test(`these pages in ${look.name}: nothing stands in the way of anybody, nothing overflows`, async () => {
    const visit = await DashboardVisit.open(machine, chromium, look);
    await visit.open('/');
    await visit.signIn(machine.email, machine.password);
    for (const { path, press } of pages) {
      await visit.open(path);
      await visit.settled();
      if (press !== undefined) await visit.press(press);
      await visit.assertAccessible(`${path}${press === undefined ? '' : ` with “${press}”`}`);
    }
    assert.deepEqual(visit.faults, []);
  });
}
