import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Route } from 'playwright-core';

/** `RAVINE_LATE_MS=900` lets each answer of the API come up to so many milliseconds late, so that they overtake one another. */
const lateMs = Number(process.env.RAVINE_LATE_MS ?? 0);

/** What a page asks of the API by itself, other than streams. */
const isQuestion = (route: Route): boolean => {
  const request = route.request();
  return request.resourceType() === 'fetch' && !/stream/.test(request.headers().accept + request.url());
};

/** Lets the answers of this tab come late where that is wanted. */
export const delayAnswers = async (page: Page): Promise<void> => {
  if (lateMs === 0) return;
  await page.route(/./, async (route) => {
    if (!isQuestion(route)) return route.continue();
    const response = await route.fetch();
    await sleep(Math.random() * lateMs);
    await route.fulfill({ response });
  });
};

/** Answers to this are on their way until they are let arrive, which resolves when no button is busy any more. */
export const holdAnswers = async (page: Page, method: string, path: string): Promise<{ arrive(): Promise<void> }> => {
  const held = Promise.withResolvers<void>();
  const hold = async (route: Route): Promise<void> => {
    if (route.request().method() !== method) return route.fallback();
    const response = await route.fetch();
    await held.promise;
    await route.fulfill({ response });
  };
  const matches = (url: URL): boolean => url.pathname === path;
  await page.route(matches, hold);
  return {
    arrive: async () => {
      held.resolve();
      await page.locator('[data-busy]').waitFor({ state: 'detached' });
      await page.unroute(matches, hold);
    },
  };
};
