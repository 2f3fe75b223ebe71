import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { delayAnswers } from './answers.ts';
import type { Chromium, Visitor } from './chromium.ts';
import { englishWide, type Look } from './looks.ts';
import type { Machine } from './machine.ts';
import { Words } from './words.ts';

const patienceMs = 90_000;
const height = 800;

/** A page is whole when it has a heading and nothing of it is under way, for a few frames in a row. */
const untilWhole = `new Promise((resolve) => {
  let calm = 0;
  const look = () => {
    const whole = document.querySelector('h1') !== null && document.querySelector('[aria-busy=true]') === null;
    calm = whole ? calm + 1 : 0;
    if (calm > 5) resolve();
    else requestAnimationFrame(look);
  };
  look();
})`;

/** What the accessibility checker says against a page. */
interface Finding {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

type Place = Pick<Locator, 'getByRole' | 'getByLabel' | 'getByText'>;

/** Someone's browser on a machine's dashboard. What the dashboard says is named in English, whatever language it is in. */
export class DashboardVisit {
  readonly page: Page;
  readonly base: string;
  readonly words: Words;
  /** What the browser said against the page's own policy, or scripts against themselves. */
  readonly faults: string[] = [];
  readonly #cookies: Visitor['cookies'];
  readonly #look: Look;

  private constructor(base: string, { page, cookies }: Visitor, look: Look) {
    this.page = page;
    this.base = base;
    this.words = new Words(look.language);
    this.#cookies = cookies;
    this.#look = look;
    // Databases and builds take their time on a machine that has much else to do.
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) this.faults.push(message.text());
    });
  }

  /** A visitor with cookies and a clipboard of their own, who prefers this look. */
  static async open(
    machine: Pick<Machine, 'apiPort'>,
    chromium: Chromium,
    look: Look = englishWide,
  ): Promise<DashboardVisit> {
    const origin = `http://localhost:${machine.apiPort}`;
    const { width, language, theme } = look;
    const localStorage = [
      { name: 'ravine-language', value: language },
      { name: 'ravine-theme', value: theme },
    ];
    const visitor = await chromium.visitor({
      viewport: { width, height },
      locale: language === 'fa' ? 'fa-IR' : 'en-GB',
      colorScheme: theme,
      permissions: ['clipboard-read', 'clipboard-write'],
      storageState: { cookies: [], origins: [{ origin, localStorage }] },
    });
    await delayAnswers(visitor.page);
    return new DashboardVisit(`${origin}/dashboard`, visitor, look);
  }

  /** Another tab of the same browser. */
  async anotherTab(): Promise<DashboardVisit> {
    const page = await this.page.context().newPage();
    return new DashboardVisit(this.base, { page, cookies: this.#cookies }, this.#look);
  }

  get main(): Locator {
    return this.page.locator('main');
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /** It is there for whoever is signed in. */
  get jumpButton(): Locator {
    return this.page.getByRole('button', { name: this.words.within('Jump to…') });
  }

  button(name: string, within: Place = this.page): Locator {
    return within.getByRole('button', { name: this.words.whole(name) });
  }

  link(name: string, within: Place = this.page): Locator {
    return within.getByRole('link', { name: this.words.whole(name) });
  }

  field(label: string, within: Place = this.page): Locator {
    return within.getByLabel(this.words.whole(label));
  }

  /** A part of a page by its heading. */
  part(name: string): Locator {
    return this.page.getByRole('region', { name: this.words.whole(name) });
  }

  /** The first row of a list that has this text in it, which need not be the dashboard's. */
  row(text: string | RegExp): Locator {
    return this.page.getByRole('listitem').filter({ hasText: text }).first();
  }

  /** The element that says nothing but this. */
  text(text: string, within: Place = this.page): Locator {
    return within.getByText(this.words.whole(text));
  }

  /** Goes to a page by its address, as from a bookmark. */
  async open(path: string): Promise<void> {
    await this.page.goto(this.base + path);
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.field('E-mail').fill(email);
    await this.field('Password').fill(password);
    await this.press('Sign in');
    await this.jumpButton.waitFor();
  }

  /** Loses all cookies, as when they are cleared in the browser. */
  async forget(): Promise<void> {
    await this.#cookies.clearCookies();
  }

  press(name: string, within?: Place): Promise<void> {
    return this.button(name, within).click();
  }

  /** Follows a link, such as a tab of an app. */
  follow(name: string, within?: Place): Promise<void> {
    return this.link(name, within).click();
  }

  /** Opens a menu and chooses from it. */
  async choose(menu: string, entry: string): Promise<void> {
    await this.press(menu);
    await this.page.getByRole('menuitem', { name: this.words.whole(entry) }).click();
  }

  /** Presses a button of the dialog, which then has to close. */
  async confirm(name: string): Promise<void> {
    await this.press(name, this.dialog);
    await this.dialogCloses();
  }

  /** Resolves when a page has this heading. */
  async arrives(heading: string): Promise<void> {
    await this.page.getByRole('heading', { name: this.words.whole(heading), level: 1 }).waitFor();
  }

  /** Resolves when the page of the app is there. */
  async arrivesAtApp(name: string): Promise<void> {
    await this.page.getByRole('heading', { name, exact: true, level: 1 }).waitFor();
  }

  /** Resolves when the page says so in its language; texts that are cut by markup are found by their whole element. */
  async says(text: string, within: Place = this.page): Promise<void> {
    await within.getByText(this.words.within(text)).first().waitFor();
  }

  /** Resolves when this is to be read, whoever said it: names, commands, what the API answered. */
  async shows(text: string | RegExp, within: Place = this.page): Promise<void> {
    await within.getByText(text).first().waitFor();
  }

  /** Resolves when the dialog has done what it is for. @throws Error with what the API said against it. */
  async dialogCloses(): Promise<void> {
    const alert = this.dialog.getByRole('alert');
    const closed = this.dialog.waitFor({ state: 'detached' });
    const refused = alert.waitFor().then(async () => {
      throw new Error(`the dialog stays open: ${await alert.textContent()}`);
    });
    refused.catch(() => {}); // waits in vain when the dialog closes
    await Promise.race([closed, refused]);
  }

  /** Resolves when everything that the page has asked for is there. */
  async settled(): Promise<void> {
    await this.page.evaluate(untilWhole);
  }

  /** What was copied last. */
  copied(): Promise<string> {
    return this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  /** Holds the page against WCAG 2.2 A and AA, and against being wider than its window. */
  async assertAccessible(what: string): Promise<void> {
    await this.settled();
    await this.page.evaluate(axe.source);
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const found = await this.page.evaluate<Finding[]>(
      `axe.run(document, { runOnly: ${JSON.stringify(tags)} }).then(({ violations }) => violations)`,
    );
    const words = found.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n${nodes.map((one) => `  ${one.html}\n  ${one.failureSummary}`).join('\n')}`,
    );
    assert.equal(words.join('\n'), '', what);
    const over = await this.page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    assert.ok(over <= 0, `${what} is ${over} px wider than its window`);
  }
}
