import { invalidParams } from '../../contract/platform-error.ts';
import type { LogLineShape } from '../../contract/shapes/log-line.ts';
import { formatTime } from '../../logs/format.ts';
import { isAtLeast, isLogLevel, type LogLevel, levelOf, logLevels } from '../../logs/log-level.ts';
import type { LogEntry } from '../../logs/log-record.ts';
import type { LogSearch } from '../../logs/log-store.ts';
import { type JsonAnswer, ok, type WrittenAnswer } from '../answer.ts';
import { type AppCall, type Endpoint, onApp } from '../endpoint.ts';
import { eventStream, type StreamEvent } from '../event-stream.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

const defaultFound = 100;
const mostFound = 1000;
const defaultShown = 100;
const mostShown = 10_000;
const dayMs = 86_400_000;
/** A first answer of thousands of lines comes in pieces that a page can draw between. */
const linesPerEvent = 500;

/** Apps' logs for people who look: search through what is kept, and what is written now. */
export const logEndpoints = ({ logs: { reading } }: Pick<Services, 'logs'>): Endpoint[] => {
  const search = async (call: AppCall): Promise<JsonAnswer> => {
    const query = new Fields(call.query);
    const limit = query.integer('limit', 1, mostFound) ?? defaultFound;
    const [before, after] = [readId(query, 'before'), readId(query, 'after')];
    if (before !== undefined && after !== undefined) throw invalidParams('before and after: send one of them.');
    const wanted = { ...readWish(query), ...readTimes(query), limit: limit + 1 };
    const { id } = call.app;
    const found =
      after === undefined
        ? await reading.search(id, { ...wanted, ...(before === undefined ? {} : { beforeId: before }) }, call.signal)
        : await reading.searchOn(id, after, wanted, call.signal);
    const more = found.length > limit;
    const shown = after === undefined ? found.slice(-limit) : found.slice(0, limit);
    const kept = { days: reading.kept.maxAgeMs / dayMs, bytes: reading.kept.totalBytes };
    return ok({ lines: shown.map(shape), more, kept });
  };

  const tail = async (call: AppCall): Promise<WrittenAnswer> => {
    const query = new Fields(call.query);
    const lines = query.integer('lines', 0, mostShown) ?? defaultShown;
    const { text, level, ...filter } = readWish(query);
    const header = call.headers['last-event-id'];
    const seen = readId(new Fields({ 'Last-Event-ID': header }), 'Last-Event-ID') ?? readId(query, 'after');
    const wanted = (entry: LogEntry): boolean =>
      entry.text.toLowerCase().includes(text.toLowerCase()) &&
      (level === undefined || isAtLeast(levelOf(entry), level));
    const { id } = call.app;
    return eventStream(async function* (gone): AsyncGenerator<readonly StreamEvent[]> {
      const last = seen === undefined ? await reading.last(id, 0) : undefined;
      const from = seen ?? last?.end ?? 0;
      if (seen === undefined && lines > 0) {
        const past = { ...filter, text, limit: lines, ...(level === undefined ? {} : { level }) };
        yield* inPieces(await reading.search(id, { ...past, beforeId: from + 1 }, gone));
      }
      yield [{ id: String(from) }];
      for await (const entries of reading.follow(id, from, filter, gone)) yield* inPieces(entries.filter(wanted));
    });
  };

  return [onApp('GET', '/apps/:app/logs/search', 'view', search), onApp('GET', '/apps/:app/logs/stream', 'view', tail)];
};

function* inPieces(entries: readonly LogEntry[]): Generator<readonly StreamEvent[]> {
  for (let at = 0; at < entries.length; at += linesPerEvent) {
    const some = entries.slice(at, at + linesPerEvent);
    yield [{ id: String(some.at(-1)?.id), data: some.map(shape) }];
  }
}

const shape = (entry: LogEntry): LogLineShape => ({
  id: entry.id,
  at: formatTime(entry.atUs),
  source: entry.source,
  dyno: entry.dyno,
  level: levelOf(entry),
  text: entry.text,
});

type Wish = Pick<LogSearch, 'text' | 'source' | 'dyno'> & { readonly level: LogLevel | undefined };

/** What lines shall be like. A request's id is looked for as text: the router's line has it, and those of apps that log it. */
const readWish = (query: Fields): Wish => {
  const [text, requestId] = [query.text('query'), query.text('request_id')];
  if (text !== undefined && requestId !== undefined) throw invalidParams('query and request_id: send one of them.');
  const [level, source] = [query.text('level'), query.text('source')];
  if (level !== undefined && !isLogLevel(level)) {
    throw invalidParams(`level: expected one of ${logLevels.join(', ')}, got ${JSON.stringify(level)}.`);
  }
  if (source !== undefined && source !== 'app' && source !== 'heroku') {
    throw invalidParams(`source: expected app or heroku, got ${JSON.stringify(source)}.`);
  }
  return { text: text ?? requestId ?? '', level, source, dyno: query.text('dyno') };
};

const readTimes = (query: Fields): Pick<LogSearch, 'sinceUs' | 'untilUs'> => {
  const [since, until] = [readTime(query, 'since'), readTime(query, 'until')];
  return { ...(since === undefined ? {} : { sinceUs: since }), ...(until === undefined ? {} : { untilUs: until }) };
};

const readTime = (query: Fields, name: string): number | undefined => {
  const text = query.text(name);
  if (text === undefined) return undefined;
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) {
    throw invalidParams(`${name}: expected a time such as 2026-11-23T19:40:00Z, got ${JSON.stringify(text)}.`);
  }
  return atMs * 1000;
};

const readId = (query: Fields, name: string): number | undefined => query.integer(name, 0, Number.MAX_SAFE_INTEGER);
