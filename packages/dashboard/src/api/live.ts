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

/** A page asks once more for everything this long after its first connection. */
const firstLookMs = 1500;
/** Events that come within this time are one reason to ask, not many. */
const gatherMs = 60;

/**
 * Asks anew for what events say has changed: at once for the first; those that come while it is asked are one further
 * question, so that no answer is thrown away for the next event.
 */
const refresher = (queries: QueryClient): ((event: PlatformEvent) => void) => {
  const changed = new Set<string | undefined>();
  let asking = false;
  const ask = async (): Promise<void> => {
    asking = true;
    while (changed.size > 0) {
      const keys = [['apps'], ...[...changed].map((name) => (name === undefined ? ['app'] : ['app', name]))];
      changed.clear();
      await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
      await new Promise((resolve) => window.setTimeout(resolve, gatherMs));
    }
    asking = false;
  };
  return ({ app }) => {
    changed.add(app?.name);
    if (!asking) void ask();
  };
};

/** Keeps all pages up to date by the account's event stream, until the signal aborts. */
export const followEvents = async (queries: QueryClient, signal: AbortSignal): Promise<void> => {
  const refresh = refresher(queries);
  let again = false;
  while (!signal.aborted) {
    try {
      const headers = { ...ownHeaders, accept: 'text/event-stream' };
      const response = await fetch('/events', { headers, signal });
      if (response.status === 404) return;
      if (response.ok && response.body !== null) {
        connected = true;
        // What was missed is asked for; a page that is just being opened has missed next to nothing, and gets its answers first.
        window.setTimeout(() => void queries.invalidateQueries(), again ? 0 : firstLookMs);
        again = true;
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
