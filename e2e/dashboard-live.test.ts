import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { untilGone } from './harness/processes.ts';
import { TinySite } from './harness/tiny-site.ts';

const site = await TinySite.open({ dynos: 1 });
const chromium = await openChromium();
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});
const { page } = chromium;
const visit = new DashboardVisit(site.machine, page);
const log = page.getByRole('log', { name: 'Logs' });
const logs = `/apps/${site.name}/logs`;
const line = (text: string | RegExp) => log.locator('.log-line').filter({ hasText: text }).last();

test('the log shows what was written, and what is written now', async () => {
  await visit.open(logs);
  await visit.signIn(site.machine.email, site.machine.password);
  await line('status=200').waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await site.member.call('PATCH', `/apps/${site.name}/config-vars`, { COLOUR: 'green' });
  await line('Set COLOUR config vars').waitFor();
});

test('a pause holds what is seen; what came meanwhile is counted, and there when it goes on', async () => {
  await site.member.call('PATCH', `/apps/${site.name}/config-vars`, { LAST: 'before' });
  await line('Set LAST config vars').waitFor();
  await visit.press('Pause');
  await site.member.call('PATCH', `/apps/${site.name}/config-vars`, { SHAPE: 'round' });
  await visit.says(/^[1-9]\d* new lines$/);
  assert.equal(await line('Set SHAPE').count(), 0);
  await visit.press('Go on');
  await line('Set SHAPE config vars').waitFor();
});

test('the log is chosen from by text, source, dyno and level, and the address says how', async () => {
  await page.getByLabel('Search in the log').fill('set colour');
  await page.waitForURL(/\?query=set\+colour$/);
  await line('Set COLOUR config vars').waitFor();
  assert.equal(await log.locator('.log-line').count(), 1);
  await page.getByLabel('Level').selectOption('error');
  await visit.says('No line is like that');
  await visit.open(`${logs}?source=heroku&dyno=router`);
  await line('status=200').waitFor();
  assert.equal(await page.getByLabel('Dyno').inputValue(), 'router');
  assert.equal(await log.locator('.log-line').filter({ hasNotText: 'method=' }).count(), 0);
});

test("a router's line leads to all lines of its request, and every line has an address", async () => {
  const wanted = line('status=200');
  const requestId = (await wanted.getByRole('link').last().textContent()) ?? '';
  await wanted.getByRole('link', { name: requestId }).click();
  await visit.says(`Lines of request ${requestId}`);
  await log.locator('.log-line').first().waitFor();
  assert.equal(await log.locator('.log-line').count(), 1);
  await log.getByRole('link').first().click();
  await page.waitForURL(/\/logs\/\d+$/);
  await page.reload();
  await log.locator('.log-line.marked', { hasText: requestId }).waitFor();
  await page.getByRole('link', { name: 'Back to live' }).click();
  await page.getByText('Live', { exact: true }).waitFor();
});

test('the log goes on where it was after control was killed', async () => {
  await line('Set SHAPE config vars').waitFor();
  const { control } = await site.machine.processes();
  process.kill(control.pid, 'SIGKILL');
  await untilGone(control.pid);
  await site.machine.apiAnswers();
  await site.member.call('PATCH', `/apps/${site.name}/config-vars`, { SIZE: 'large' });
  await line('Set SIZE config vars').waitFor();
  assert.equal(await log.locator('.log-line').filter({ hasText: 'Set SIZE' }).count(), 1);
});

test('Metrics draw memory, response times and throughput, with the numbers as tables beside them', async () => {
  await site.visit();
  await page.getByRole('link', { name: 'Metrics', exact: true }).click();
  for (const [title, series] of [
    ['Memory', 'highest'],
    ['Response time', 'p95'],
    ['Throughput', '2xx'],
  ] as const) {
    const chart = page.getByRole('region', { name: title, exact: true });
    await chart.locator('canvas').waitFor();
    await chart.getByText('As a table').click();
    await chart.getByRole('columnheader', { name: series }).waitFor();
    assert.match((await chart.getByRole('cell').last().textContent()) ?? '', /\d/);
  }
  const marks = page.getByRole('region', { name: 'Releases and dyno events' });
  await marks.getByText('web.1 is up').first().waitFor();
  await page.getByLabel('7 days').check();
  await page.getByRole('region', { name: 'Memory', exact: true }).locator('canvas').waitFor();
});

test('logs and metrics are accessible in both languages and themes, on wide and on narrow screens', async () => {
  for (const [language, theme, width] of [
    ['en', 'light', 1280],
    ['fa', 'dark', 390],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(
      `localStorage.setItem('ravine-language', '${language}'); localStorage.setItem('ravine-theme', '${theme}')`,
    );
    for (const path of [logs, `${logs}?dyno=router`, `/apps/${site.name}/metrics`]) {
      await visit.open(path);
      await page.locator('.log-line, canvas').first().waitFor();
      await visit.settled();
      await visit.assertAccessible(`${path} ${language} ${theme}`);
    }
  }
});

test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
