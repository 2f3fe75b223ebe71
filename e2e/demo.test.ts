import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDemo } from '../scripts/start-demo.ts';
import { openChromium } from './harness/chromium.ts';

test('the link that `npm run demo` prints signs a browser in, once, to a dashboard with the bookstore', async () => {
  await using demo = await startDemo();
  await using chromium = await openChromium();
  const { page, cookies } = chromium;
  await page.goto(demo.link);
  await page.getByRole('heading', { name: 'Apps', level: 1 }).waitFor();
  assert.equal(page.url(), `${new URL(demo.link).origin}/dashboard/`);
  await page.getByRole('link', { name: /^bookstore/ }).click();
  assert.equal(await page.getByRole('link', { name: 'Open app' }).getAttribute('href'), demo.app);
  await page.goto(demo.app);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await cookies.clearCookies();
  await page.goto(demo.link);
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
  assert.equal(await demo.stop(), 0);
});
