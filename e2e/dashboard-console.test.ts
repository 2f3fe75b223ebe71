import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
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

test('the machine has a page for administrators: what is there, how it is, and what the checks say', async () => {
  await member.call('POST', `/apps/${site.name}/addons`, { plan: 'heroku-postgresql' });
  await visit.open('/');
  await page.getByRole('button', { name: /^Account menu/ }).click();
  await page.getByRole('menuitem', { name: 'Machine' }).click();
  await page.getByRole('heading', { name: 'Machine', level: 1 }).waitFor();
  for (const name of ['Disk', 'Memory', 'Processors', 'Router', 'Store', 'Container engine']) {
    const row = page.locator('.machine-row').filter({ has: page.getByText(name, { exact: true }) });
    await row.getByText(/^(?:Good|Worth a look|Needs you)$/).waitFor();
  }
  await page.getByText(/of \d+ workers are there/).waitFor();
  await page
    .getByRole('listitem')
    .filter({ hasText: /^postgresql-/ })
    .waitFor();
  await page.getByText(/^git version/).waitFor();
  await page.getByText('No domain has a certificate of its own.').waitFor();
});

/** What an authenticator shows now (RFC 6238). */
const codeOf = (secret: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac('sha1', Buffer.from(bytes)).update(step).digest();
  const number = hash.readUInt32BE((hash.at(-1) ?? 0) & 0xf) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
};

test('a second factor is set up in the browser, asked for at the next sign-in, and switched off again', async () => {
  await visit.open('/account');
  await page.getByRole('link', { name: 'Set up' }).click();
  await page.getByLabel('Current password').fill(machine.password);
  await visit.press('Go on');
  await page.getByRole('img', { name: /^QR code/ }).waitFor();
  const secret = (await page.locator('.copyable code').textContent()) ?? '';
  await visit.assertAccessible('the QR code');
  await page.getByLabel('The code that it shows').fill('000000');
  await visit.press('Turn on');
  await page.getByRole('alert').waitFor();
  await page.getByLabel('The code that it shows').fill(codeOf(secret));
  await visit.press('Turn on');
  const list = page.getByRole('list', { name: 'Recovery codes' });
  await list.waitFor();
  await visit.assertAccessible('the recovery codes');
  const codes = await list.getByRole('listitem').allTextContents();
  assert.equal(codes.length, 10);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download' }).click(),
  ]);
  assert.equal(await readFile(await download.path(), 'utf8'), `${codes.join('\n')}\n`);
  await visit.press('I have kept them');
  await visit.says('10 recovery codes are left.');

  await page.getByRole('button', { name: /^Account menu/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('E-mail').fill(machine.email);
  await page.getByLabel('Password').fill(machine.password);
  await visit.press('Sign in');
  await page.getByLabel(/^Code of your authenticator/).fill(codes[0] ?? '');
  await visit.press('Sign in');
  await page.getByRole('button', { name: 'Jump to…' }).waitFor();

  await visit.open('/account/two-factor');
  await visit.says('9 recovery codes are left.');
  await visit.press('Turn off');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Current password').fill(machine.password);
  await dialog.getByLabel(/^Code of your authenticator/).fill(codes[1] ?? '');
  await dialog.getByRole('button', { name: 'Turn off' }).click();
  await visit.dialogCloses();
  await page.getByRole('heading', { name: 'Set up' }).waitFor();
});

const looks = [
  ['en', 1280, 'light'],
  ['fa', 1280, 'dark'],
  ['en', 390, 'dark'],
  ['fa', 390, 'light'],
] as const;

for (const [language, width, theme] of looks) {
  test(`these pages in ${language}, ${theme}, ${width} px wide: nothing stands in anybody's way, nothing overflows`, async () => {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(
      `localStorage.setItem('ravine-language', '${language}'); localStorage.setItem('ravine-theme', '${theme}');`,
    );
    for (const path of ['/machine', '/account/two-factor', console]) {
      await visit.open(path);
      await visit.settled();
      await visit.assertAccessible(path);
    }
    await page.getByRole('button', { name: language === 'en' ? 'Run' : 'اجرا', exact: true }).click();
    await shows(/[$#]/);
    await visit.assertAccessible('a terminal');
  });
}

test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
