import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { codeOf } from './harness/authenticator.ts';
import { openChromium } from './harness/chromium.ts';
import { DashboardVisit } from './harness/dashboard.ts';
import { crossing } from './harness/looks.ts';
import { Machine } from './harness/machine.ts';
import { Member } from './harness/member.ts';

const machine = await Machine.make();
await machine.start();
const chromium = await openChromium();
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});
const api = `http://localhost:${machine.apiPort}`;

/** What the API answers to a token. */
const statusFor = async (token: string): Promise<number> =>
  (await fetch(`${api}/account`, { headers: { authorization: `Bearer ${token}` } })).status;

for (const look of crossing) {
  describe(look.name, () => {
    const email = `${look.language}@example.com`;
    let password = '';
    let visit: DashboardVisit;
    let row: DashboardVisit['row'];
    const codes: string[] = [];

    before(async () => {
      ({ password } = await machine.addAccount(email));
      visit = await DashboardVisit.open(machine, chromium, look);
      row = visit.row.bind(visit);
    });

    /** Signed in to the same account in another browser. */
    const elsewhere = async (): Promise<DashboardVisit> => {
      const other = await DashboardVisit.open(machine, chromium, look);
      await other.open('/');
      await other.signIn(email, password);
      return other;
    };
    const isSignedIn = async (who: DashboardVisit): Promise<boolean> => {
      await who.open('/');
      await who.settled();
      return (await who.jumpButton.count()) === 1;
    };
    const signOut = async (): Promise<void> => {
      await visit.choose(`Account menu of ${email}`, 'Sign out');
      await visit.arrives('Sign in');
    };
    const signInWith = async (code: string): Promise<void> => {
      await visit.field('E-mail').fill(email);
      await visit.field('Password').fill(password);
      await visit.press('Sign in');
      await visit.field('Code of your authenticator, or a recovery code').fill(code);
      await visit.press('Sign in');
    };

    /** Notes the recovery codes that the page shows. */
    const takeCodes = async (): Promise<void> => {
      const list = visit.page.getByRole('list', { name: visit.words.whole('Recovery codes') });
      await list.waitFor();
      await visit.assertAccessible('the recovery codes');
      codes.splice(0, codes.length, ...(await list.getByRole('listitem').allTextContents()));
      assert.equal(codes.length, 10);
    };

    /** Gives a dialog both factors. */
    const prove = async (code: string): Promise<void> => {
      await visit.field('Current password', visit.dialog).fill(password);
      await visit.field('Code of your authenticator, or a recovery code', visit.dialog).fill(code);
    };

    test('strangers get the sign-in page at every address, are told of a wrong password, and end up where they wanted to go', async () => {
      await visit.open('/apps/nothing/settings');
      await visit.arrives('Sign in');
      await visit.assertAccessible('the sign-in page');
      await visit.open('/account');
      await visit.field('E-mail').fill(email);
      await visit.field('Password').fill('not it');
      await visit.press('Sign in');
      await visit.shows('Invalid credentials provided. Check e-mail and password.');
      await visit.assertAccessible('a wrong password');
      await visit.signIn(email, password);
      await visit.arrives('Account');
    });

    test('a name is kept; a token is shown once, to be copied, and good until it is revoked', async () => {
      await visit.field('Name').fill('Ada');
      await visit.press('Save');
      await visit.says('Saved.');
      await visit.field('What the token is for').fill('nightly');
      await visit.press('Create token');
      const shown = visit.page.getByRole('status').getByText(/^HRKU-[\w-]+$/);
      const token = (await shown.textContent()) ?? '';
      await visit.press(`Copy ${token}`);
      await visit.says('Copied.');
      assert.equal(await visit.copied(), token);
      assert.equal(await statusFor(token), 200);
      await visit.page.reload();
      await row('nightly').waitFor();
      assert.equal((await visit.page.content()).includes(token), false);
      assert.equal(await visit.field('Name').inputValue(), 'Ada');
      await visit.press('Revoke nightly');
      await row('nightly').waitFor({ state: 'detached' });
      assert.equal(await statusFor(token), 401);
    });

    test('all tokens are revoked at once, and the browser stays signed in', async () => {
      const tokens = [await tokenOf(email, password), await tokenOf(email, password)];
      await visit.page.reload();
      await visit.press('Revoke all tokens');
      await visit.assertAccessible('the question whether to revoke all tokens');
      await visit.confirm('Revoke all tokens');
      await visit.says('All tokens were revoked.');
      for (const { token } of tokens) assert.equal(await statusFor(token), 401);
      await visit.page.reload();
      await visit.arrives('Account');
    });

    test('sessions elsewhere are ended one by one or all at once; this one stays', async () => {
      const others = [await elsewhere(), await elsewhere()];
      await visit.page.reload();
      const ends = visit.button('Sign out Chrome on Linux');
      await ends.nth(1).waitFor();
      await row(visit.words.within('This browser')).waitFor();
      await ends.first().click();
      await visit.says('Signed out there.');
      await ends.nth(1).waitFor({ state: 'detached' });
      const left = [];
      for (const other of others) if (await isSignedIn(other)) left.push(other);
      assert.equal(left.length, 1);
      await visit.press('Sign out everywhere else');
      await ends.waitFor({ state: 'detached' });
      for (const other of others) assert.equal(await isSignedIn(other), false);
      await visit.page.reload();
      await visit.arrives('Account');
    });

    test('a new password signs all others out, and is the one that is asked for from then on', async () => {
      const { token } = await tokenOf(email, password);
      const other = await elsewhere();
      const wanted = 'correct horse battery staple';
      await visit.field('Current password').fill('not it');
      await visit.field('New password').fill(wanted);
      await visit.press('Change password');
      await visit.main.getByRole('alert').waitFor();
      await visit.field('Current password').fill(password);
      await visit.press('Change password');
      await visit.says('The password was changed. All others are signed out.');
      assert.equal(await isSignedIn(other), false);
      assert.equal(await statusFor(token), 401);
      const old = password;
      password = wanted;
      await other.field('E-mail').fill(email);
      await other.field('Password').fill(old);
      await other.press('Sign in');
      await other.shows('Invalid credentials provided. Check e-mail and password.');
      await other.signIn(email, password);
      await visit.page.reload();
      await visit.arrives('Account');
    });

    test('a second factor is set up, and its recovery codes are kept', async () => {
      await visit.follow('Set up');
      await visit.field('Current password').fill(password);
      await visit.press('Go on');
      await visit.page
        .getByRole('img', { name: visit.words.whole('QR code with the secret for the authenticator') })
        .waitFor();
      const secret = (await visit.page.locator('.copyable code').textContent()) ?? '';
      await visit.assertAccessible('the QR code');
      await visit.field('The code that it shows').fill('000000');
      await visit.press('Turn on');
      await visit.main.getByRole('alert').waitFor();
      await visit.field('The code that it shows').fill(codeOf(secret));
      await visit.press('Turn on');
      await takeCodes();
      const text = `${codes.join('\n')}\n`;
      await visit.press('Copy');
      await visit.says('Copied.');
      assert.equal(await visit.copied(), text);
      const downloading = visit.page.waitForEvent('download');
      await visit.follow('Download');
      assert.equal(await readFile(await (await downloading).path(), 'utf8'), text);
      await visit.press('I have kept them');
      await visit.says('10 recovery codes are left.');
    });

    test('from then on signing in takes a code, and each recovery code is good once', async () => {
      await signOut();
      await signInWith(codes[0] ?? '');
      await visit.jumpButton.waitFor();
      await signOut();
      await signInWith(codes[0] ?? '');
      await visit.page.getByRole('alert').waitFor();
      await visit.assertAccessible('a code that is not good');
      await visit.field('Code of your authenticator, or a recovery code').fill(codes[1] ?? '');
      await visit.press('Sign in');
      await visit.jumpButton.waitFor();
      await visit.open('/account/two-factor');
      await visit.says('8 recovery codes are left.');
    });

    test('other recovery codes take the place of those that are there', async () => {
      const [old = ''] = codes.slice(3);
      await visit.press('Make other recovery codes');
      await prove(codes[2] ?? '');
      await visit.assertAccessible('the question for both factors');
      await visit.press('Make other recovery codes', visit.dialog);
      await visit.dialogCloses();
      await takeCodes();
      await visit.press('I have kept them');
      await visit.says('10 recovery codes are left.');
      await visit.press('Turn off');
      await prove(old);
      await visit.press('Turn off', visit.dialog);
      await visit.dialog.getByRole('alert').waitFor();
      await prove(codes[0] ?? '');
      await visit.press('Turn off', visit.dialog);
      await visit.dialog.waitFor({ state: 'detached' });
      await visit.page.getByRole('heading', { name: visit.words.whole('Set up') }).waitFor();
    });

    test('a one-time link signs a browser in, once, and is in no address that stays', async () => {
      const member = await Member.logIn(machine, { email, password });
      const { url } = await member.call<{ url: string }>('POST', '/dashboard/links');
      await visit.forget();
      await visit.page.goto(url);
      await visit.arrives('Apps');
      assert.equal(visit.page.url(), `${visit.base}/`);
      await visit.forget();
      await visit.page.goto(url);
      await visit.arrives('Sign in');
      await visit.signIn(email, password);
    });

    test('the page of `heroku login` lets the command line in, or refuses it', async () => {
      const stranger = await DashboardVisit.open(machine, chromium, look);
      const { page } = stranger;
      const refused = await beginLogin();
      await page.goto(api + refused.browser_url);
      assert.equal(await page.evaluate('document.documentElement.lang'), look.language);
      await page.getByText('heroku-cli at ada').waitFor();
      await stranger.assertAccessible('the page of heroku login');
      await page.locator('button[value=deny]').click();
      await page.locator('form').waitFor({ state: 'detached' });
      await stranger.assertAccessible('a login that was refused');
      assert.deepEqual(await tokenFor(refused), { error: 'The login was refused in the browser.' });

      const wanted = await beginLogin();
      await page.goto(api + wanted.browser_url);
      await page.locator('[name=email]').fill(email);
      await page.locator('[name=password]').fill('not it');
      await page.locator('button[value=grant]').click();
      await page.getByRole('alert').waitFor();
      await stranger.assertAccessible('a wrong password on the page of heroku login');
      await page.locator('[name=password]').fill(password);
      await page.locator('button[value=grant]').click();
      await page.getByText(email).waitFor();
      await stranger.assertAccessible('a login that is done');
      const { access_token: token = '' } = await tokenFor(wanted);
      assert.equal(await statusFor(token), 200);
      await page.goto(api + wanted.browser_url);
      await stranger.assertAccessible('a login that is over');
      assert.deepEqual(stranger.faults, []);
    });

    test('whoever is signed in lets the command line in by one button', async () => {
      const { page } = visit;
      const wanted = await beginLogin();
      await page.goto(api + wanted.browser_url);
      assert.equal(await page.evaluate('document.documentElement.lang'), look.language);
      await page.getByText(email).waitFor();
      await visit.assertAccessible('the page of heroku login for whoever is signed in');
      await page.locator('button[value=confirm]').click();
      await page.locator('form').waitFor({ state: 'detached' });
      const { access_token: token = '' } = await tokenFor(wanted);
      assert.equal(await statusFor(token), 200);
    });

    test('signing out ends the session', async () => {
      await visit.open('/');
      await signOut();
      await visit.open('/');
      await visit.arrives('Sign in');
    });

    test('no page broke its own policy, and no script failed', () => assert.deepEqual(visit.faults, []));
  });
}

interface LoginBegun {
  readonly browser_url: string;
  readonly cli_url: string;
  readonly token: string;
}

/** Asks to be let in as `heroku login` does. */
const beginLogin = async (): Promise<LoginBegun> => {
  const answer = await fetch(`${api}/auth`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ description: 'heroku-cli at ada' }),
  });
  return (await answer.json()) as LoginBegun; // as the CLI expects it
};

/** What the command line is answered in the end. */
const tokenFor = async ({ cli_url: path, token }: LoginBegun): Promise<{ access_token?: string; error?: string }> => {
  const answer = await fetch(api + path, { headers: { authorization: `Bearer ${token}` } });
  return (await answer.json()) as { access_token?: string; error?: string }; // as the CLI expects it
};

const tokenOf = async (email: string, password: string): Promise<{ token: string }> => {
  const authorization = `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`;
  const accept = 'application/vnd.heroku+json; version=3';
  const answer = await fetch(`${api}/oauth/authorizations`, { method: 'POST', headers: { accept, authorization } });
  return ((await answer.json()) as { access_token: { token: string } }).access_token; // Platform API reference
};
