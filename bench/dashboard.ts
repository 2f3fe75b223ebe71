import type { Page } from 'playwright-core';
import { openChromium } from '../e2e/harness/chromium.ts';
import { DashboardVisit } from '../e2e/harness/dashboard.ts';
import { TinySite } from '../e2e/harness/tiny-site.ts';
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

/** Resolves with the milliseconds from a click until rows are painted. */
const clickUntilRows = (click: string, rows: number): string => `new Promise((resolve) => {
  const from = performance.now();
  const look = () => {
    if (document.querySelectorAll('.app-row').length < ${rows}) requestAnimationFrame(look);
    else setTimeout(() => resolve(performance.now() - from));
  };
  document.querySelector('${click}').click();
  requestAnimationFrame(look);
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

const loads = async (visit: DashboardVisit, path: string) => {
  const all: { wholeMs: number; longestMs: number }[] = [];
  for (let round = 0; round < rounds; round += 1) all.push(await load(visit, path));
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

const makeApps = async ({ member }: TinySite): Promise<void> => {
  let next = 0;
  const makeSome = async (): Promise<void> => {
    while (next < apps) await member.call('POST', '/apps', { name: `shop-${String(next++).padStart(4, '0')}` });
  };
  await Promise.all(Array.from({ length: madeAtOnce }, makeSome));
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
  const { page } = chromium;
  const visit = new DashboardVisit(site.machine, page);
  await page.addInitScript(watch);
  await visit.open('/');
  await visit.signIn(site.machine.email, site.machine.password);

  const overview = await loads(visit, `/apps/${site.name}`);

  await visit.open(`/apps/${site.name}/logs`);
  await page.locator('.log-line').first().waitFor();
  const whileWritten = await writeLines(site, page);
  const whileScrolled = await page.evaluate<number[]>(scrollThrough);

  await makeApps(site);
  const api = await median(() => page.evaluate<number>(askForApps));
  const list = await median(async () => {
    await visit.open(`/apps/${site.name}`);
    await visit.settled();
    return page.evaluate<number>(clickUntilRows('.crumb', 20));
  });
  const whileGrowing: number[] = [];
  const all = await median(async () => {
    await visit.open('/');
    await visit.settled();
    await page.evaluate('seen.long.length = 0');
    const tookMs = await page.evaluate<number>(clickUntilRows('main > .button', apps));
    whileGrowing.push(...(await page.evaluate<number[]>('seen.long')));
    return tookMs;
  });
  const first = await loads(visit, '/');

  return {
    rows: [
      { what: 'an app, from its address to interactive', value: overview.wholeMs, unit: 'ms', goal: 1000 },
      { what: 'its longest task meanwhile', value: overview.longestMs, unit: 'ms' },
      { what: `longest task while ${lines} lines come in`, value: longest(whileWritten), unit: 'ms' },
      { what: `longest task while they are scrolled through`, value: longest(whileScrolled), unit: 'ms', goal: 100 },
      { what: `the API's list of ${apps} apps`, value: api, unit: 'ms' },
      { what: `${apps} apps, from the click to the first rows`, value: list, unit: 'ms', goal: 300 },
      { what: 'all rows, from the click on “Show all”', value: all, unit: 'ms' },
      { what: 'longest task meanwhile', value: longest(whileGrowing), unit: 'ms', goal: 100 },
      { what: `${apps} apps, from the address to interactive`, value: first.wholeMs, unit: 'ms', goal: 1000 },
      { what: 'its longest task meanwhile', value: first.longestMs, unit: 'ms' },
    ],
    values: {
      interactive_ms: overview.wholeMs,
      log_write_longest_task_ms: longest(whileWritten),
      log_scroll_longest_task_ms: longest(whileScrolled),
      api_apps_ms: api,
      apps_list_ms: list,
      apps_show_all_ms: all,
      apps_show_all_longest_task_ms: longest(whileGrowing),
      apps_interactive_ms: first.wholeMs,
    },
    method: `Headless Chromium on the same machine; medians of ${rounds}. Interactive: the heading is there and nothing is under way. A task counts from 50 ms, as the browser reports it; 0 is none. A log is scrolled from its end to its beginning and back in ${scrolls} steps, one a frame.`,
  };
};
