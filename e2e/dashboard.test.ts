import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
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
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
  await rm(sources, { recursive: true });
});
const member = await Member.logIn(machine);
const { page } = chromium;
const visit = new DashboardVisit(machine, page);
const shop = await TinyApp.make(join(sources, 'shop'));
const main = page.locator('main');
const dialog = page.getByRole('dialog');
const row = (text: string) => page.getByRole('listitem').filter({ hasText: text }).first();
const config = () => member.call<Json>('GET', '/apps/shop/config-vars');

test('strangers get the sign-in page at every address, are told of a wrong password, and end up where they wanted to go', async () => {
  await visit.open('/account');
  await page.getByLabel('E-mail').fill(machine.email);
  await page.getByLabel('Password').fill('not it');
  await visit.press('Sign in');
  await visit.says('Invalid credentials provided. Check e-mail and password.');
  await visit.signIn(machine.email, machine.password);
  await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor();
});

test('the list of apps says what to type first; a name is checked while it is typed', async () => {
  await visit.open('/');
  await visit.says('heroku create');
  await visit.press('Create app');
  await dialog.getByLabel('App name').fill('Shop');
  await visit.says('Only lowercase letters, digits and dashes.');
  assert.equal(await dialog.getByRole('button', { name: 'Create app' }).isDisabled(), true);
  await dialog.getByLabel('App name').fill('shop');
  await dialog.getByRole('button', { name: 'Create app' }).click();
  await page.getByRole('heading', { name: 'shop', level: 1 }).waitFor();
  assert.equal(page.url(), `${visit.base}/apps/shop`);
});

test("a new app's Overview shows no add-ons, no process types, Initial release and Enable Logplex", async () => {
  await visit.says('There are no add-ons for this app');
  await visit.says('This app has no process types yet');
  const latest = page.getByRole('region', { name: 'Latest activity' }).getByRole('listitem');
  await latest.first().waitFor();
  assert.match((await latest.nth(0).textContent()) ?? '', /^Enable Logplex.*v2/);
  assert.match((await latest.nth(1).textContent()) ?? '', /^Initial release.*v1/);
  await visit.says('There is no recent activity by collaborators.');
});

test('config vars are not in the page until they are revealed; they are added, edited and removed', async () => {
  await member.call('PATCH', '/apps/shop/config-vars', { TOKEN: 'hush-7291' });
  await visit.open('/apps/shop/settings');
  await visit.settled();
  assert.equal((await page.content()).includes('hush-7291'), false);
  await visit.press('Reveal Config Vars');
  assert.equal(await page.getByLabel('Value of TOKEN').inputValue(), 'hush-7291');
  for (const [name, value] of [
    ['DJANGO_SECRET_KEY', `p%k$(3&#^=x)+7_"z!q'w`],
    ['DJANGO_ALLOWED_HOSTS', '.localhost'],
  ] as const) {
    await page.getByLabel('Key', { exact: true }).fill(name);
    await page.getByLabel('Value', { exact: true }).fill(value);
    await page.keyboard.press('Enter');
    await visit.says(`${name} was set.`);
  }
  await page.getByLabel('Value of DJANGO_ALLOWED_HOSTS').fill('.localhost,.example.com');
  await visit.press('Save');
  await page.getByRole('button', { name: 'Save', exact: true }).waitFor({ state: 'detached' });
  await visit.press('Remove TOKEN');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await visit.says('TOKEN was removed.');
  assert.deepEqual(await config(), {
    DJANGO_ALLOWED_HOSTS: '.localhost,.example.com',
    DJANGO_SECRET_KEY: `p%k$(3&#^=x)+7_"z!q'w`,
  });
  await visit.press('Hide Config Vars');
  assert.equal(await page.getByLabel('Value of DJANGO_ALLOWED_HOSTS').count(), 0);
});

test('all config vars can be edited as text, which makes one release; a line that is none is named', async () => {
  await visit.press('Reveal Config Vars');
  await visit.press('Edit all');
  const text = dialog.getByRole('textbox');
  await text.fill('A=1\nnot this');
  await visit.says('Line 2 is no config var: expected NAME=value.');
  await text.fill('A=1\nB=two words');
  await dialog.getByRole('button', { name: /^Save changes/ }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual(await config(), { A: '1', B: 'two words' });
  await page.getByLabel('Key', { exact: true }).fill('HEROKU_X');
  await page.getByLabel('Value', { exact: true }).fill('1');
  await visit.press('Add');
  await visit.says(/names that start with HEROKU_ are reserved/);
});

test('what others do shows without a reload: a stack that was set, a push that is built and released', async () => {
  await visit.open('/apps/shop/settings');
  await visit.says('heroku-24');
  await member.call('PATCH', '/apps/shop', { build_stack: 'heroku-22' });
  await row('heroku-22').or(page.getByText('heroku-22')).first().waitFor();
  await member.call('PATCH', '/apps/shop', { build_stack: 'heroku-24' });
  await page.getByRole('link', { name: 'Activity', exact: true }).click();
  assert.equal((await member.push('shop', shop.folder)).status, 0);
  await row('Deploy').getByText('Current').waitFor();
  await row('Deploy').getByRole('button', { name: 'Build output' }).click();
  await dialog.getByText(/Node\.js app detected[\s\S]*deployed to Ravine/).waitFor();
  await visit.press('Close');
});

test('a release is rolled back to from its line in the Activity', async () => {
  await shop.commit('v2');
  assert.equal((await member.push('shop', shop.folder)).status, 0);
  await page.getByRole('button', { name: 'Roll back here' }).first().waitFor();
  const target = page.getByRole('listitem').filter({ hasText: 'Deploy' }).nth(1);
  const version = /v\d+/.exec((await target.textContent()) ?? '')?.[0];
  await target.getByRole('button', { name: 'Roll back here' }).click();
  await dialog.getByRole('heading', { name: `Roll back to ${version}?` }).waitFor();
  await dialog.getByRole('button', { name: 'Roll back' }).click();
  await row(`Rollback to ${version}`).getByText('Current').waitFor();
});

test('dynos are scaled, sized and restarted, and their states are shown', async () => {
  await page.getByRole('link', { name: 'Resources', exact: true }).click();
  await row('web.1').getByText('up').first().waitFor();
  await page.getByLabel('Number of web dynos').fill('2');
  await page.getByLabel('Size of web dynos').selectOption('Standard-2X');
  await visit.press('Save');
  await visit.says('web is scaled to 2 × Standard-2X.');
  await page.locator('.dynos li').filter({ hasText: 'web.2' }).getByText('up', { exact: true }).waitFor();
  await visit.press('Restart web.2');
  await visit.says('web.2 is being restarted.');
  await page.getByLabel('Number of web dynos').fill('1');
  await visit.press('Save');
  await page.locator('.dynos li').filter({ hasText: 'web.2' }).waitFor({ state: 'detached' });
});

test('an add-on is provisioned, and destroyed when the name of the app was typed', async () => {
  await visit.press('Add an add-on');
  await dialog.getByLabel('Service').selectOption('heroku-postgresql');
  await dialog.getByRole('button', { name: 'Provision' }).click();
  await visit.dialogCloses();
  const addOn = row('attached as DATABASE');
  assert.match(String((await config()).DATABASE_URL), /^postgres:/);
  await addOn.getByRole('button', { name: /^Destroy postgresql-/ }).click();
  const destroy = dialog.getByRole('button', { name: 'Destroy', exact: true });
  assert.equal(await destroy.isDisabled(), true);
  await dialog.getByLabel('To confirm, type shop').fill('shop');
  await destroy.click();
  await visit.dialogCloses();
  await visit.says('There are no add-ons for this app');
});

test('the Activity tells of changes without a release too, and what a release changed of the config vars, masked at first', async () => {
  await page.getByRole('link', { name: 'Activity', exact: true }).click();
  await row('web scaled to 2 × Standard-2X').getByText(machine.email).waitFor();
  await row('config vars').getByRole('button', { name: 'What changed' }).first().click();
  await dialog.getByText('+ ••••••••').first().waitFor();
  assert.equal((await page.content()).includes('two words'), false);
  await visit.press('Reveal values');
  await dialog.getByText('+ two words').waitFor();
  await visit.press('Close');
});

test('Deploy has the commands with the real remote, and says what is wrong with an archive', async () => {
  await page.getByRole('link', { name: 'Deploy', exact: true }).click();
  await visit.says('heroku git:remote -a shop');
  await page.getByRole('button', { name: 'Build output' }).first().click();
  await page.getByRole('log', { name: 'Build output' }).getByText('deployed to Ravine').waitFor();
  await page.getByLabel('Address of a .tar.gz archive').fill(`http://localhost:${machine.apiPort}/nothing.tar.gz`);
  await main.getByRole('button', { name: 'Deploy', exact: true }).click();
  await row('Build').getByText('Failed').waitFor();
});

test('the owner gives access to somebody who has an account, and takes it away', async () => {
  await page.getByRole('link', { name: 'Access', exact: true }).click();
  await page.getByLabel('E-mail').fill('nobody@example.com');
  await visit.press('Add collaborator');
  await visit.says(/There is no account for nobody@example\.com here/);
  await row(machine.email).getByText('Owner').waitFor();
});

test('the menu of an app restarts it and sets maintenance mode; the header says that it is on', async () => {
  await visit.press('More');
  await page.getByRole('menuitem', { name: 'Turn maintenance mode on' }).click();
  await dialog.getByRole('button', { name: 'Turn maintenance mode on' }).click();
  await main.getByText('Maintenance', { exact: true }).waitFor();
  await visit.press('More');
  await page.getByRole('menuitem', { name: 'Turn maintenance mode off' }).click();
  await dialog.getByRole('button', { name: 'Turn maintenance mode off' }).click();
  await main.getByText('Maintenance', { exact: true }).waitFor({ state: 'detached' });
  await visit.press('More');
  await page.getByRole('menuitem', { name: 'Restart all dynos' }).click();
  await dialog.getByRole('button', { name: 'Restart all dynos' }).click();
  await visit.says('shop is being restarted.');
  assert.match((await page.getByRole('link', { name: 'Open app' }).getAttribute('href')) ?? '', /^http:\/\/shop\./);
});

test('domains and buildpacks are added and removed', async () => {
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByLabel('Add domain').first().fill('not a domain');
  await visit.press('Add domain');
  await main.getByRole('alert').waitFor();
  await page.getByLabel('Add domain').first().fill('www.shop.example');
  await visit.press('Add domain');
  await visit.press('Remove www.shop.example');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove www.shop.example' }).waitFor({ state: 'detached' });
  await page.getByLabel('Add buildpack').first().fill('heroku/nodejs');
  await visit.press('Add buildpack');
  await visit.press('Remove heroku/nodejs');
  await visit.says('None is set: the one that fits is found at each build.');
});

test('an app is renamed, and deleted when its name was typed', async () => {
  await page.getByLabel('App name').fill('corner-shop');
  await visit.press('Rename');
  await page.getByRole('heading', { name: 'corner-shop', level: 1 }).waitFor();
  assert.equal(page.url(), `${visit.base}/apps/corner-shop/settings`);
  await visit.press('Delete app');
  await dialog.getByLabel('To confirm, type corner-shop').fill('corner-shop');
  await dialog.getByRole('button', { name: 'Delete app' }).click();
  await visit.says('corner-shop was deleted.');
  await page.getByRole('heading', { name: 'Apps', level: 1 }).waitFor();
});

test('the account: a name, a token that is shown once, a session that is ended elsewhere', async () => {
  await visit.open('/account');
  await page.getByLabel('Name', { exact: true }).fill('Ada');
  await visit.press('Save');
  await visit.says('Saved.');
  await page.getByLabel('What the token is for').fill('nightly');
  await visit.press('Create token');
  const token = await page
    .getByRole('status')
    .getByText(/^HRKU-[\w-]+$/)
    .textContent();
  const answer = await fetch(`http://localhost:${machine.apiPort}/account`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(answer.status, 200);
  await visit.press('Revoke nightly');
  await row('nightly').waitFor({ state: 'detached' });
  await row('This browser').waitFor();
});

test('a one-time link signs a browser in, once, and is in no address that stays', async () => {
  const { url } = await member.call<{ url: string }>('POST', '/dashboard/links');
  await chromium.cookies.clearCookies();
  await page.goto(url);
  await page.getByRole('heading', { name: 'Apps', level: 1 }).waitFor();
  assert.equal(page.url(), `${visit.base}/`);
  await chromium.cookies.clearCookies();
  await page.goto(url);
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
  await visit.signIn(machine.email, machine.password);
});

test('signing out ends the session', async () => {
  await visit.press(`Account menu of ${machine.email}`);
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
  await visit.open('/');
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
});

test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
