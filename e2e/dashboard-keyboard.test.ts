import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ensureEngine } from '../scripts/engine.ts';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { crossing } from './harness/looks.ts';
import { Machine } from './harness/machine.ts';
import { type Json, Member } from './harness/member.ts';
import type { Pushed } from './harness/push-under-way.ts';
import { TinyApp } from './harness/tiny-app.ts';
import { until } from './harness/until.ts';

/** It is only asked whether it is there: the stack of the chapter is for apps that are images. */
const machine = await Machine.make({ DOCKER_HOST: ensureEngine(), RAVINE_ENGINE: 'auto' });
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
const mostPresses = 100;

for (const look of crossing) {
  describe(`the chapter's steps from the dashboard by keyboard alone, ${look.name}`, () => {
    const shop = `shop-${look.language}`;
    let visit: DashboardVisit;
    let press: DashboardVisit['page']['keyboard']['press'];
    let type: DashboardVisit['page']['keyboard']['type'];

    before(async () => {
      visit = await DashboardVisit.open(machine, chromium, look);
      const { keyboard } = visit.page;
      press = keyboard.press.bind(keyboard);
      type = keyboard.type.bind(keyboard);
    });

    /** Presses Tab until the focus is on what is called so. */
    const tabTo = async (name: string): Promise<void> => {
      const wanted = visit.button(name).or(visit.link(name)).or(visit.field(name));
      for (let presses = 0; presses < mostPresses; presses++) {
        await press('Tab');
        const there = await wanted.evaluateAll((all) => all.some((one) => one.matches(':focus-visible')));
        if (there) return;
      }
      throw new Error(`${mostPresses} times Tab did not lead to ${name}`);
    };
    const choose = async (name: string): Promise<void> => {
      await tabTo(name);
      await press('Enter');
    };
    /** Goes somewhere by Ctrl+K and its name. */
    const jumpTo = async (name: string): Promise<void> => {
      await press('Control+k');
      await visit.dialog.waitFor();
      await type(name);
      await visit.page.getByRole('option').first().waitFor();
      await press('Enter');
      await visit.dialog.waitFor({ state: 'detached' });
    };
    const jumpToPage = (name: string) => jumpTo(visit.words.said(name));

    test('somebody signs in', async () => {
      await visit.open('/');
      await visit.arrives('Sign in');
      await tabTo('E-mail');
      await type(machine.email);
      await press('Tab');
      await type(machine.password);
      await press('Enter');
      await visit.arrives('Apps');
    });

    test('step 7: an app is created, and its Overview shows the first two releases', async () => {
      await choose('Create app');
      await visit.dialog.waitFor();
      await type(shop);
      await press('Enter');
      await visit.arrivesAtApp(shop);
      await visit.says('There are no add-ons for this app');
      await visit.shows(/\bv2\b/, visit.part('Latest activity'));
    });

    test('step 8: config vars are added in Settings', async () => {
      await choose('Settings');
      await choose('Reveal Config Vars');
      await visit.field('Key').waitFor();
      await tabTo('Key');
      for (const [name, value] of [
        ['DJANGO_SECRET_KEY', 'not-so-secret'],
        ['DJANGO_ALLOWED_HOSTS', '.localhost'],
      ] as const) {
        await type(name);
        await press('Tab');
        await type(value);
        await press('Enter');
        await visit.says(`${name} was set.`);
      }
      assert.deepEqual(await member.call<Json>('GET', `/apps/${shop}/config-vars`), {
        DJANGO_ALLOWED_HOSTS: '.localhost',
        DJANGO_SECRET_KEY: 'not-so-secret',
      });
    });

    const setStack = async (name: string): Promise<void> => {
      await jumpToPage('Settings');
      await tabTo('Stack of the next build');
      await type(name);
      await choose('Set stack');
      await visit.says(`The next build is for ${name}.`);
      const { build_stack: next } = await member.call<Json>('GET', `/apps/${shop}`);
      assert.equal((next as Json).name, name);
    };

    test('step 9: the stack is set to container in Settings', async () => {
      await setStack('container');
      await visit.shows('container', visit.part('App information'));
    });

    test('step 10: a database is provisioned in Resources', async () => {
      await jumpToPage('Resources');
      await choose('Add an add-on');
      await visit.dialog.waitFor();
      await visit.settled();
      await type('Heroku Postgres');
      await choose('Provision');
      await visit.dialog.waitFor({ state: 'detached' });
      await visit.says('attached as');
      await until(async () => {
        const { DATABASE_URL: url } = await member.call<Json>('GET', `/apps/${shop}/config-vars`);
        return /^postgres:/.test(String(url));
      });
    });

    test("step 11: the command that sets git's remote is copied from Deploy", async () => {
      const command = `heroku git:remote -a ${shop}`;
      await jumpToPage('Deploy');
      await visit.shows(command);
      await choose(`Copy ${command}`);
      await visit.says('Copied.');
      assert.equal(await visit.copied(), command);
    });

    test('step 12: the Activity follows a push, and the focus comes back to where its output was opened', async () => {
      await setStack('heroku-24'); // whose builds need no engine
      await jumpToPage('Activity');
      await visit.page.getByRole('heading', { name: visit.words.whole('Activity feed') }).waitFor();
      const gate = join(sources, `${shop}-is-watched`);
      const pushed = await pushThatWaits(shop, gate);
      await visit.button('Build output').waitFor();
      await choose('Build output');
      await visit.dialog.waitFor();
      await writeFile(gate, '');
      await visit.shows(/deployed to Ravine/, visit.dialog);
      assert.equal((await pushed.ended).status, 0);
      // The row of the build has become that of its release behind the dialog.
      const current = visit.row(visit.words.within('Current'));
      await current.filter({ has: visit.button('Build output') }).waitFor();
      await press('Escape');
      await visit.dialog.waitFor({ state: 'detached' });
      const focused = await visit.page.evaluate<string>('document.activeElement.textContent');
      assert.match(focused, visit.words.whole('Build output'));
    });

    test('the menu of the app is opened, gone through and closed', async () => {
      await jumpTo(shop);
      await choose('More');
      await press('ArrowDown');
      await visit.page
        .getByRole('menuitem', { name: visit.words.whole('Run console') })
        .and(visit.page.locator(':focus'))
        .waitFor();
      await press('Escape');
      await visit.button('More').and(visit.page.locator(':focus')).waitFor();
    });

    test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
  });
}

/** Begins a push whose build goes on when there is a file. */
const pushThatWaits = async (shop: string, gate: string): Promise<{ readonly ended: Promise<Pushed> }> => {
  const source = await TinyApp.make(join(sources, shop));
  const scripts = { 'heroku-postbuild': `until test -e ${gate}; do sleep 0.1; done` };
  await source.commit('v2', {
    'package.json': JSON.stringify({ name: 'tiny', version: '1.0.0', private: true, scripts }),
  });
  return member.startPush(shop, source.folder);
};
