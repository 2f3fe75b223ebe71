import { ask, ownHeaders } from '../../../api/request.ts';
import { blocksOf, readEvent, readEventId } from '../../../api/server-events.ts';
import { untilSeen, whileSeen } from './while-seen.ts';

/** One kept line; docs/api.md, "Logs". */
export interface LogLine {
  readonly id: number;
  readonly at: string;
  readonly source: string;
  readonly dyno: string;
  readonly level: string;
  readonly text: string;
}

export interface FoundLines {
  readonly lines: readonly LogLine[];
  /** There are further ones in the direction that was asked for. */
  readonly more: boolean;
  /** For how long lines are kept, and how much of one app's. */
  readonly kept: { readonly days: number; readonly bytes: number };
}

/** How many lines a page keeps; the oldest go first, later where somebody reads among them. */
const mostKept = 100_000;
const mostKeptWhileRead = 2 * mostKept;
const linesAtFirst = 2000;
const retryMs = 1000;

export const searchLines = (app: string, query: string, signal: AbortSignal): Promise<FoundLines> =>
  ask('GET', `/apps/${app}/logs/search?${query}`, undefined, { signal });

/** Puts lines behind others, none twice. */
export const append = (kept: readonly LogLine[], more: readonly LogLine[], isRead: boolean): readonly LogLine[] => {
  const last = kept.at(-1)?.id ?? -1;
  const added = more.filter(({ id }) => id > last);
  return added.length === 0 ? kept : kept.concat(added).slice(isRead ? -mostKeptWhileRead : -mostKept);
};

interface Listener {
  onLines(lines: readonly LogLine[]): void;
  /** Whether the stream is open; lines that were missed meanwhile come when it is again. */
  onConnected(connected: boolean): void;
}

/**
 * Tells the last lines that match, then those that are written, until the signal aborts. While nobody looks at the page it waits, and
 * then goes on where it was.
 * @throws Error as the API refused the filter
 */
export const followLines = async (app: string, query: string, listener: Listener, signal: AbortSignal) => {
  let after: number | undefined;
  while (!signal.aborted) {
    await untilSeen(signal);
    const seen = whileSeen(signal);
    const from = after === undefined ? `lines=${linesAtFirst}` : `after=${after}`;
    const url = `/apps/${app}/logs/stream?${from}${query === '' ? '' : `&${query}`}`;
    const headers = { ...ownHeaders, accept: 'text/event-stream' };
    const response = await fetch(url, { headers, signal: seen }).catch(() => undefined);
    if (response !== undefined && response.status >= 400 && response.status < 500) {
      const { message } = (await response.json()) as { message?: string }; // the API's errors have one
      throw new Error(message);
    }
    try {
      if (response?.ok === true && response.body !== null) {
        for await (const block of blocksOf(response.body)) {
          listener.onConnected(true);
          const id = readEventId(block);
          if (id !== undefined) after = Number(id);
          const data = readEvent(block);
          if (data !== undefined) listener.onLines(JSON.parse(data) as readonly LogLine[]); // docs/api.md, "Logs"
        }
      }
    } catch {
      // The platform is being restarted, nobody looks, or the page is on its way out.
    }
    if (signal.aborted) return;
    if (seen.aborted) continue;
    listener.onConnected(false);
    await new Promise((resolve) => window.setTimeout(resolve, retryMs));
  }
};
