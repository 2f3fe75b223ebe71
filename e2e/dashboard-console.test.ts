import assert from 'node:assert/strict';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { crossing, lookedAt } from './harness/looks.ts';
import { selfSigned } from './harness/self-signed.ts';
import { TinySite } from './harness/tiny-site.ts';
import { until } from './harness/until.ts';

const site = await TinySite.open({ dynos: 1 });
const chromium = await openChromium();
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});
const { machine, member } = site;
const app = `/apps/${site.name}`;
const console = `${app}/console`;
await member.call('POST', `${app}/addons`, { plan: 'heroku-postgresql', name: 'tiny-database' });

/** Resolves when no dyno but those of the formation is there. */
const untilOnlyWeb = () =>
  until(async () => {
    const dynos = await member.call<readonly { readonly type: string }[]>('GET', `${app}/dynos`);
    return dynos.every(({ type }) => type === 'web');
  });

/** What a restore drill leaves, as it would an hour after the first backup. */
const leaveDrill = async (succeeded: boolean, detail: string): Promise<void> => {
  for await (const backups of glob('**/archive/base', { cwd: machine.dataFolder })) {
    const [startedAtMs, finishedAtMs] = [Date.now() - 2000, Date.now()];
    const drill = { startedAtMs, finishedAtMs, backup: 'newest', succeeded, detail };
    await writeFile(join(machine.dataFolder, backups, '..', 'drill.json'), JSON.stringify(drill));
  }
};

for (const look of crossing) {
  describe(look.name, () => {
    let visit: DashboardVisit;

    before(async () => {
      visit = await DashboardVisit.open(machine, chromium, look);
      await visit.open(app);
      await visit.signIn(machine.email, machine.password);
    });

    const screen = () => visit.page.locator('.console-screen .xterm-rows');
    const run = async (command: string): Promise<void> => {
      await visit.field('Command').fill(command);
      await visit.field('Command').press('Enter');
    };
    /** Resolves when the terminal shows this. */
    const shows = async (text: string | RegExp): Promise<void> => screen().getByText(text).first().waitFor();

    test('a command is run from the menu: it shows what it writes, takes what is typed, and its exit status is told', async () => {
      await visit.choose('More', 'Run console');
      await run('echo "I am $DYNO"; read -r word; echo "got $word, سلام"; exit 3');
      await shows(/I am run\.\d+/);
      await visit.page.keyboard.type('bonjour\n');
      await shows('got bonjour, سلام');
      await visit.says('Exited with status 3');
      await visit.press('Run again');
      await shows(/I am run\.\d+/);
      await visit.page.keyboard.press('F6');
      await visit.page.keyboard.press('Enter');
      await visit.says('Exited with status 129');
    });

    test('the terminal has the size of its place, and tells the program when that changes', async () => {
      await visit.open(console);
      await run(`trap 'echo "now $(stty size)"' WINCH; echo "first $(stty size)"; while :; do sleep 0.1; done`);
      await shows(/^first \d+ \d+/);
      const first = /first \d+ (\d+)/.exec((await screen().textContent()) ?? '')?.[1];
      await visit.page.setViewportSize({ width: Math.max(320, look.width / 2), height: 800 });
      await shows(/^now \d+ \d+/);
      const second = /now \d+ (\d+)/.exec((await screen().textContent()) ?? '')?.[1];
      assert.ok(Number(second) < Number(first), `${second} columns, at first ${first}`);
      await visit.page.setViewportSize({ width: look.width, height: 800 });
    });

    test('the dyno is ended when its page is left', async () => {
      await visit.open(console);
      await untilOnlyWeb();
      await run('cat');
      await visit.shows(/^run\.\d+$/);
      await visit.says('Running');
      await visit.follow('Overview');
      await untilOnlyWeb();
    });

    test('the machine has a page for administrators: what is there, how it is, and what the checks say', async () => {
      await visit.choose(`Account menu of ${machine.email}`, 'Machine');
      await visit.arrives('Machine');
      const judgements = ['Good', 'Worth a look', 'Needs you'].map((one) => visit.words.whole(one).source).join('|');
      for (const name of ['Disk', 'Memory', 'Processors', 'Router', 'Store', 'Container engine']) {
        const row = visit.page
          .locator('.machine-row')
          .filter({ has: visit.page.locator('dt', { hasText: visit.words.whole(name) }) });
        await row.getByText(new RegExp(judgements)).waitFor();
      }
      await visit.says('2 of 2 workers are there');
      await visit.shows(/^git version/);
    });

    test('its databases tell when they were backed up, and what became of the last drill', async () => {
      await until(async () => {
        const facts = await member.call<{ databases: readonly { backed_up_at: string | null }[] }>('GET', '/machine');
        return facts.databases.every(({ backed_up_at: at }) => at !== null);
      });
      const database = visit.row('tiny-database');
      await leaveDrill(true, '1 table was read');
      await visit.open('/machine');
      await visit.says('Backed up', database);
      await visit.says('restored for a test', database);
      await visit.says('Good', database);
      await leaveDrill(false, 'the log has a hole');
      await visit.page.reload();
      await visit.shows('the log has a hole', database);
      await visit.says('Needs you', database);
      await visit.assertAccessible('a machine whose drill has failed');
      await leaveDrill(true, '1 table was read');
    });

    test('it tells which certificates are due, those that end first on top', async () => {
      const host = `${look.language}.tiny.example`;
      await visit.text('No domain has a certificate of its own.').waitFor();
      const { crt, key } = await selfSigned(machine.dataFolder, `cert-${look.language}`, [host]);
      const { id } = await member.call<{ id: string }>('POST', `${app}/sni-endpoints`, {
        certificate_chain: await readFile(crt, 'utf8'),
        private_key: await readFile(key, 'utf8'),
      });
      await member.call('POST', `${app}/domains`, { hostname: host, sni_endpoint: id });
      await visit.page.reload();
      const row = visit.part('Certificates due').getByRole('listitem').filter({ hasText: host });
      await visit.says('Valid until …', row);
      await visit.says('Good', row);
      await member.call('DELETE', `${app}/domains/${host}`);
      await member.call('DELETE', `${app}/sni-endpoints/${id}`);
    });

    test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
  });
}

for (const look of lookedAt) {
  test(`these pages in ${look.name}: nothing stands in anybody's way, nothing overflows`, async () => {
    const visit = await DashboardVisit.open(machine, chromium, look);
    await visit.open('/machine');
    await visit.signIn(machine.email, machine.password);
    for (const path of ['/machine', '/account/two-factor', console]) {
      await visit.open(path);
      await visit.assertAccessible(path);
    }
    await visit.press('Run');
    await visit.page.locator('.console-screen .xterm-rows').getByText(/[$#]/).first().waitFor();
    await visit.assertAccessible('a terminal');
    assert.deepEqual(visit.faults, []);
  });
}
