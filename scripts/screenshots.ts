/**
 * `npm run screenshots [-- FOLDER [LINK]]`: pictures of every page of the dashboard, in both languages, light and dark,
 * on a wide and on a narrow screen. LINK signs in to a platform that runs; without it the demo is started for this.
 * `-- --readme [LINK]` takes those that the README shows.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Chromium, openChromium } from '../e2e/harness/chromium.ts';
import { DashboardVisit } from '../e2e/harness/dashboard.ts';
import type { Look } from '../e2e/harness/looks.ts';
import { type Picture, pictures, readmePictures } from './screenshots.data.ts';
import { startDemo } from './start-demo.ts';

const root = join(import.meta.dirname, '..');
const forReadme = process.argv.includes('--readme');
const given = process.argv.slice(2).filter((arg) => arg !== '--readme');
const [folder, givenLink] = forReadme
  ? [join(root, 'docs', 'images'), given[0]]
  : [given[0] ?? join(root, 'dist', 'screenshots'), given[1]];
const app = 'bookstore';
const visitors = 40;
const readmeClip = { x: 0, y: 0, width: 1120, height: 700 };

const looks: readonly Look[] = [
  { name: 'wide', language: 'en', theme: 'light', width: 1280 },
  { name: 'wide-dark-fa', language: 'fa', theme: 'dark', width: 1280 },
  { name: 'narrow', language: 'en', theme: 'dark', width: 390 },
  { name: 'narrow-fa', language: 'fa', theme: 'light', width: 390 },
];

/** What the pictures show beside what the demo has made; what is there already is refused. */
const wanted: readonly (readonly [method: 'POST' | 'PATCH', path: string, body: object])[] = [
  ['POST', '/apps', { name: 'empty-room' }],
  ['PATCH', `/apps/${app}/config-vars`, { SHOP_NAME: 'Lantern', CURRENCY: 'EUR' }],
  ['POST', `/apps/${app}/addons`, { plan: 'memcachier', name: 'shop-cache' }],
  ['POST', `/apps/${app}/addons`, { plan: 'bucketeer', name: 'shop-bucket' }],
  ['POST', `/apps/${app}/addons`, { plan: 'heroku-scheduler', name: 'shop-jobs' }],
  ['POST', `/apps/${app}/scheduler/jobs`, { command: 'node clear-carts.js', frequency: 'daily', at: '02:30' }],
  [
    'POST',
    `/apps/${app}/scheduler/jobs`,
    { command: 'node refresh-rates.js', frequency: 'every-10-minutes', enabled: false },
  ],
  ['POST', '/apps/empty-room/addons', { plan: 'heroku-postgresql', name: 'lobby-database' }],
];

/** Asks the API in the name of whoever is signed in. */
const ask = async <Answer>({ page }: DashboardVisit, method: string, path: string, body: object): Promise<Answer> =>
  page.evaluate<Answer>(`fetch('${path}', { method: '${method}', body: '${JSON.stringify(body)}',
    headers: { 'content-type': 'application/json', 'x-ravine-dashboard': '1' } }).then((answer) => answer.json())`);

/** Comes to the app as visitors do, so that there is something to measure. */
const visitApp = async ({ page }: DashboardVisit): Promise<void> => {
  const { port, host } = new URL((await page.getByRole('link', { name: 'Open app' }).getAttribute('href')) ?? '');
  // Names below localhost are found by browsers, not by every system.
  for (let visit = 0; visit < visitors; visit++)
    await page.request.get(`http://127.0.0.1:${port}/${visit % 8 === 0 ? 'nowhere' : ''}`, { headers: { host } });
};

const settled = async (visit: DashboardVisit): Promise<void> => {
  await visit.settled();
  await visit.page.evaluate('document.fonts.ready.then(() => undefined)');
};

const take = async (visit: DashboardVisit, look: Look, { name, path, press = [], show }: Picture, password: string) => {
  await visit.open(path);
  await settled(visit);
  for (const button of press) await visit.button(button).or(visit.link(button)).first().click();
  await show?.(visit, password);
  await settled(visit);
  const whole = await visit.page.evaluate<boolean>('document.querySelector("dialog[open]") === null');
  await visit.page.screenshot({ path: join(folder, look.name, `${name}.png`), fullPage: whole });
};

/** The page of `heroku login`, which is none of the dashboard's, and the one for strangers. */
const takeLogins = async (visit: DashboardVisit, look: Look): Promise<void> => {
  const { browser_url: login } = await ask<{ browser_url: string }>(visit, 'POST', '/auth', {
    description: 'heroku-cli at ada-laptop',
  });
  const picture = (name: string) => visit.page.screenshot({ path: join(folder, look.name, `${name}.png`) });
  const { origin } = new URL(visit.base);
  await visit.page.goto(origin + login);
  await picture('heroku-login');
  await visit.forget();
  await visit.page.goto(origin + login);
  await picture('heroku-login-stranger');
  await visit.open('/');
  await settled(visit);
  await picture('sign-in');
};

/** Signs in by the link, and makes what there is to be seen. */
const enter = async (chromium: Chromium, link: string): Promise<DashboardVisit> => {
  const visit = await DashboardVisit.open({ apiPort: Number(new URL(link).port) }, chromium);
  await visit.page.goto(link);
  await visit.page.getByRole('link', { name: app }).click();
  for (const [method, path, body] of wanted) await ask(visit, method, path, body);
  return visit;
};

/** The same person with another look. */
const enterAs = async (chromium: Chromium, first: DashboardVisit, look: Look): Promise<DashboardVisit> => {
  const { url } = await ask<{ url: string }>(first, 'POST', '/dashboard/links', {});
  const visit = await DashboardVisit.open({ apiPort: Number(new URL(url).port) }, chromium, look);
  await visit.page.goto(url);
  return visit;
};

const takeAll = async (chromium: Chromium, link: string, password: string): Promise<void> => {
  const first = await enter(chromium, link);
  const shown = pictures(app).filter(({ asksPassword = false }) => !asksPassword || password !== '');
  for (const look of looks) {
    await mkdir(join(folder, look.name), { recursive: true });
    await visitApp(first);
    const visit = await enterAs(chromium, first, look);
    for (const picture of shown) await take(visit, look, picture, password);
    await takeLogins(visit, look);
    await visit.page.close();
    process.stdout.write(`${join(folder, look.name)}: ${shown.length + 3} pictures\n`);
  }
};

const takeForReadme = async (chromium: Chromium, link: string): Promise<void> => {
  const first = await enter(chromium, link);
  await visitApp(first);
  for (const { name, path, press = [], show, ...look } of readmePictures(app)) {
    const visit = await enterAs(chromium, first, { name, width: readmeClip.width, ...look });
    await visit.open(path);
    await settled(visit);
    for (const button of press) await visit.press(button);
    await show?.(visit, '');
    await settled(visit);
    await visit.page.screenshot({ path: join(folder, `${name}.png`), clip: readmeClip });
    await visit.page.close();
  }
};

const takeWanted = (chromium: Chromium, link: string, password: string): Promise<void> =>
  forReadme ? takeForReadme(chromium, link) : takeAll(chromium, link, password);

await using chromium = await openChromium();
if (givenLink === undefined) {
  await using demo = await startDemo();
  await takeWanted(chromium, demo.link, demo.password);
} else {
  process.stdout.write('what asks for the password is left out: only the demo says what it is\n');
  await takeWanted(chromium, givenLink, '');
}
