import type { Page } from 'playwright-core';
import { type Chromium, openChromium } from '../e2e/harness/chromium.ts';
import { DashboardVisit } from '../e2e/harness/dashboard.ts';
import { both } from '../e2e/harness/looks.ts';
import { TinySite } from '../e2e/harness/tiny-site.ts';
import type { Language } from '../e2e/harness/words.ts';
import { ensureDashboard } from '../scripts/dashboard.ts';
import { quantile, type Result } from './result.ts';

const apps = 1000;
const madeAtOnce = 4;
const lines = 100_000;
const rounds = 5;
const scrolls = 200;

/** In each page from its beginning: when it was first whole, and its long tasks (those of 50 ms and more). */
const watch = `
globalThis.seen = { wholeAt: undefined, long: [] };
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) seen.long.push(duration);
}).observe({ type: 'longtask', buffered: true });
const look = () => {
  const whole = document.querySelector('h1') !== null && document.querySelector('[aria-busy=true]') === null;
  if (whole) seen.wholeAt = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);`;

/**
 * Resolves with the milliseconds from a click that leads to the list of apps until it is painted, and from another on “Show all”, made
 * as soon as it can be, until all its rows are.
 */
const clickThroughList = `new Promise((resolve) => {
  const from = performance.now();
  const painted = (found, then) => {
    const look = () => {
      const seen = found();
      if (seen) setTimeout(() => then(performance.now() - from, seen));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  };
  document.querySelector('.crumb').click();
  painted(() => document.querySelector('main > .button'), (firstMs, button) => {
    const from = performance.now();
    button.click();
    painted(() => document.querySelectorAll('.app-row').length >= ${apps},
      (allMs) => resolve({ firstMs, growMs: performance.now() - from, allMs }));
  });
})`;

const askForApps = `(async () => {
  const from = performance.now();
  const headers = { 'x-ravine-dashboard': '1', range: 'name ..; max=${apps}', accept: 'application/vnd.heroku+json; version=3' };
  await (await fetch('/apps', { headers })).json();
  return performance.now() - from;
})()`;

/** Goes through a log from its end to its beginning and back in steps, one a frame. */
const scrollThrough = `new Promise((resolve) => {
  seen.long.length = 0;
  const log = document.querySelector('.log');
  let step = 0;
  const next = () => {
    const part = Math.abs(1 - (2 * step) / ${scrolls});
    log.scrollTop = part * (log.scrollHeight - log.clientHeight);
    if (step++ < ${scrolls}) requestAnimationFrame(next);
    else setTimeout(() => resolve(seen.long), 200);
  };
  next();
})`;

const longest = (tasks: readonly number[]): number => Math.max(0, ...tasks);

/** Opens a page anew; answers when it was whole, and its longest task. */
const load = async (visit: DashboardVisit, path: string): Promise<{ wholeMs: number; longestMs: number }> => {
  await visit.open(path);
  await visit.settled();
  const { wholeAt, long } = await visit.page.evaluate<{ wholeAt: number; long: number[] }>('seen');
  return { wholeMs: wholeAt, longestMs: longest(long) };
};

const loads = async (visit: DashboardVisit, path: string, before?: () => Promise<unknown>) => {
  const all: { wholeMs: number; longestMs: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await before?.();
    all.push(await load(visit, path));
  }
  return {
    wholeMs: quantile(
      all.map(({ wholeMs }) => wholeMs),
      0.5,
    ),
    longestMs: longest(all.map(({ longestMs }) => longestMs)),
  };
};

const median = async (measure: () => Promise<number>): Promise<number> => {
  const all: number[] = [];
  for (let round = 0; round < rounds; round += 1) all.push(await measure());
  return quantile(all, 0.5);
};

/** What comes over the wire for a page by somebody who has never been here, and how soon it can be used. */
const firstLoads = async (site: TinySite, chromium: Chromium) => {
  const found = { bytes: { en: 0, fa: 0 }, wholeMs: { en: 0, fa: 0 } } satisfies Record<
    string,
    Record<Language, number>
  >;
  for (const look of both) {
    const visit = await DashboardVisit.open(site.machine, chromium, { ...look, width: 1280 });
    await visit.page.addInitScript(watch);
    await visit.open('/');
    await visit.signIn(site.machine.email, site.machine.password);
    const browser = await visit.page.context().newCDPSession(visit.page);
    const sizes: Promise<number>[] = [];
    visit.page.on('requestfinished', (request) => {
      sizes.push(request.sizes().then(({ responseBodySize: body, responseHeadersSize: head }) => body + head));
    });
    const { wholeMs } = await loads(visit, `/apps/${site.name}`, () => browser.send('Network.clearBrowserCache'));
    found.wholeMs[look.language] = wholeMs;
    found.bytes[look.language] = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / rounds;
    await visit.page.close();
  }
  return found;
};

/** So many that there are {@link apps} with the site's own: what the API says in one answer. */
const makeApps = async ({ member }: TinySite): Promise<void> => {
  let next = 1;
  const makeSome = async (): Promise<void> => {
    while (next < apps) await member.call('POST', '/apps', { name: `shop-${String(next++).padStart(4, '0')}` });
  };
  await Promise.all(Array.from({ length: madeAtOnce }, makeSome));
};

/** Goes to the list of apps from the page of one, and on to all its rows. */
const listAll = async (site: TinySite, visit: DashboardVisit) => {
  const all: { firstMs: number; growMs: number; allMs: number }[] = [];
  const tasks: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await visit.open(`/apps/${site.name}`);
    await visit.settled();
    await visit.page.evaluate('seen.long.length = 0');
    all.push(await visit.page.evaluate<(typeof all)[number]>(clickThroughList));
    tasks.push(...(await visit.page.evaluate<number[]>('seen.long')));
  }
  const middle = (name: keyof (typeof all)[number]): number =>
    quantile(
      all.map((one) => one[name]),
      0.5,
    );
  return { firstMs: middle('firstMs'), growMs: middle('growMs'), allMs: middle('allMs'), tasks };
};

/** Resolves when the page says that it has so many lines; rejects when it does not within two minutes. */
const untilCounted = `new Promise((resolve, reject) => {
  const limit = setTimeout(() => reject(new Error('the lines did not come within two minutes')), 120_000);
  const look = () => {
    const said = /([\\d,]+) lines/.exec(document.querySelector('.log-bar').textContent)?.[1] ?? '0';
    if (Number(said.replaceAll(',', '')) < ${lines}) return setTimeout(look, 100);
    clearTimeout(limit);
    resolve();
  };
  look();
})`;

/** Fills an app's log while its page is open; answers the long tasks that the page had meanwhile. */
const writeLines = async (site: TinySite, page: Page): Promise<readonly number[]> => {
  const script = `for (let n = 1; n <= ${lines}; n++) console.log('line', n, 'at=info method=GET path=/books/' + n)`;
  await page.evaluate('seen.long.length = 0');
  await site.member.call('POST', `/apps/${site.name}/dynos`, { command: `node -e "${script}"` });
  await page.evaluate(untilCounted);
  return page.evaluate<number[]>('seen.long');
};

/** How fast the dashboard is in a browser on the same machine. */
export const dashboard = async (): Promise<Result> => {
  ensureDashboard();
  await using site = await TinySite.open({ dynos: 1 });
  await using chromium = await openChromium();
  const visit = await DashboardVisit.open(site.machine, chromium);
  const { page } = visit;
  await page.addInitScript(watch);
  await visit.open('/');
  await visit.signIn(site.machine.email, site.machine.password);

  const first = await firstLoads(site, chromium);
  const overview = await loads(visit, `/apps/${site.name}`);

  await visit.open(`/apps/${site.name}/logs`);
  await page.locator('.log-line').first().waitFor();
  const whileWritten = await writeLines(site, page);
  const whileScrolled = await page.evaluate<number[]>(scrollThrough);

  await makeApps(site);
  const apiMs = await median(() => page.evaluate<number>(askForApps));
  const list = await listAll(site, visit);
  const many = await loads(visit, '/');

  return {
    rows: [
      { what: 'first load in English, over the wire', value: first.bytes.en / 1024, unit: 'KB', goal: 200 },
      { what: 'first load in Persian, with its font', value: first.bytes.fa / 1024, unit: 'KB', goal: 200 },
      { what: 'its page interactive, English, nothing cached', value: first.wholeMs.en, unit: 'ms', goal: 1000 },
      { what: 'its page interactive, Persian, nothing cached', value: first.wholeMs.fa, unit: 'ms', goal: 1000 },
      { what: 'an app, from its address to interactive, again', value: overview.wholeMs, unit: 'ms', goal: 1000 },
      { what: 'its longest task meanwhile', value: overview.longestMs, unit: 'ms' },
      { what: `longest task while ${lines} lines come in`, value: longest(whileWritten), unit: 'ms' },
      { what: `longest task while they are scrolled through`, value: longest(whileScrolled), unit: 'ms', goal: 100 },
      { what: `the API's list of ${apps} apps`, value: apiMs, unit: 'ms' },
      { what: `${apps} apps, from the click to the list`, value: list.firstMs, unit: 'ms', goal: 300 },
      { what: `from the click on “Show all” to all ${apps} rows`, value: list.growMs, unit: 'ms', goal: 300 },
      { what: `from the first click to all ${apps} rows`, value: list.allMs, unit: 'ms' },
      { what: 'longest task meanwhile', value: longest(list.tasks), unit: 'ms', goal: 100 },
      { what: `${apps} apps, from the address to interactive`, value: many.wholeMs, unit: 'ms', goal: 1000 },
      { what: 'its longest task meanwhile', value: many.longestMs, unit: 'ms' },
    ],
    values: {
      first_load_en_kb: first.bytes.en / 1024,
      first_load_fa_kb: first.bytes.fa / 1024,
      first_interactive_en_ms: first.wholeMs.en,
      first_interactive_fa_ms: first.wholeMs.fa,
      interactive_ms: overview.wholeMs,
      log_write_longest_task_ms: longest(whileWritten),
      log_scroll_longest_task_ms: longest(whileScrolled),
      api_apps_ms: apiMs,
      apps_list_ms: list.firstMs,
      apps_show_all_ms: list.growMs,
      apps_all_rows_ms: list.allMs,
      apps_longest_task_ms: longest(list.tasks),
      apps_interactive_ms: many.wholeMs,
    },
    method: `Headless Chromium on the same machine; medians of ${rounds}. Interactive: the heading is there and nothing is under way. A task counts from 50 ms, as the browser reports it; 0 is none. A log is scrolled from its end to its beginning and back in ${scrolls} steps, one a frame. The list shows its first rows by itself and all others on “Show all”, which is clicked as soon as it is there.`,
  };
};
