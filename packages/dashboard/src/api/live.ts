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

/** Events that come within this time are one reason to ask, not many. */
const gatherMs = 60;

/** Asks anew for what events say has changed: at once for the first, together for those that follow close behind. */
const refresher = (queries: QueryClient): ((event: PlatformEvent) => void) => {
  let gathering = false;
  const changed = new Set<string | undefined>();
  const ask = (): void => {
    const names = [...changed];
    changed.clear();
    gathering = names.length > 0;
    if (!gathering) return;
    void queries.invalidateQueries({ queryKey: ['apps'] });
    for (const name of names)
      void queries.invalidateQueries({ queryKey: name === undefined ? ['app'] : ['app', name] });
    window.setTimeout(ask, gatherMs);
  };
  return ({ app }) => {
    changed.add(app?.name);
    if (!gathering) ask();
  };
};

/** Keeps all pages up to date by the account's event stream, until the signal aborts. */
export const followEvents = async (queries: QueryClient, signal: AbortSignal): Promise<void> => {
  const refresh = refresher(queries);
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
          if (data !== undefined) refresh(parse(data));
        }
      }
    } catch {
      // The platform is being restarted, or the page is on its way out.
    }
    connected = false;
    await new Promise((resolve) => window.setTimeout(resolve, retryMs));
  }
};
