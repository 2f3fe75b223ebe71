import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { lookedAt } from './harness/looks.ts';
import { TinySite } from './harness/tiny-site.ts';

const site = await TinySite.open({ dynos: 1 });
const chromium = await openChromium();
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});
const { machine, member } = site;
const app = `/apps/${site.name}`;
const firstLoadLimitBytes = 200 * 1024;

before(async () => {
  await member.call('PATCH', `${app}/config-vars`, { COLOUR: 'green' });
  await member.call('PATCH', `${app}/config-vars`, { COLOUR: 'red' });
  await member.call('POST', `${app}/domains`, { hostname: 'www.tiny.example', sni_endpoint: null });
});

/** Every page, and what some show after buttons were pressed, one after the other. */
const pages: readonly { readonly path: string; readonly press?: readonly string[]; readonly keys?: string }[] = [
  { path: '/' },
  { path: '/', press: ['Create app'] },
  { path: '/', keys: 'Control+k' },
  { path: '/', press: [`Account menu of ${machine.email}`] },
  { path: app },
  { path: app, press: ['More'] },
  { path: `${app}/resources` },
  { path: `${app}/resources`, press: ['Add an add-on'] },
  { path: `${app}/deploy` },
  { path: `${app}/deploy`, press: ['Build output'] },
  { path: `${app}/activity` },
  { path: `${app}/activity`, press: ['Build output'] },
  { path: `${app}/activity`, press: ['Roll back here'] },
  { path: `${app}/activity`, press: ['What changed', 'Reveal values'] },
  { path: `${app}/access` },
  { path: `${app}/settings`, press: ['Reveal Config Vars'] },
  { path: `${app}/settings`, press: ['Reveal Config Vars', 'Edit all'] },
  { path: `${app}/settings`, press: ['Reveal Config Vars', 'Remove COLOUR'] },
  { path: `${app}/settings`, press: ['Upload a certificate'] },
  { path: `${app}/settings`, press: ['Delete app'] },
  { path: '/account' },
  { path: '/nowhere' },
];

for (const look of lookedAt) {
  test(`in ${look.name} the first load is at most 200 KB over the wire, and everything of it comes from this host`, async () => {
    const visit = await DashboardVisit.open(machine, chromium, look);
    const hosts = new Set<string>();
    const sizes: Promise<number>[] = [];
    visit.page.on('requestfinished', (request) => {
      hosts.add(new URL(request.url()).host);
      sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
    });
    await visit.open('/');
    await visit.arrives('Sign in');
    await visit.assertAccessible('the sign-in page');
    await visit.signIn(machine.email, machine.password);
    await visit.settled();
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    assert.deepEqual([...hosts], [`localhost:${machine.apiPort}`]);
    assert.ok(bytes > 10_000 && bytes <= firstLoadLimitBytes, `${bytes} bytes`);
  });

  test(`every page in ${look.name}: nothing stands in the way of anybody, nothing overflows`, async () => {
    const visit = await DashboardVisit.open(machine, chromium, look);
    await visit.open('/');
    await visit.signIn(machine.email, machine.password);
    const direction = look.language === 'fa' ? 'rtl' : 'ltr';
    for (const { path, press = [], keys } of pages) {
      await visit.open(path);
      await visit.settled();
      assert.equal(await visit.page.evaluate('document.documentElement.dir'), direction);
      for (const name of press) await visit.button(name).first().click();
      if (keys !== undefined) await visit.page.keyboard.press(keys);
      await visit.assertAccessible([path, ...press, keys].join(' '));
    }
    assert.deepEqual(visit.faults, []);
  });
}
