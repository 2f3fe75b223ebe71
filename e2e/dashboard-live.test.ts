import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { crossing, lookedAt } from './harness/looks.ts';
import { untilGone } from './harness/processes.ts';
import { TinySite } from './harness/tiny-site.ts';
import { until } from './harness/until.ts';
import { visit as visitApp } from './harness/visit.ts';

const site = await TinySite.open({ dynos: 1 });
const chromium = await openChromium();
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});
const { member, machine } = site;
const app = `/apps/${site.name}`;
const logs = `${app}/logs`;
const set = (name: string, value: string) => member.call('PATCH', `${app}/config-vars`, { [name]: value });
const ranges = [
  ['7 days', '7d'],
  ['72 hours', '72h'],
  ['24 hours', '24h'],
  ['2 hours', '2h'],
] as const;
const [silent] = await site.dynos(1);
await set('TELLS_REQUESTS', '1');
await site.dynos(1, [silent?.pid ?? 0]);

for (const look of crossing) {
  describe(look.name, () => {
    /** So that what is said in the other look is another line. */
    const mark = look.language.toUpperCase();
    let visit: DashboardVisit;

    before(async () => {
      visit = await DashboardVisit.open(machine, chromium, look);
      await visit.open(logs);
      await visit.signIn(machine.email, machine.password);
    });

    const log = () => visit.page.getByRole('log', { name: visit.words.whole('Logs') });
    const lines = () => log().locator('.log-line');
    const line = (text: string | RegExp) => lines().filter({ hasText: text }).last();

    test('the log shows what was written, and what is written now', async () => {
      await line('status=200').waitFor();
      await visit.text('Live').waitFor();
      await set(`COLOUR_${mark}`, 'green');
      await line(`Set COLOUR_${mark} config vars`).waitFor();
    });

    test('a pause holds what is seen; what came meanwhile is counted, and there when it goes on', async () => {
      await set(`LAST_${mark}`, 'before');
      await line(`Set LAST_${mark} config vars`).waitFor();
      await visit.press('Pause');
      await set(`SHAPE_${mark}`, 'round');
      await visit.page
        .getByText(visit.words.whole('… new lines'))
        .filter({ hasNotText: /^[0۰] / })
        .waitFor();
      await visit.text('Paused').waitFor();
      assert.equal(await line(`Set SHAPE_${mark}`).count(), 0);
      await visit.press('Go on');
      await line(`Set SHAPE_${mark} config vars`).waitFor();
    });

    test('the log is chosen from by text, source, dyno and level, and the address says how', async () => {
      await visit.field('Search in the log').fill(`set colour_${mark}`);
      await visit.page.waitForURL(new RegExp(`\\?query=set\\+colour_${mark}$`));
      await line(`Set COLOUR_${mark} config vars`).waitFor();
      assert.equal(await lines().count(), 1);
      await visit.field('Level').selectOption('error');
      await visit.says('No line is like that');
      await visit.open(logs);
      await line('status=200').waitFor();
      await visit.field('Source').selectOption('app');
      await lines().filter({ hasText: 'status=200' }).first().waitFor({ state: 'detached' });
      await visit.field('Source').selectOption('heroku');
      await visit.field('Dyno').fill('router');
      await visit.page.waitForURL(/\?source=heroku&dyno=router$/);
      await visit.page.reload();
      await line('status=200').waitFor();
      assert.equal(await visit.field('Dyno').inputValue(), 'router');
      assert.equal(await lines().filter({ hasNotText: 'method=' }).count(), 0);
    });

    test("a router's line leads to all lines of its request, the app's as well, and every line has an address", async () => {
      const path = `/looked-for-${look.language}`;
      await until(async () => (await visitApp(machine, site.name, path)).status === 200);
      const wanted = line(`path="${path}"`).filter({ hasText: 'status=200' });
      const requestId = (await wanted.getByRole('link').last().textContent()) ?? '';
      await wanted.getByRole('link', { name: requestId }).click();
      await visit.says(`Lines of request ${requestId}`);
      await line('method=GET').waitFor();
      await lines().nth(1).waitFor();
      const dynos = await lines().locator('.log-dyno').allTextContents();
      assert.deepEqual(dynos.toSorted(), ['router', 'web.1']);
      await line(`GET ${path} for ${requestId}`).waitFor();
      await visit.assertAccessible('the lines of a request');
      await line('method=GET').getByRole('link').first().click();
      await visit.page.waitForURL(/\/logs\/\d+$/);
      await visit.page.reload();
      await log().locator('.log-line.marked', { hasText: requestId }).waitFor();
      await visit.assertAccessible('a line by its address');
      await visit.follow('Back to live');
      await visit.text('Live').waitFor();
    });

    test('the log goes on where it was after control was killed', async () => {
      await line(`Set SHAPE_${mark} config vars`).waitFor();
      const { control } = await machine.processes();
      process.kill(control.pid, 'SIGKILL');
      await untilGone(control.pid);
      await machine.apiAnswers();
      await set(`SIZE_${mark}`, 'large');
      await line(`Set SIZE_${mark} config vars`).waitFor();
      assert.equal(
        await lines()
          .filter({ hasText: `Set SIZE_${mark}` })
          .count(),
        1,
      );
    });

    test('Metrics draw dynos, requests and errors over each time, with the numbers as tables beside them', async () => {
      await site.visit();
      await member.call('PATCH', app, { maintenance: true });
      await until(async () => (await visitApp(machine, site.name, '/')).status === 503);
      await member.call('PATCH', app, { maintenance: false });
      await visit.follow('Metrics');
      for (const [title, series] of [
        ['Memory', visit.words.whole('highest')],
        ['CPU load', visit.words.whole('average')],
        ['Response time', 'p95'],
        ['Throughput', '2xx'],
        ['Errors', 'H80'],
      ] as const) {
        const chart = visit.part(title);
        await chart.locator('canvas').waitFor();
        await visit.text('As a table', chart).click();
        await chart.getByRole('columnheader', { name: series }).waitFor();
        assert.match((await chart.getByRole('cell').last().textContent()) ?? '', /[\d۰-۹]/);
      }
      await visit.says('web.1 is up', visit.part('Releases and dyno events'));
      await visit.assertAccessible('metrics with their tables');
      for (const [label, range] of ranges) {
        const report = visit.page.waitForResponse((answer) => answer.url().endsWith(`/metrics?range=${range}`));
        await visit.field(label).check();
        assert.equal((await report).status(), 200);
        await visit.part('Memory').locator('canvas').waitFor();
      }
    });

    test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
  });
}

for (const look of lookedAt) {
  test(`logs and metrics in ${look.name}: nothing stands in anybody's way, nothing overflows`, async () => {
    const visit = await DashboardVisit.open(machine, chromium, look);
    await visit.open(logs);
    await visit.signIn(machine.email, machine.password);
    for (const path of [logs, `${logs}?dyno=router`, `${app}/metrics`]) {
      await visit.open(path);
      await visit.page.locator('.log-line, canvas').first().waitFor();
      await visit.assertAccessible(path);
    }
    assert.deepEqual(visit.faults, []);
  });
}
