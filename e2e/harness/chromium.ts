import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { ensureChromium } from '../../scripts/chromium.ts';

/** A visitor with cookies of their own; takes certificates of the platform's own authority. */
export interface Visitor {
  readonly page: Page;
  readonly cookies: Pick<BrowserContext, 'clearCookies'>;
}

/** A browser without a window, and its first visitor. */
export interface Chromium extends Visitor, AsyncDisposable {
  /** Somebody else, as from another browser. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>;
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

/**
 * @param http2 false where containers come and go: Chromium drops whatever it loads over HTTP/2 when an address of the machine changes,
 *   as one of a container's network does (ERR_NETWORK_CHANGED)
 */
export const openChromium = async ({ http2 = true } = {}): Promise<Chromium> => {
  const args = http2 ? quiet : [...quiet, '--disable-http2'];
  const browser = await chromium.launch({ executablePath: ensureChromium(), args });
  const visitor = async (options: BrowserContextOptions = {}): Promise<Visitor> => {
    const context = await browser.newContext({ ...options, ignoreHTTPSErrors: true });
    return { page: await context.newPage(), cookies: context };
  };
  return { ...(await visitor()), visitor, [Symbol.asyncDispose]: () => browser.close() };
};
