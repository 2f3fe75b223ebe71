/**
 * `npm run screenshots [-- FOLDER [LINK]]`: pictures of every page of the dashboard, in both languages, light and dark,
 * on a wide and on a narrow screen. LINK signs in to a platform that runs; without it the demo is started for this.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ensureChromium } from './chromium.ts';

const [folder = join(import.meta.dirname, '..', 'dist', 'screenshots'), givenLink] = process.argv.slice(2);
const app = 'bookstore';

/** One way to look at all pages. */
interface Look {
  readonly name: string;
  readonly language: 'en' | 'fa';
  readonly theme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
}

const looks: readonly Look[] = [
  { name: 'wide', language: 'en', theme: 'light', width: 1280, height: 800 },
  { name: 'wide-dark-fa', language: 'fa', theme: 'dark', width: 1280, height: 800 },
  { name: 'narrow', language: 'en', theme: 'dark', width: 390, height: 844 },
  { name: 'narrow-fa', language: 'fa', theme: 'light', width: 390, height: 844 },
];

const press = (page: Page, name: RegExp): Promise<void> => page.getByRole('button', { name }).first().click();

const follow = (page: Page, name: RegExp): Promise<void> => page.getByRole('link', { name }).first().click();

/** Every page by its name; some are only seen after a press of a button. */
const pages: readonly {
  readonly name: string;
  readonly path: string;
  readonly before?: (page: Page) => Promise<void>;
}[] = [
  { name: 'apps', path: '/' },
  { name: 'create', path: '/', before: (page) => press(page, /Create app|ساخت برنامه/) },
  { name: 'jump', path: '/', before: (page) => page.keyboard.press('Control+k') },
  { name: 'overview', path: `/apps/${app}` },
  { name: 'overview-new', path: '/apps/empty-room' },
  { name: 'resources', path: `/apps/${app}/resources` },
  { name: 'add-on', path: `/apps/${app}/resources`, before: (page) => press(page, /Add an add-on|افزودن افزونه/) },
  { name: 'attach', path: `/apps/${app}/resources`, before: (page) => press(page, /Attach an|اتصال افزونه/) },
  { name: 'database', path: `/apps/${app}/resources`, before: (page) => follow(page, /Heroku Postgres/) },
  { name: 'cache', path: `/apps/${app}/resources/shop-cache` },
  { name: 'bucket', path: `/apps/${app}/resources/shop-bucket` },
  { name: 'jobs', path: `/apps/${app}/resources/shop-jobs` },
  { name: 'job', path: `/apps/${app}/resources/shop-jobs`, before: (page) => press(page, /Add job|افزودن کار/) },
  { name: 'deploy', path: `/apps/${app}/deploy` },
  { name: 'activity', path: `/apps/${app}/activity` },
  { name: 'output', path: `/apps/${app}/activity`, before: (page) => press(page, /Build output|خروجی ساخت/) },
  { name: 'access', path: `/apps/${app}/access` },
  { name: 'settings', path: `/apps/${app}/settings` },
  { name: 'config', path: `/apps/${app}/settings`, before: (page) => press(page, /Reveal|نمایش متغیرها/) },
  { name: 'upload', path: `/apps/${app}/settings`, before: (page) => press(page, /Upload a cert|بارگذاری گواهی/) },
  { name: 'delete', path: `/apps/${app}/settings`, before: (page) => press(page, /^(Delete app|حذف برنامه)$/) },
  { name: 'console', path: `/apps/${app}/console`, before: (page) => press(page, /^(Run|اجرا)$/) },
  { name: 'account', path: '/account' },
  { name: 'two-factor', path: '/account/two-factor' },
  { name: 'machine', path: '/machine' },
  { name: 'missing', path: '/nowhere' },
];

const startDemo = async (): Promise<{ link: string; stop: () => Promise<void> }> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'demo.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text;
    const link = /^ +dashboard +(\S+)/m.exec(said)?.[1];
    if (link === undefined) continue;
    child.stdout.resume();
    const stop = async (): Promise<void> => {
      child.kill('SIGINT');
      await once(child, 'exit');
    };
    return { link, stop };
  }
  throw new Error(`the demo ended before it said where its dashboard is:\n${said}`);
};

/** What the pictures show beside what the demo has made. */
const wanted: readonly (readonly [path: string, body: object])[] = [
  ['/apps', { name: 'empty-room' }],
  [`/apps/${app}/addons`, { plan: 'memcachier', name: 'shop-cache' }],
  [`/apps/${app}/addons`, { plan: 'bucketeer', name: 'shop-bucket' }],
  [`/apps/${app}/addons`, { plan: 'heroku-scheduler', name: 'shop-jobs' }],
  [`/apps/${app}/scheduler/jobs`, { command: 'node clear-carts.js', frequency: 'daily', at: '02:30' }],
  [`/apps/${app}/scheduler/jobs`, { command: 'node refresh-rates.js', frequency: 'every-10-minutes', enabled: false }],
  ['/apps/empty-room/addons', { plan: 'heroku-postgresql', name: 'lobby-database' }],
];

/** Signs in, and makes what there is to be seen; what is there already is refused. */
const enter = async (browser: Browser, link: string) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('link', { name: app }).waitFor();
  for (const [path, body] of wanted) {
    await page.evaluate(`fetch('${path}', { method: 'POST', body: '${JSON.stringify(body)}',
      headers: { 'content-type': 'application/json', 'x-ravine-dashboard': '1' } })`);
  }
  return context.storageState();
};

/** A heading is there, and nothing is under way, for a few frames in a row. */
const untilWhole = `new Promise((resolve) => {
  let calm = 0;
  const look = () => {
    const whole = document.querySelector('h1') !== null && document.querySelector('[aria-busy=true]') === null;
    calm = whole ? calm + 1 : 0;
    if (calm > 5) resolve();
    else requestAnimationFrame(look);
  };
  look();
})`;

const settled = async (page: Page): Promise<void> => {
  await page.evaluate(untilWhole);
  await page.evaluate('document.fonts.ready.then(() => undefined)');
};

const take = async (browser: Browser, link: string): Promise<void> => {
  const base = `${new URL(link).origin}/dashboard`;
  const state = await enter(browser, link);
  for (const { name: look, language, theme, width, height } of looks) {
    await mkdir(join(folder, look), { recursive: true });
    const context = await browser.newContext({ storageState: state, viewport: { width, height } });
    await context.addInitScript(
      `localStorage.setItem('ravine-language', '${language}'); localStorage.setItem('ravine-theme', '${theme}');`,
    );
    const page = await context.newPage();
    for (const { name, path, before } of pages) {
      await page.goto(base + path);
      await settled(page);
      await before?.(page);
      await settled(page);
      const whole = await page.evaluate<boolean>('document.querySelector("dialog[open]") === null');
      await page.screenshot({ path: join(folder, look, `${name}.png`), fullPage: whole });
    }
    await context.clearCookies();
    await page.goto(base);
    await settled(page);
    await page.screenshot({ path: join(folder, look, 'sign-in.png') });
    await context.close();
    process.stdout.write(`${join(folder, look)}: ${pages.length + 1} pictures\n`);
  }
};

const demo = givenLink === undefined ? await startDemo() : undefined;
const browser = await chromium.launch({ executablePath: ensureChromium(), args: ['--no-sandbox', '--disable-gpu'] });
try {
  await take(browser, givenLink ?? demo?.link ?? '');
} finally {
  await browser.close();
  await demo?.stop();
}
