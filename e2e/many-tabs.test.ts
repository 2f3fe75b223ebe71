import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { TinySite } from './harness/tiny-site.ts';

/** More than the six connections that a browser opens to one host over HTTP/1.1. */
const tabs = 8;

const site = await TinySite.open({ dynos: 1 });
const chromium = await openChromium();
const pages: Page[] = [];

before(async () => {
  const first = await DashboardVisit.open(site.machine, chromium);
  for (let n = 0; n < tabs; n++) {
    const visit = n === 0 ? first : await first.anotherTab();
    pages.push(visit.page);
    await visit.open(`/apps/${site.name}/activity`);
    if (n === 0) await visit.signIn(site.machine.email, site.machine.password);
    await visit.says('Initial release');
  }
});
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const allSay = async (text: string): Promise<void> => {
  await Promise.all(pages.map((page) => page.getByText(text).first().waitFor()));
};
const set = (name: string) => site.member.call('PATCH', `/apps/${site.name}/config-vars`, { [name]: '1' });

test('more tabs than a browser has connections to one host are open, and all of them are live', async () => {
  await set('FIRST');
  await allSay('Set FIRST config vars');
});

test('when the tab that reads the events for all is closed, another one reads them, from where it was', async () => {
  for (const name of ['SECOND', 'THIRD']) {
    await pages.shift()?.close();
    await set(name);
    await allSay(`Set ${name} config vars`);
  }
  assert.equal(pages.length, tabs - 2);
});

test('a tab that was reloaded goes on with the others', async () => {
  await pages[0]?.reload();
  await set('FOURTH');
  await allSay('Set FOURTH config vars');
});
