import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { TinySite } from './harness/tiny-site.ts';

const site = await TinySite.open({ dynos: 1 });
const chromium = await openChromium();
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});
const { machine, member } = site;
const { page } = chromium;
const visit = new DashboardVisit(machine, page);
const console = `/apps/${site.name}/console`;
const screen = page.locator('.console-screen .xterm-rows');

const run = async (command: string): Promise<void> => {
  await page.getByLabel('Command', { exact: true }).fill(command);
  await page.getByLabel('Command', { exact: true }).press('Enter');
};

/** Resolves when the terminal shows this. */
const shows = async (text: string | RegExp): Promise<void> => screen.getByText(text).first().waitFor();

/** Resolves when no dyno but those of the formation is there. */
const untilOnlyWeb = async (): Promise<void> => {
  for (;;) {
    const dynos = await member.call<readonly { readonly type: string }[]>('GET', `/apps/${site.name}/dynos`);
    if (dynos.every(({ type }) => type === 'web')) return;
    await sleep(100);
  }
};

test('a command is run from the menu: it shows what it writes, takes what is typed, and its exit status is told', async () => {
  await visit.open(`/apps/${site.name}`);
  await visit.signIn(machine.email, machine.password);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Run console' }).click();
  await run('echo "I am $DYNO"; read -r word; echo "got $word, سلام"; exit 3');
  await shows(/I am run\.\d+/);
  await page.keyboard.type('bonjour\n');
  await shows('got bonjour, سلام');
  await visit.says('Exited with status 3');
  await page.getByRole('button', { name: 'Run again' }).click();
  await shows(/I am run\.\d+/);
  await page.keyboard.press('F6');
  await page.keyboard.press('Enter');
  await visit.says('Exited with status 129');
});

test('the terminal has the size of its place, and tells the program when that changes', async () => {
  await visit.open(console);
  await run(`trap 'echo "now $(stty size)"' WINCH; echo "first $(stty size)"; while :; do sleep 0.1; done`);
  await shows(/^first \d+ \d+/);
  const first = /first \d+ (\d+)/.exec((await screen.textContent()) ?? '')?.[1];
  await page.setViewportSize({ width: 700, height: 800 });
  await shows(/^now \d+ \d+/);
  const second = /now \d+ (\d+)/.exec((await screen.textContent()) ?? '')?.[1];
  assert.ok(Number(second) < Number(first), `${second} columns, at first ${first}`);
  await page.setViewportSize({ width: 1280, height: 800 });
});

test('the dyno is ended when its page is left', async () => {
  await visit.open(console);
  await untilOnlyWeb();
  await run('cat');
  await page.getByText(/^run\.\d+$/).waitFor();
  await visit.says('Running');
  await page.getByRole('link', { name: 'Overview' }).click();
  await untilOnlyWeb();
});

test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
