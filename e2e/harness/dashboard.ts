import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import type { Machine } from './machine.ts';

const patienceMs = 90_000;

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

/** Someone's browser on a machine's dashboard. */
export class DashboardVisit {
  readonly page: Page;
  readonly base: string;
  /** What the browser said against the page's own policy, or scripts against themselves. */
  readonly faults: string[] = [];

  constructor(machine: Machine, page: Page) {
    this.page = page;
    this.base = `http://localhost:${machine.apiPort}/dashboard`;
    // Databases and builds take their time on a machine that has much else to do.
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) this.faults.push(message.text());
    });
  }

  /** Goes to a page by its address, as from a bookmark. */
  async open(path: string): Promise<void> {
    await this.page.goto(this.base + path);
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.getByRole('button', { name: 'Jump to…' }).waitFor();
  }

  press(name: string): Promise<void> {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Resolves when the page says so; texts that are cut by markup are found by their whole element. */
  async says(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** Resolves when the dialog has done what it is for. @throws Error with what the API said against it. */
  async dialogCloses(): Promise<void> {
    const alert = this.page.getByRole('dialog').getByRole('alert');
    const closed = this.page.getByRole('dialog').waitFor({ state: 'detached' });
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

  /** Holds the page against WCAG 2.2 A and AA, and against being wider than its window. */
  async assertAccessible(what: string): Promise<void> {
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
