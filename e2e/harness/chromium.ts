import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { ensureChromium } from '../../scripts/chromium.ts';

/** A visitor with a browser of their own, without a window; it takes certificates of the platform's own authority. */
export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  readonly cookies: Pick<BrowserContext, 'clearCookies'>;
}

/** Nothing but the pages asked for is fetched. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const openChromium = async (): Promise<Visitor> => {
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: quiet });
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  return {
    page: await context.newPage(),
    cookies: context,
    [Symbol.asyncDispose]: () => browser.close(),
  };
};
