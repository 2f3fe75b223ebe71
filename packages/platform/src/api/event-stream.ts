import type { ServerResponse } from 'node:http';
import type { WrittenAnswer } from './answer.ts';

/** Proxies and browsers give up a stream that is silent for long. */
const heartbeatMs = 20_000;
/** A browser comes back this soon after the stream has ended. */
const retryMs = 1_000;

/** One event of a stream (HTML Standard, "Server-sent events"); `data` goes as JSON. */
export interface StreamEvent {
  readonly id?: string;
  /** `message` unless given. */
  readonly type?: string;
  readonly data?: unknown;
}

/**
 * Answers with server-sent events as they come, with a sign of life between them. It ends when the source does, by the end
 * of the connection, so that to the client a stop of this process looks like its death: it comes back and goes on.
 * @param source asked for its events when the answer begins; told by the signal when the client has gone
 */
export const eventStream = (source: (gone: AbortSignal) => AsyncIterable<readonly StreamEvent[]>): WrittenAnswer => ({
  kind: 'written',
  write: async (_req, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    if (response.destroyed) return;
    response.setHeader('Connection', 'close');
    response.removeHeader('Transfer-Encoding');
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(`retry: ${retryMs}\n\n`);
    const heartbeat = setInterval(() => response.writableNeedDrain || response.write(':\n\n'), heartbeatMs);
    try {
      for await (const events of source(gone.signal)) {
        await send(response, events.map(encode).join(''), gone.signal);
        if (gone.signal.aborted) break;
      }
    } finally {
      clearInterval(heartbeat);
      response.end();
    }
  },
});

const encode = ({ id, type, data }: StreamEvent): string =>
  [
    ...(type === undefined ? [] : [`event: ${type}\n`]),
    ...(id === undefined ? [] : [`id: ${id}\n`]),
    ...(data === undefined ? [] : [`data: ${JSON.stringify(data)}\n`]),
    '\n',
  ].join('');

/** Waits until there is room again, so that a slow client holds up its own source and nothing else. */
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
