import type { QueryClient } from '@tanstack/react-query';
import { ownHeaders } from './request.ts';
import { blocksOf, readEvent } from './server-events.ts';

const retryMs = 3000;
/** When a platform has no event stream, pages ask again this often. */
const pollMs = 10_000;

let connected = false;

/** How often a page asks again by itself: not at all while events say what changed. */
export const refetchInterval = (): number | false => (connected ? false : pollMs);

interface PlatformEvent {
  readonly app?: { readonly name?: string } | null;
}

const parse = (text: string): PlatformEvent => {
  try {
    return JSON.parse(text) as PlatformEvent; // what is missing is read as missing
  } catch {
    return {};
  }
};

/** Asks anew for what an event says has changed. */
const refresh = (queries: QueryClient, { app }: PlatformEvent): void => {
  void queries.invalidateQueries({ queryKey: ['apps'] });
  void queries.invalidateQueries({ queryKey: app?.name === undefined ? ['app'] : ['app', app.name] });
};

/** Keeps all pages up to date by the account's event stream, until the signal aborts. */
export const followEvents = async (queries: QueryClient, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    try {
      const headers = { ...ownHeaders, accept: 'text/event-stream' };
      const response = await fetch('/events', { headers, signal });
      if (response.status === 404) return;
      if (response.ok && response.body !== null) {
        connected = true;
        void queries.invalidateQueries();
        for await (const block of blocksOf(response.body)) {
          const data = readEvent(block);
          if (data !== undefined) refresh(queries, parse(data));
        }
      }
    } catch {
      // The platform is being restarted, or the page is on its way out.
    }
    connected = false;
    await new Promise((resolve) => window.setTimeout(resolve, retryMs));
  }
};
