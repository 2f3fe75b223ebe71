import type { LogSessions } from '../api/services.ts';
import type { LogSink } from '../domain/log-line.ts';
import { serveLogSession } from '../logs/log-session.ts';
import type { LogStore } from '../logs/log-store.ts';

/** Answers log sessions out of the log store; tails end on abort, so that their clients come back to the next process. */
export const logSessionService = (store: LogStore, sink: LogSink, signal: AbortSignal): LogSessions => ({
  sink,
  reading: {
    kept: store.kept,
    search: store.search.bind(store),
    searchOn: store.searchOn.bind(store),
    last: store.last.bind(store),
    follow: (appId, afterId, filter, gone) => store.follow(appId, afterId, filter, AbortSignal.any([gone, signal])),
  },
  serve({ appId, lines, tail, source, dyno }, { headers }, response) {
    const params = { lines, tail, ...(source === null ? {} : { source }), ...(dyno === null ? {} : { dyno }) };
    const lastEventId = headers['last-event-id'];
    return serveLogSession(
      {
        store,
        appId,
        params,
        signal,
        ...(typeof lastEventId === 'string' ? { lastEventId } : {}),
        ...(headers.accept === undefined ? {} : { accept: headers.accept }),
      },
      response,
    );
  },
});
