import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { askAnew } from './anew.ts';
import { pause, type StreamNews } from './event-reader.ts';
import { readEvent } from './server-events.ts';
import { followStream } from './shared-stream.ts';

/** When a platform has no event stream, pages ask again this often. */
const pollMs = 10_000;

let connected = false;

/** How often a page asks again by itself: not at all while events say what changed. */
export const refetchInterval = (): number | false => (connected ? false : pollMs);

interface PlatformEvent {
  readonly resource?: string;
  readonly app?: { readonly name?: string } | null;
  readonly data?: { readonly before?: { readonly name?: unknown } };
}

const parse = (text: string): PlatformEvent => {
  try {
    return JSON.parse(text) as PlatformEvent; // what is missing is read as missing
  } catch {
    return {};
  }
};

/** What is shown of what an event is about. */
export const keysOf = ({ resource, app, data }: PlatformEvent): readonly QueryKey[] => {
  if (resource === 'account' || resource === 'authorization') return [['account']];
  const name = app?.name;
  if (name === undefined) return [['apps'], ['app']];
  const before = resource === 'app' ? data?.before?.name : undefined;
  return [['apps'], ['app', name], ...(typeof before === 'string' ? [['app', before]] : [])];
};

/** A page asks once more for everything this long after its first connection. */
const firstLookMs = 1500;
/** Events that come within this time are one reason to ask, not many. */
const gatherMs = 60;
/** A question that has no answer by then keeps no others waiting. */
const patienceMs = 5000;

/**
 * Asks anew for what events say has changed: at once for the first; those that come while it is asked are one further
 * question, so that no answer is thrown away for the next event.
 */
const refresher = (queries: QueryClient): ((event: PlatformEvent) => void) => {
  const changed = new Map<string, QueryKey>();
  let asking = false;
  const ask = async (): Promise<void> => {
    asking = true;
    while (changed.size > 0) {
      const keys = [...changed.values()];
      changed.clear();
      const answers = Promise.all(keys.map((queryKey) => askAnew(queries, { queryKey })));
      await Promise.race([answers, pause(patienceMs)]);
      await pause(gatherMs);
    }
    asking = false;
  };
  return (event) => {
    for (const key of keysOf(event)) changed.set(JSON.stringify(key), key);
    if (!asking) void ask();
  };
};

/** Keeps all pages up to date by the account's event stream, until the signal aborts. */
export const followEvents = async (queries: QueryClient, account: string, signal: AbortSignal): Promise<void> => {
  const refresh = refresher(queries);
  let again = false;
  const onConnected = (now: boolean): void => {
    if (now && !connected) {
      // What was missed is asked for; a page that is just being opened has missed next to nothing, and gets its answers first.
      window.setTimeout(() => void askAnew(queries), again ? 0 : firstLookMs);
      again = true;
    }
    connected = now;
  };
  const onNews = (news: StreamNews): void => {
    if (news.kind === 'connected') {
      onConnected(news.connected);
      return;
    }
    const data = readEvent(news.block);
    if (/^event: ?reset$/m.test(news.block)) void askAnew(queries);
    else if (data !== undefined) refresh(parse(data));
  };
  const onStranger = (): void => void askAnew(queries, { queryKey: ['account'], exact: true });
  await followStream({ account, onNews, onStranger }, signal);
  connected = false;
};
