import type { ServerResponse } from 'node:http';
import { formatLine } from './format.ts';
import type { LogFilter } from './log-filter.ts';
import type { LogEntry } from './log-record.ts';
import type { LogStore } from './log-store.ts';

export interface LogSessionParams extends LogFilter {
  /** How many past lines to show. */
  readonly lines: number;
  readonly tail: boolean;
}

export interface LogSession {
  readonly store: Pick<LogStore, 'last' | 'follow'>;
  readonly appId: string;
  readonly params: LogSessionParams;
  /** Header Last-Event-ID of a client that comes back. */
  readonly lastEventId?: string | undefined;
  /** Header Accept; clients that don't ask for `text/event-stream` get plain text. */
  readonly accept?: string | undefined;
  /** Ends the session cleanly, on which clients come back by themselves. */
  readonly signal?: AbortSignal | undefined;
  /** Proxies and the official client end a stream that is silent for minutes. */
  readonly heartbeatMs?: number;
}

/** One event carries at most this many lines. */
const linesPerEvent = 100;

/** Answers a log session (Dev Center "Logging"); resolves when the answer has ended or the client has gone. */
export const serveLogSession = async (session: LogSession, response: ServerResponse): Promise<void> => {
  const events = session.accept?.includes('text/event-stream') ?? false;
  if (events && session.lastEventId !== undefined && !session.params.tail) {
    // All was said in the first answer. 204 tells an event source to stay away (HTML Standard, section 9.2).
    response.writeHead(204).end();
    return;
  }
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  response.once('close', leave);
  session.signal?.addEventListener('abort', leave);
  if (session.signal?.aborted) leave();
  try {
    await (events ? serveEvents(session, response, gone.signal) : serveText(session, response, gone.signal));
  } finally {
    session.signal?.removeEventListener('abort', leave);
    response.off('close', leave);
    if (!response.headersSent && !response.destroyed) response.writeHead(503, { 'Retry-After': '1' });
    response.end();
  }
};

const serveEvents = async (session: LogSession, response: ServerResponse, gone: AbortSignal): Promise<void> => {
  const { params, lastEventId, heartbeatMs = 25_000 } = session;
  const resumed = lastEventId !== undefined && /^\d{1,16}$/.test(lastEventId) ? Number(lastEventId) : undefined;
  const history = resumed === undefined ? await session.store.last(session.appId, params.lines, params) : undefined;
  response.setHeader('Content-Type', 'text/event-stream');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Accel-Buffering', 'no');
  if (params.tail) {
    // Ended by the end of the connection, not by a last chunk: then the death of this process looks to the client like an
    // ordinary end, after which it resumes, and not like an error, on which the official client gives up.
    response.setHeader('Connection', 'close');
    response.removeHeader('Transfer-Encoding');
  }
  response.writeHead(200);
  // Without tail a long reconnection time would keep the official client from exiting.
  await send(response, `retry: ${params.tail ? 1000 : 1}\n\n`, gone);
  await sendEvents(response, history?.entries ?? [], gone);
  if (!params.tail) return;
  const heartbeat = setInterval(() => response.writableNeedDrain || response.write(':\n\n'), heartbeatMs);
  try {
    const from = history?.end ?? resumed ?? 0;
    for await (const entries of session.store.follow(session.appId, from, params, gone)) {
      await sendEvents(response, entries, gone);
    }
  } finally {
    clearInterval(heartbeat);
  }
};

const serveText = async (session: LogSession, response: ServerResponse, gone: AbortSignal): Promise<void> => {
  const { store, appId, params } = session;
  const { entries, end } = await store.last(appId, params.lines, params);
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
  response.flushHeaders();
  await send(response, entries.map(plain).join(''), gone);
  if (!params.tail) return;
  for await (const live of store.follow(appId, end, params, gone)) await send(response, live.map(plain).join(''), gone);
};

const plain = (entry: LogEntry): string => `${formatLine(entry)}\n`;

const sendEvents = async (response: ServerResponse, entries: readonly LogEntry[], gone: AbortSignal): Promise<void> => {
  for (let at = 0; at < entries.length && !gone.aborted; at += linesPerEvent) {
    const group = entries.slice(at, at + linesPerEvent);
    const data = group.map((entry) => `data: ${formatLine(entry)}\n`).join('');
    await send(response, `id: ${group.at(-1)?.id}\n${data}\n`, gone);
  }
};

/** Writes and waits until there is room again, so that a slow client makes its reader slow and nothing else. */
const send = async (response: ServerResponse, text: string, gone: AbortSignal): Promise<void> => {
  if (gone.aborted || text === '' || response.write(text)) return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      response.off('drain', settle);
      gone.removeEventListener('abort', settle);
      resolve();
    };
    response.on('drain', settle);
    gone.addEventListener('abort', settle);
  });
};
