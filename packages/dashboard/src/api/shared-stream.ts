import { idOf, readStream, type StreamNews } from './event-reader.ts';

/** The platform gives a sign of life every 20 seconds. */
const silentMs = 60_000;
const lookMs = 15_000;

/** What tabs tell each other. */
type Told = StreamNews | { readonly kind: 'whoReads' };

interface Follower {
  /** Whose stream it is: tabs of two accounts share nothing. */
  readonly account: string;
  onNews(news: StreamNews): void;
  onStranger(): void;
}

/**
 * Follows the account's event stream until the signal aborts. All tabs of a browser share one, for HTTP/1.1 lets a browser open six
 * connections to a host.
 * - listening: entered at the start, and by a reader whose place was taken; hears what the reading tab tells. Left when the lock is
 *   free, because the reading tab was closed, or is taken from one that a browser has put to sleep.
 * - reading: holds the lock, reads the stream from the event that was heard last, and tells the others. Left when the tab closes.
 */
export const followStream = async ({ account, onNews, onStranger }: Follower, signal: AbortSignal): Promise<void> => {
  const name = `ravine events of ${account}`;
  const channel = new BroadcastChannel(name);
  let lastId: string | undefined;
  let connected = false;
  let heardAt = performance.now();
  let endConnection: (() => void) | undefined;
  let takeOver: (() => void) | undefined;

  const hear = (news: StreamNews): void => {
    heardAt = performance.now();
    lastId = idOf(news) ?? lastId;
    if (news.kind === 'connected') connected = news.connected;
    onNews(news);
  };
  channel.onmessage = ({ data }: MessageEvent<Told>) => {
    if (data.kind !== 'whoReads') hear(data);
    else if (endConnection !== undefined) channel.postMessage({ kind: 'connected', connected, lastId } satisfies Told);
  };
  const tell = (news: StreamNews): void => {
    hear(news);
    if (!signal.aborted) channel.postMessage(news satisfies Told);
  };

  const read = async (until: AbortSignal): Promise<void> => {
    heardAt = performance.now();
    const reader = { url: '/events', lastId: () => lastId, onNews: tell, onStranger };
    await readStream(reader, (end) => (endConnection = end), until);
    endConnection = undefined;
  };

  const timer = window.setInterval(() => {
    const silence = performance.now() - heardAt;
    if (silence < silentMs - lookMs || document.visibilityState === 'hidden') return;
    if (endConnection !== undefined) endConnection();
    else if (silence < silentMs) channel.postMessage({ kind: 'whoReads' } satisfies Told);
    else takeOver?.();
  }, lookMs);

  channel.postMessage({ kind: 'whoReads' } satisfies Told);
  let steal = false;
  while (!signal.aborted) {
    const waiting = new AbortController();
    const place = new AbortController();
    takeOver = () => {
      steal = true;
      waiting.abort();
    };
    const until = AbortSignal.any([signal, place.signal]);
    const options = steal ? { steal } : { signal: AbortSignal.any([signal, waiting.signal]) };
    steal = false;
    // Rejects when the wait is over, or when another tab has taken the place.
    await inTurn(name, options, () => read(until)).catch(() => undefined);
    place.abort();
  }
  window.clearInterval(timer);
  channel.close();
};

/** A page that came neither over TLS nor from this machine has no locks, and reads by itself. */
const inTurn = (name: string, options: LockOptions, act: () => Promise<void>): Promise<void> =>
  'locks' in navigator ? navigator.locks.request(name, options, act) : act();
