/** A tab that nobody has looked at for this long gives its connection back: a browser opens few to one host. */
const unseenMs = 30_000;

/** Resolves when the page is looked at, at once if it is, or when the signal aborts. */
export const untilSeen = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const over = new AbortController();
    const look = (): void => {
      if (document.visibilityState === 'hidden' && !signal.aborted) return;
      over.abort();
      resolve();
    };
    document.addEventListener('visibilitychange', look, { signal: over.signal });
    signal.addEventListener('abort', look, { signal: over.signal });
    look();
  });

/** Aborts when nobody has looked at the page for a while, or with the signal; ask for another one then. */
export const whileSeen = (signal: AbortSignal): AbortSignal => {
  const unseen = new AbortController();
  const either = AbortSignal.any([signal, unseen.signal]);
  let timer: number | undefined;
  const look = (): void => {
    window.clearTimeout(timer);
    if (document.visibilityState === 'hidden') timer = window.setTimeout(() => unseen.abort(), unseenMs);
  };
  document.addEventListener('visibilitychange', look, { signal: either });
  either.addEventListener('abort', () => window.clearTimeout(timer));
  look();
  return either;
};
