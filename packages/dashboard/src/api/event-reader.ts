import { ownHeaders } from './request.ts';
import { blocksOf, readEventId } from './server-events.ts';

const retryMs = 3000;

/** What comes of the account's event stream; all of it is fit to be told to other tabs. */
export type StreamNews =
  | { readonly kind: 'connected'; readonly connected: boolean; readonly lastId?: string | undefined }
  /** A sign of life, or an event. */
  | { readonly kind: 'block'; readonly block: string };

interface Reader {
  readonly url: string;
  /** The event that was heard last, by whichever tab read it. */
  lastId(): string | undefined;
  onNews(news: StreamNews): void;
  /** The stream is no longer for whom the page believes to be signed in. */
  onStranger(): void;
}

/** Whether to go on; a platform without such a stream is left alone. */
const readOnce = async ({ url, lastId, onNews, onStranger }: Reader, signal: AbortSignal): Promise<boolean> => {
  const seen = lastId();
  const headers = {
    ...ownHeaders,
    accept: 'text/event-stream',
    ...(seen === undefined ? {} : { 'last-event-id': seen }),
  };
  const response = await fetch(url, { headers, signal });
  if (response.status === 404) return false;
  if (response.status === 401) onStranger();
  if (!response.ok || response.body === null) return true;
  onNews({ kind: 'connected', connected: true });
  for await (const block of blocksOf(response.body)) onNews({ kind: 'block', block });
  return true;
};

/**
 * Reads the stream until the signal aborts, from where it was heard last; comes back when it ends.
 * @param giveUp gets what ends one connection, for one that has gone silent
 */
export const readStream = async (
  reader: Reader,
  giveUp: (end: () => void) => void,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const connection = new AbortController();
    giveUp(() => connection.abort());
    try {
      if (!(await readOnce(reader, AbortSignal.any([signal, connection.signal])))) return pause(undefined, signal);
    } catch {
      // The platform is being restarted, the line has gone silent, or the page is on its way out.
    }
    if (signal.aborted) return;
    reader.onNews({ kind: 'connected', connected: false });
    await pause(retryMs, signal);
  }
};

/** Resolves after a time, or when the signal aborts. */
export const pause = (ms: number | undefined, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = ms === undefined ? undefined : window.setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      window.clearTimeout(timer);
      resolve();
    });
  });

/** The event after which a reader goes on, as far as this tells. */
export const idOf = (news: StreamNews): string | undefined =>
  news.kind === 'block' ? readEventId(news.block) : news.lastId;
