import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { holdAnswers } from './harness/answers.ts';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { crossing } from './harness/looks.ts';
import { Machine } from './harness/machine.ts';
import { type Json, Member } from './harness/member.ts';
import { selfSigned } from './harness/self-signed.ts';
import { TinyApp } from './harness/tiny-app.ts';
import { until } from './harness/until.ts';
import { visit as visitApp } from './harness/visit.ts';
import { visitSecurely } from './harness/visit-securely.ts';

/** Nothing listens there: no test asks an authority in the internet. */
const machine = await Machine.make({ RAVINE_ACME_DIRECTORY: 'https://127.0.0.1:9/directory' });
await machine.start();
const chromium = await openChromium();
const sources = await mkdtemp(join(tmpdir(), 'ravine-sources-'));
await chmod(sources, 0o755);
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
  await rm(sources, { recursive: true });
});
const member = await Member.logIn(machine);

const pemOf = async (name: string, host: string) => {
  const { crt, key } = await selfSigned(sources, name, [host]);
  return { certificate: await readFile(crt, 'utf8'), key: await readFile(key, 'utf8') };
};

for (const look of crossing) {
  describe(look.name, () => {
    const shop = `shop-${look.language}`;
    const host = `www.${shop}.example`;
    const email = `${look.language}@example.com`;
    let other: Member;
    let source: TinyApp;
    let visit: DashboardVisit;
    /** Of the other account. */
    let theirs: DashboardVisit;

    before(async () => {
      const account = await machine.addAccount(email);
      other = await Member.logIn(machine, account);
      source = await TinyApp.make(join(sources, shop));
      await member.call('POST', '/apps', { name: shop });
      assert.equal((await member.push(shop, source.folder)).status, 0);
      visit = await DashboardVisit.open(machine, chromium, look);
      await visit.open(`/apps/${shop}/settings`);
      await visit.signIn(machine.email, machine.password);
      theirs = await DashboardVisit.open(machine, chromium, look);
      await theirs.open('/');
      await theirs.signIn(email, account.password);
    });

    const untilStatus = (status: number) => until(async () => (await visitApp(machine, shop, '/')).status === status);
    const app = () => member.call<Json>('GET', `/apps/${shop}`);

    /** The newest first. */
    const builds = () => visit.part('Builds').getByRole('listitem');

    test('Settings tell what the app is, and its git URL is there to be copied', async () => {
      const facts = visit.part('App information');
      const factOf = async (name: string): Promise<string> => {
        const row = visit.page.locator('.facts > div').filter({ has: visit.text(name) });
        return (await row.locator('dd').textContent()) ?? '';
      };
      await visit.text('Region', facts).waitFor();
      const { region, git_url: gitUrl } = await app();
      assert.equal(await factOf('Region'), (region as Json).name);
      assert.match(await factOf('Framework'), /Node\.js/);
      assert.match(await factOf('Slug size'), visit.words.whole('… KB'));
      assert.equal(await factOf('Owner'), machine.email);
      await visit.press(`Copy ${gitUrl}`);
      await visit.says('Copied.');
      assert.equal(await visit.copied(), `https://localhost:${machine.apiPort}/${shop}.git`);
    });

    test('the stack of the next build is chosen; what runs stays as it is', async () => {
      for (const name of ['heroku-22', 'heroku-24']) {
        await visit.field('Stack of the next build').selectOption(name);
        await visit.press('Set stack');
        await visit.says(`The next build is for ${name}.`);
        const { build_stack: next, stack } = await app();
        assert.deepEqual([(next as Json).name, (stack as Json).name], [name, 'heroku-24']);
      }
    });

    test('the switch of maintenance mode turns visitors away, and lets them in again', async () => {
      const maintenance = visit.page.getByRole('switch', { name: visit.words.whole('Maintenance mode') });
      await maintenance.click();
      await visit.text('Maintenance', visit.main).waitFor();
      await untilStatus(503);
      await maintenance.click();
      await visit.text('Maintenance', visit.main).waitFor({ state: 'detached' });
      await untilStatus(200);
    });

    test('the switch of certificates that come by themselves is that of `heroku certs:auto`', async () => {
      const acm = visit.page.getByRole('switch', { name: visit.words.whole('Get and renew certificates by itself') });
      const before = (await app()).acm;
      for (const wanted of [!before, before]) {
        await acm.click();
        await visit.page
          .getByRole('switch', {
            name: visit.words.whole('Get and renew certificates by itself'),
            checked: wanted === true,
          })
          .waitFor();
        assert.equal((await app()).acm, wanted);
      }
    });

    test('domains and buildpacks are added and removed', async () => {
      const add = (label: string) => visit.page.getByRole('textbox', { name: visit.words.whole(label) });
      await add('Add domain').fill('not a domain');
      await visit.press('Add domain');
      await visit.main.getByRole('alert').waitFor();
      const addDomain = async (name: string): Promise<void> => {
        await add('Add domain').fill(name);
        await visit.press('Add domain');
        await visit.button(`Remove ${name}`).waitFor();
      };
      const answers = await holdAnswers(visit.page, 'POST', `/apps/${shop}/domains`);
      await addDomain(host);
      await add('Add domain').fill(`shop.${host}`);
      await answers.arrive();
      assert.equal(await add('Add domain').inputValue(), `shop.${host}`, 'what was typed meanwhile stays');
      await addDomain(`shop.${host}`);
      await visit.press(`Remove shop.${host}`);
      await visit.assertAccessible('the question whether to remove a domain');
      await visit.confirm('Remove');
      await visit.button(`Remove shop.${host}`).waitFor({ state: 'detached' });
      await add('Add buildpack').fill('heroku/nodejs');
      await visit.press('Add buildpack');
      await visit.press('Remove heroku/nodejs');
      await visit.says('None is set: the one that fits is found at each build.');
    });

    test('a certificate is uploaded, given to a domain, replaced and removed; a key that is not its own is refused', async () => {
      const [own, next] = [await pemOf(`own-${shop}`, host), await pemOf(`next-${shop}`, host)];
      const [chain, key] = ['Certificate and chain (PEM)', 'Private key (PEM)'];
      const endpoint = async () => {
        const [one] = await member.call<readonly Json[]>('GET', `/apps/${shop}/sni-endpoints`);
        return { id: String(one?.id), name: String(one?.name) };
      };
      /** Resolves when the router shows the certificate that was signed by this name. */
      const untilServed = (name: string) =>
        until(async () => (await visitSecurely(machine, host)).issuer.includes(`CN=${name}`));
      await visit.press('Upload a certificate');
      await visit.field(chain).fill(own.key);
      await visit.says('Expected text that begins with -----BEGIN CERTIFICATE-----.');
      await visit.field(chain).fill(own.certificate);
      await visit.field(key).fill(next.key);
      await visit.press('Add certificate');
      await visit.dialog.getByRole('alert').waitFor();
      await visit.assertAccessible('a certificate whose key is that of another one');
      await visit.field(key).fill(own.key);
      await visit.confirm('Add certificate');
      await visit.text('Self-signed', visit.main).waitFor();
      const { id, name } = await endpoint();
      await visit.field(`Certificate of ${host}`).selectOption(id);
      await visit.shows(host, visit.row(visit.words.within('Serves')));
      await untilServed(`own-${shop}`);
      await visit.press(`Replace ${name}`);
      await visit.field(chain).fill(next.certificate);
      await visit.field(key).fill(next.key);
      await visit.confirm('Save');
      await visit.says(`${name} was replaced.`);
      await untilServed(`next-${shop}`);
      await visit.press(`Remove ${name}`);
      await visit.assertAccessible('the question whether to remove a certificate');
      await visit.confirm('Remove');
      await visit.says('There are none.');
    });

    test('the owner gives access to somebody who has an account, who sees the app until it is taken away', async () => {
      await visit.follow('Access');
      await visit.shows(machine.email, visit.row(visit.words.within('Owner')));
      await visit.field('E-mail').fill('nobody@example.com');
      await visit.press('Add collaborator');
      await visit.shows(/There is no account for nobody@example\.com here/);
      await visit.field('E-mail').fill(email);
      await visit.press('Add collaborator');
      await visit.says(`${email} has access now.`);
      await visit.says('Collaborator', visit.row(email));
      await theirs.open(`/apps/${shop}/access`);
      await theirs.says('Only the owner of the app changes who has access.');
      await theirs.follow('Settings');
      await theirs.says(`Only the owner of the app, ${machine.email}, can rename it.`);
      await theirs.says(`Only the owner of the app, ${machine.email}, can delete it.`);
      assert.equal((await other.ask('GET', `/apps/${shop}`)).status, 200);
      await visit.press(`Remove ${email}`);
      await visit.assertAccessible('the question whether to take access away');
      await visit.confirm('Remove');
      await visit.row(email).waitFor({ state: 'detached' });
      assert.notEqual((await other.ask('GET', `/apps/${shop}`)).status, 200);
    });

    test('an app is offered to another account, which declines; an offer is taken back; another is taken', async () => {
      const till = `till-${look.language}`;
      await member.call('POST', '/apps', { name: till });
      const offer = async () => {
        await visit.field('E-mail of the new owner').fill(email);
        await visit.press('Offer the app');
        await visit.says(`Offered to ${email}, who has yet to accept.`);
      };
      await visit.open(`/apps/${till}/settings`);
      await offer();
      await theirs.open('/');
      await theirs.press(`Decline ${till}`);
      await theirs.says(`${till} was declined.`);
      await visit.open(`/apps/${till}/settings`);
      await offer();
      await visit.press('Take the offer back');
      await visit.field('E-mail of the new owner').waitFor();
      await theirs.open('/');
      await theirs.settled();
      assert.equal(await theirs.button(`Accept ${till}`).count(), 0);
      await offer();
      await theirs.open('/');
      await theirs.assertAccessible('an app that is offered');
      await theirs.press(`Accept ${till}`);
      await theirs.says(`${till} is yours now.`);
      await theirs.page.getByRole('link', { name: new RegExp(`^${till}`) }).waitFor();
      await visit.open(`/apps/${till}/access`);
      await visit.says('Owner', visit.row(email));
    });

    test('Deploy has the commands to copy; what was pushed is deployed again', async () => {
      await visit.open(`/apps/${shop}/deploy`);
      for (const command of [`heroku git:remote -a ${shop}`, 'git push heroku main']) {
        await visit.press(`Copy ${command}`);
        await visit.says('Copied.');
        assert.equal(await visit.copied(), command);
      }
      await visit.shows(/\bv1\b/, visit.part('Deploy a branch again'));
      await visit.press('Deploy branch');
      await visit.shows('deployed to Ravine', visit.part('Deploy a branch again').getByRole('log'));
      await visit.says('Succeeded', builds().first());
    });

    test('an archive is deployed from an address or from this computer, and what is wrong with one is told', async () => {
      const output = visit.part('Deploy an archive').getByRole('log');
      const address = visit.field('Address of a .tar.gz archive');
      await source.commit('v2');
      await address.fill(await uploaded(await source.archive()));
      await visit.press('Deploy', visit.main);
      await visit.shows('deployed to Ravine', output);
      await until(async () => (await visitApp(machine, shop, '/')).body.startsWith('v2 '));
      await source.commit('v3');
      const file = { name: 'shop-3.tar.gz', mimeType: 'application/gzip', buffer: await source.archive() };
      await visit.field('A .tar.gz archive on this computer').setInputFiles(file);
      await visit.press('Upload and deploy');
      await until(async () => (await visitApp(machine, shop, '/')).body.startsWith('v3 '));
      await visit.shows('deployed to Ravine', output);
      await address.fill(`http://localhost:${machine.apiPort}/nothing.tar.gz`);
      await visit.press('Deploy', visit.main);
      await visit.says('Failed', builds().first());
      await visit.shows(/404/, visit.main);
      await visit.press('Build output', builds().nth(1));
      await visit.shows('deployed to Ravine', visit.part('Builds').getByRole('log'));
    });

    test('a build that runs is cancelled; the release that was there stays', async () => {
      const gate = join(sources, `${shop}-goes-on`);
      const scripts = { 'heroku-postbuild': `until test -e ${gate}; do sleep 0.1; done` };
      await source.commit('v4', { 'package.json': JSON.stringify({ name: 'tiny', version: '1.0.0', scripts }) });
      const pushed = member.push(shop, source.folder);
      const ended = pushed.then(({ output }) => assert.fail(`the push has ended:\n${output}`));
      await Promise.race([visit.says('Running', builds().first()), ended]);
      await visit.press('Cancel build', builds().first());
      await visit.button('Cancel build').waitFor({ state: 'detached' });
      await visit.says('Failed', builds().first());
      const { status, output } = await pushed;
      assert.equal(status, 1);
      assert.match(output, /The build was cancelled by admin@localhost\./);
      await writeFile(gate, '');
      assert.match((await visitApp(machine, shop, '/')).body, /^v3 /);
    });

    test('no page broke its own policy, and no script failed', () =>
      assert.deepEqual([...visit.faults, ...theirs.faults], []));
  });
}

/** Uploads an archive as `heroku builds:create` does; answers the address that it is to be built from. */
const uploaded = async (archive: Buffer<ArrayBuffer>): Promise<string> => {
  const { source_blob: blob } = await member.call<{ source_blob: { put_url: string; get_url: string } }>(
    'POST',
    '/sources',
  );
  await fetch(blob.put_url, { method: 'PUT', body: archive });
  return blob.get_url;
};
