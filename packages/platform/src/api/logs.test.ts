import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { LogLine } from '../domain/log-line.ts';
import { type ApiClient, apiClient } from './testing/api-client.ts';
import { readEvents } from './testing/read-events.ts';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

let platform: TestPlatform;
let token: string;
let alice: ApiClient;
let apps = 0;
let name: string;
let appId: string;

before(async () => {
  platform = await startTestPlatform();
  ({ token } = await platform.account('alice@example.com'));
  alice = apiClient(platform.url, token);
});
after(() => platform.close());
beforeEach(async () => {
  name = `logs-${++apps}`;
  appId = String((await alice('POST', '/apps', { name })).body.id);
});

const startUs = Date.parse('2026-11-23T10:00:00Z') * 1000;

const write = (...lines: readonly (Partial<LogLine> & { text: string })[]): void =>
  platform.services.logs.sink(
    appId,
    lines.map((line, index) => ({ atUs: startUs + index * 1_000_000, source: 'app', dyno: 'web.1', ...line })),
  );

interface Line {
  readonly id: number;
  readonly text: string;
}

const search = async (query: string): Promise<{ texts: string[]; lines: Line[]; more: unknown }> => {
  const { status, body, text } = await alice('GET', `/apps/${name}/logs/search?${query}`);
  assert.equal(status, 200, text);
  const lines = body.lines as readonly Line[] as Line[]; // as docs/api.md says
  return { lines, texts: lines.map((line) => line.text), more: body.more };
};

test('a search finds words in any case, and shows where and when they were said', async () => {
  write({ text: 'Hello World' }, { text: 'goodbye' }, { text: 'hello again', dyno: 'worker.1' });
  const { body } = await alice('GET', `/apps/${name}/logs/search?query=HELLO`);
  assert.deepEqual(
    (body.lines as unknown as Line[]).map((line) => ({ ...line, id: 0 })), // as docs/api.md says
    [
      {
        id: 0,
        at: '2026-11-23T10:00:00.000000+00:00',
        source: 'app',
        dyno: 'web.1',
        level: 'info',
        text: 'Hello World',
      },
      {
        id: 0,
        at: '2026-11-23T10:00:02.000000+00:00',
        source: 'app',
        dyno: 'worker.1',
        level: 'info',
        text: 'hello again',
      },
    ],
  );
  assert.equal(body.more, false);
  assert.deepEqual(body.kept, { days: 7, bytes: 64 * 1024 * 1024 });
});

test('source, process type, level and time narrow a search', async () => {
  write(
    { text: 'one' },
    { text: 'ERROR two' },
    { text: 'three', dyno: 'worker.2' },
    { text: 'Error R14 (Memory quota exceeded)', source: 'heroku' },
  );
  assert.deepEqual((await search('dyno=worker')).texts, ['three']);
  assert.deepEqual((await search('source=heroku')).texts, ['Error R14 (Memory quota exceeded)']);
  assert.deepEqual((await search('level=error&source=app')).texts, ['ERROR two']);
  assert.deepEqual((await search('since=2026-11-23T10:00:01Z&until=2026-11-23T10:00:02Z')).texts, [
    'ERROR two',
    'three',
  ]);
});

test('from a router line one comes to what the app wrote of that request', async () => {
  write(
    { text: 'method=GET path="/" request_id=11-22 status=500', source: 'heroku', dyno: 'router' },
    { text: 'something else' },
    { text: '[11-22] failed: no such table' },
  );
  assert.equal((await search('request_id=11-22')).lines.length, 2);
  assert.deepEqual((await search('request_id=11-22&source=app')).texts, ['[11-22] failed: no such table']);
});

test('pages go back and forth from any line, without a gap and without an overlap', async () => {
  const texts = Array.from({ length: 25 }, (_, index) => `line ${index}`);
  write(...texts.map((text) => ({ text })));
  const newest = await search('limit=10');
  assert.deepEqual([newest.texts, newest.more], [texts.slice(15), true]);
  const older = await search(`limit=10&before=${newest.lines[0]?.id}`);
  assert.deepEqual([older.texts, older.more], [texts.slice(5, 15), true]);
  const oldest = await search(`limit=10&before=${older.lines[0]?.id}`);
  assert.deepEqual([oldest.texts, oldest.more], [texts.slice(0, 5), false]);
  const on = await search(`limit=10&after=${oldest.lines.at(-1)?.id}`);
  assert.deepEqual([on.texts, on.more], [texts.slice(5, 15), true]);
  const line = older.lines[3];
  assert.deepEqual((await search(`limit=1&before=${Number(line?.id) + 1}`)).lines, [line]);
});

test('what can not be meant is refused in the words of the field', async () => {
  const refused = async (query: string) => {
    const { status, body } = await alice('GET', `/apps/${name}/logs/search?${query}`);
    return `${status} ${body.message}`;
  };
  assert.match(await refused('level=loud'), /^422 level: expected one of debug, info, warning, error, got "loud"/);
  assert.match(await refused('source=dyno'), /^422 source: expected app or heroku/);
  assert.match(await refused('since=yesterday'), /^422 since: expected a time such as/);
  assert.match(await refused('limit=5000'), /^422 limit: expected a whole number from 1 to 1000/);
  assert.match(await refused('before=1&after=2'), /^422 before and after: send one of them/);
});

test('a stream shows the last lines, then what is written, and goes on where a reader left it', async () => {
  write({ text: 'first' }, { text: 'second' });
  const read = async (wanted: number, path: string, headers: Record<string, string>, onOpen = () => {}) => {
    const texts: string[] = [];
    let id = '';
    for await (const event of readEvents(`${platform.url}/apps/${name}/logs/${path}`, headers, onOpen)) {
      texts.push(...(event.data as unknown as Line[]).map(({ text }) => text)); // as docs/api.md says
      id = event.id ?? '';
      if (texts.length >= wanted) break;
    }
    return { texts, id };
  };
  const auth = { authorization: `Bearer ${token}` };
  const first = await read(2, 'stream?lines=1', auth, () => write({ text: 'third' }));
  assert.deepEqual(first.texts, ['second', 'third']);
  write({ text: 'fourth' }, { text: 'fifth' });
  assert.deepEqual((await read(2, 'stream', { ...auth, 'last-event-id': first.id })).texts, ['fourth', 'fifth']);
  const errors = await read(1, 'stream?lines=0&level=error', auth, () => write({ text: 'fine' }, { text: 'ERROR x' }));
  assert.deepEqual(errors.texts, ['ERROR x']);
});

test('an app’s log is for those who may see the app', async () => {
  const { token: bobs } = await platform.account(`bob-${apps}@example.com`);
  assert.equal((await apiClient(platform.url, bobs)('GET', `/apps/${name}/logs/search`)).status, 404);
  assert.equal((await apiClient(platform.url, bobs)('GET', `/apps/${name}/logs/stream`)).status, 404);
});
