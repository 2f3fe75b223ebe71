import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { crossing } from './harness/looks.ts';
import { Machine } from './harness/machine.ts';
import { type Json, Member } from './harness/member.ts';
import { TinyApp } from './harness/tiny-app.ts';
import { until } from './harness/until.ts';
import { visit as visitApp } from './harness/visit.ts';

const machine = await Machine.make();
await machine.start();
const chromium = await openChromium();
const sources = await mkdtemp(join(tmpdir(), 'ravine-sources-'));
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
  await rm(sources, { recursive: true });
});
const helper = await Member.logIn(machine);

for (const look of crossing) {
  describe(look.name, () => {
    const email = `${look.language}@example.com`;
    const shop = `shop-${look.language}`;
    let visit: DashboardVisit;
    let member: Member;
    let source: TinyApp;

    before(async () => {
      const account = await machine.addAccount(email);
      member = await Member.logIn(machine, account);
      source = await TinyApp.make(join(sources, shop));
      visit = await DashboardVisit.open(machine, chromium, look);
      await visit.open('/');
      await visit.signIn(email, account.password);
    });

    const config = () => member.call<Json>('GET', `/apps/${shop}/config-vars`);
    /** Resolves when the router answers so. */
    const untilStatus = (status: number) => until(async () => (await visitApp(machine, shop, '/')).status === status);
    /** The version and the pid of the app that answers. */
    const answered = async (): Promise<string> => (await visitApp(machine, shop, '/')).body;

    test('the list of apps says what to type first; a name is checked while it is typed', async () => {
      await visit.shows('heroku create');
      await visit.press('Create app');
      await visit.field('App name', visit.dialog).fill('Shop');
      await visit.says('Only lowercase letters, digits and dashes.');
      assert.equal(await visit.button('Create app', visit.dialog).isDisabled(), true);
      await visit.field('App name', visit.dialog).fill(shop);
      await visit.press('Create app', visit.dialog);
      await visit.arrivesAtApp(shop);
      assert.equal(visit.page.url(), `${visit.base}/apps/${shop}`);
    });

    test("a new app's Overview shows no add-ons, no process types, Initial release and Enable Logplex", async () => {
      await visit.says('There are no add-ons for this app');
      await visit.says('This app has no process types yet');
      const latest = visit.part('Latest activity').getByRole('listitem');
      await latest.nth(1).waitFor();
      const texts = await latest.allTextContents();
      assert.match(texts[0] ?? '', /\bv2\b/);
      assert.match(texts[1] ?? '', /\bv1\b/);
      assert.match(texts[0] ?? '', visit.words.within('Enable Logplex'));
      assert.match(texts[1] ?? '', visit.words.within('Initial release'));
      await visit.says('There is no recent activity by collaborators.');
    });

    test('config vars are not in the page until they are revealed; they are added, edited and removed', async () => {
      await member.call('PATCH', `/apps/${shop}/config-vars`, { TOKEN: 'hush-7291' });
      await visit.open(`/apps/${shop}/settings`);
      await visit.settled();
      assert.equal((await visit.page.content()).includes('hush-7291'), false);
      await visit.press('Reveal Config Vars');
      assert.equal(await visit.field('Value of TOKEN').inputValue(), 'hush-7291');
      for (const [name, value] of [
        ['DJANGO_SECRET_KEY', `p%k$(3&#^=x)+7_"z!q'w`],
        ['DJANGO_ALLOWED_HOSTS', '.localhost'],
      ] as const) {
        await visit.field('Key').fill(name);
        await visit.field('Value').fill(value);
        await visit.page.keyboard.press('Enter');
        await visit.says(`${name} was set.`);
      }
      await visit.field('Value of DJANGO_ALLOWED_HOSTS').fill('.localhost,.example.com');
      await visit.press('Save');
      await visit.button('Save').waitFor({ state: 'detached' });
      await visit.press('Remove TOKEN');
      await visit.assertAccessible('the question whether to remove a config var');
      await visit.press('Remove', visit.dialog);
      await visit.says('TOKEN was removed.');
      assert.deepEqual(await config(), {
        DJANGO_ALLOWED_HOSTS: '.localhost,.example.com',
        DJANGO_SECRET_KEY: `p%k$(3&#^=x)+7_"z!q'w`,
      });
      await visit.press('Hide Config Vars');
      assert.equal(await visit.field('Value of DJANGO_ALLOWED_HOSTS').count(), 0);
    });

    test('all config vars can be edited as text, which makes one release; a line that is none is named', async () => {
      const releases = async () => (await member.call<readonly Json[]>('GET', `/apps/${shop}/releases`)).length;
      const earlier = await releases();
      await visit.press('Reveal Config Vars');
      await visit.press('Edit all');
      const text = visit.dialog.getByRole('textbox');
      await text.fill('A=1\nnot this');
      await visit.says('Line 2 is no config var: expected NAME=value.');
      await visit.assertAccessible('all config vars as text');
      await text.fill('A=1\nB=two words');
      await visit.confirm('Save changes: 4');
      assert.deepEqual(await config(), { A: '1', B: 'two words' });
      assert.equal(await releases(), earlier + 1);
      await visit.field('Key').fill('HEROKU_X');
      await visit.field('Value').fill('1');
      await visit.press('Add');
      await visit.shows(/names that start with HEROKU_ are reserved/);
    });

    test('what others do shows without a reload: a stack that was set, a push that is built and released', async () => {
      await visit.open(`/apps/${shop}/settings`);
      await visit.shows('heroku-24', visit.part('App information'));
      await member.call('PATCH', `/apps/${shop}`, { build_stack: 'heroku-22' });
      await visit.shows('heroku-22', visit.part('App information'));
      await member.call('PATCH', `/apps/${shop}`, { build_stack: 'heroku-24' });
      await visit.follow('Activity');
      assert.equal((await member.push(shop, source.folder)).status, 0);
      const current = visit.row(visit.words.within('Current'));
      await visit.press('Build output', current);
      await visit.shows(/Node\.js app detected[\s\S]*deployed to Ravine/, visit.dialog);
      await visit.assertAccessible('the output of a build');
      await visit.press('Close');
    });

    test('a release is rolled back to from its line in the Activity', async () => {
      await source.commit('v2');
      assert.equal((await member.push(shop, source.folder)).status, 0);
      const target = visit.page
        .getByRole('listitem')
        .filter({ has: visit.button('Build output') })
        .nth(1);
      await visit.button('Roll back here', target).waitFor();
      const version = /v\d+/.exec((await target.textContent()) ?? '')?.[0];
      await visit.press('Roll back here', target);
      await visit.dialog.getByRole('heading', { name: visit.words.whole(`Roll back to ${version}?`) }).waitFor();
      await visit.assertAccessible('the question whether to roll back');
      await visit.confirm('Roll back');
      await visit
        .row(visit.words.within('Current'))
        .filter({ hasText: `${version}` })
        .waitFor();
      await until(async () => (await answered()).startsWith('v1 '));
    });

    test('dynos are scaled, sized and restarted, and their states are shown', async () => {
      const dyno = (name: string) => visit.page.locator('.dynos li').filter({ hasText: name });
      const idOf = async (name: string) => (await member.call<Json>('GET', `/apps/${shop}/dynos/${name}`)).id;
      await visit.follow('Resources');
      await visit.text('up', dyno('web.1')).waitFor();
      await visit.field('Number of web dynos').fill('2');
      await visit.field('Size of web dynos').selectOption('Standard-2X');
      await visit.press('Save');
      await visit.says('web is scaled to 2 × Standard-2X.');
      await visit.text('up', dyno('web.2')).waitFor();
      const before = await idOf('web.2');
      await visit.press('Restart web.2');
      await visit.says('web.2 is being restarted.');
      await until(async () => (await idOf('web.2').catch(() => before)) !== before);
      await visit.text('up', dyno('web.2')).waitFor();
      await visit.field('Number of web dynos').fill('1');
      await visit.press('Save');
      await dyno('web.2').waitFor({ state: 'detached' });
    });

    test('an add-on is provisioned, and destroyed when the name of the app was typed', async () => {
      await visit.press('Add an add-on');
      await visit.field('Service').selectOption('heroku-postgresql');
      await visit.confirm('Provision');
      await until(async () => /^postgres:/.test(String((await config()).DATABASE_URL)));
      await visit.press('Destroy …', visit.row('DATABASE'));
      const destroy = visit.button('Destroy', visit.dialog);
      assert.equal(await destroy.isDisabled(), true);
      await visit.assertAccessible('the question whether to destroy an add-on');
      await visit.field(`To confirm, type ${shop}`).fill(shop);
      await visit.confirm('Destroy');
      await visit.says('There are no add-ons for this app');
    });

    test('the Activity tells of changes without a release too, and what a release changed of the config vars, masked at first', async () => {
      await visit.follow('Activity');
      await visit.shows(email, visit.row(visit.words.within('web scaled to 2 × Standard-2X')));
      const change = visit.row(/\bA, B\b/);
      await visit.press('What changed', change);
      await visit.shows('+ ••••••••', visit.dialog);
      assert.equal((await visit.page.content()).includes('two words'), false);
      await visit.assertAccessible('what a release changed, masked');
      await visit.press('Reveal values');
      await visit.shows('+ two words', visit.dialog);
      await visit.assertAccessible('what a release changed, revealed');
      await visit.press('Close');
    });

    test('a long history is shown in parts, each of them whole', async () => {
      const long = `long-${look.language}`;
      await member.call('POST', '/apps', { name: long });
      for (let n = 0; n < 55; n++) await member.call('PATCH', `/apps/${long}/config-vars`, { N: String(n) });
      await visit.open(`/apps/${long}/activity`);
      await visit.shows(/\bv57\b/);
      assert.equal(await visit.page.getByText(/\bv1\b/).count(), 0);
      const oldest = visit.row(/\bv1\b/);
      // Its changes are told by another list, which may be cut where that of releases is whole.
      const more = visit.button('Show more');
      await more.waitFor();
      while ((await more.count()) > 0) await more.click({ timeout: 1000 }).catch(() => {});
      await visit.says('Initial release', oldest);
      await more.waitFor({ state: 'detached' });
    });

    test('the Overview tells what collaborators did, as they do it', async () => {
      await visit.open(`/apps/${shop}`);
      await visit.says('There is no recent activity by collaborators.');
      await member.call('POST', `/apps/${shop}/collaborators`, { user: machine.email });
      await helper.call('PATCH', `/apps/${shop}/config-vars`, { BY: 'another' });
      const collaborators = visit.part('Collaborator activity');
      await visit.shows(machine.email, collaborators);
      await visit.says('Changes: 1', collaborators);
      await helper.call('PATCH', `/apps/${shop}/config-vars`, { BY: null });
      await visit.says('Changes: 2', collaborators);
    });

    test('the menu of an app restarts it, turns maintenance mode on and off, and leads to its log', async () => {
      assert.equal(
        await visit.link('Open app').getAttribute('href'),
        `http://${shop}.localhost:${machine.routerPort}/`,
      );
      await visit.press('More');
      await visit.page.getByRole('menu').waitFor();
      await visit.assertAccessible('the menu of an app');
      await visit.page.keyboard.press('Escape');
      await visit.choose('More', 'Turn maintenance mode on');
      await visit.assertAccessible('the question whether to turn maintenance mode on');
      await visit.confirm('Turn maintenance mode on');
      await visit.text('Maintenance', visit.main).waitFor();
      await untilStatus(503);
      await visit.choose('More', 'Turn maintenance mode off');
      await visit.confirm('Turn maintenance mode off');
      await visit.text('Maintenance', visit.main).waitFor({ state: 'detached' });
      await untilStatus(200);
      const before = await answered();
      await visit.choose('More', 'Restart all dynos');
      await visit.assertAccessible('the question whether to restart all dynos');
      await visit.confirm('Restart all dynos');
      await visit.says(`${shop} is being restarted.`);
      await until(async () => (await answered()) !== before);
      await visit.choose('More', 'View logs');
      await visit.page.getByRole('log', { name: visit.words.whole('Logs') }).waitFor();
      assert.equal(visit.page.url(), `${visit.base}/apps/${shop}/logs`);
    });

    test('another app is found by a few letters, in the list and by Ctrl+K', async () => {
      const till = `till-${look.language}`;
      await member.call('POST', '/apps', { name: till });
      await visit.open('/');
      const rows = visit.page.locator('.app-row');
      await rows.nth(1).waitFor();
      await visit.field('Filter apps').fill('til');
      await rows.nth(1).waitFor({ state: 'detached' });
      assert.match((await rows.textContent()) ?? '', new RegExp(till));
      await visit.field('Filter apps').fill('nothing like it');
      await visit.says('Nothing found');
      await visit.open(`/apps/${shop}`);
      await visit.arrivesAtApp(shop);
      await visit.page.keyboard.press('Control+k');
      await visit.dialog.waitFor();
      await visit.assertAccessible('the places to jump to');
      await visit.page.keyboard.type('til');
      await visit.page.getByRole('option', { name: till }).waitFor();
      await visit.page.keyboard.press('Enter');
      await visit.arrivesAtApp(till);
      await visit.dialog.waitFor({ state: 'detached' });
    });

    test('an app is renamed, and deleted when its name was typed', async () => {
      const name = `corner-${shop}`;
      await visit.open(`/apps/${shop}/settings`);
      await visit.field('App name').fill(name);
      await visit.press('Rename');
      await visit.arrivesAtApp(name);
      assert.equal(visit.page.url(), `${visit.base}/apps/${name}/settings`);
      await visit.press('Delete app');
      assert.equal(await visit.button('Delete app', visit.dialog).isDisabled(), true);
      await visit.field(`To confirm, type ${name}`).fill(name);
      await visit.press('Delete app', visit.dialog);
      await visit.says(`${name} was deleted.`);
      await visit.arrives('Apps');
      assert.equal((await member.ask('GET', `/apps/${name}`)).status, 404);
    });

    test('the language is switched in the header, at once and for good', async () => {
      const { page } = visit;
      const direction = () => page.evaluate<string>('document.documentElement.dir');
      const [there, back] = look.language === 'en' ? ['فارسی', 'English'] : ['English', 'فارسی'];
      const before = await direction();
      await page.getByRole('button', { name: there }).click();
      await page.getByRole('button', { name: back }).waitFor();
      assert.notEqual(await direction(), before);
      await page.reload();
      await page.getByRole('button', { name: back }).click();
      await visit.arrives('Apps');
      assert.equal(await direction(), before);
    });

    test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
  });
}
