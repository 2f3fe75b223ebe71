import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, rm, stat, truncate, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LogLine } from '../domain/log-line.ts';
import { formatLine } from './format.ts';
import type { LogEntry } from './log-record.ts';
import { LogStore, type LogStoreOptions } from './log-store.ts';

const app = '01234567-89ab-4def-8123-456789abcdef';
const startUs = 1_700_000_000_000_000;

const line = (text: string, over: Partial<LogLine> = {}): LogLine => ({
  atUs: startUs,
  source: 'app',
  dyno: 'web.1',
  text,
  ...over,
});
const numbered = (from: number, to: number): LogLine[] =>
  Array.from({ length: to - from }, (_, i) => line(`line ${from + i}`));
const texts = (entries: readonly LogEntry[]): string[] => entries.map(({ text }) => text);

const newFolder = async (t: TestContext): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ravine-logs-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
};
const openStore = (t: TestContext, folder: string, options: Partial<LogStoreOptions> = {}): LogStore => {
  const store = new LogStore({ folder, ...options });
  t.after(() => store.close());
  return store;
};
const collect = async (store: LogStore, afterId: number, count: number, filter = {}): Promise<LogEntry[]> => {
  const stop = new AbortController();
  const entries: LogEntry[] = [];
  for await (const batch of store.follow(app, afterId, filter, stop.signal)) {
    entries.push(...batch);
    if (entries.length >= count) break;
  }
  return entries;
};

test('lines come back as they were said, the last ones first in line when fewer are asked for', async (t) => {
  const store = openStore(t, await newFolder(t));
  const said = [
    line('héllo → wörld'),
    line(''),
    line('  spaces  kept  '),
    line('at=info', { source: 'heroku', dyno: 'router' }),
  ];
  store.append(app, said);
  const { entries } = await store.last(app, 100);
  assert.deepEqual(
    entries.map(({ id: _, ...rest }) => rest),
    said,
  );
  assert.deepEqual(texts((await store.last(app, 2)).entries), ['  spaces  kept  ', 'at=info']);
  assert.deepEqual((await store.last(app, 0)).entries, []);
  assert.deepEqual((await store.last('another-app', 10)).entries, []);
});

test('a filter picks a source, a dyno, or all dynos of a process type', async (t) => {
  const store = openStore(t, await newFolder(t));
  for (const dyno of ['web.1', 'web.2', 'web.10', 'webhook.1', 'router']) {
    store.append(app, [line(dyno, { dyno, source: dyno === 'router' ? 'heroku' : 'app' })]);
  }
  const seen = async (filter: object) => texts((await store.last(app, 100, filter)).entries);
  assert.deepEqual(await seen({ dyno: 'web' }), ['web.1', 'web.2', 'web.10']);
  assert.deepEqual(await seen({ dyno: 'web.1' }), ['web.1']);
  assert.deepEqual(await seen({ dyno: 'router' }), ['router']);
  assert.deepEqual(await seen({ source: 'heroku' }), ['router']);
  assert.deepEqual(await seen({ source: 'app', dyno: 'router' }), []);
});

test('reading backwards is exact across segments, blocks and lines longer than a block', async (t) => {
  const store = openStore(t, await newFolder(t), { limits: { segmentBytes: 300_000 } });
  const said: string[] = [];
  for (let i = 0; i < 60; i++) {
    const text = `${i} ${'é'.repeat((i * 7919) % 50_000)}`;
    said.push(text);
    store.append(app, [line(text)]);
    await store.flushed(app);
  }
  assert.deepEqual(texts((await store.last(app, 1000)).entries), said);
  assert.deepEqual(texts((await store.last(app, 37)).entries), said.slice(-37));
  assert.deepEqual(texts(await collect(store, 0, 60)), said);
});

test('ids grow, survive a restart and say where to go on', async (t) => {
  const folder = await newFolder(t);
  const first = openStore(t, folder);
  first.append(app, numbered(0, 5));
  const before = await first.last(app, 5);
  await first.close();
  const store = openStore(t, folder);
  store.append(app, numbered(5, 10));
  const { entries } = await store.last(app, 100);
  assert.deepEqual(texts(entries), texts(numbered(0, 10) as LogEntry[]));
  assert.deepEqual(entries.slice(0, 5), before.entries);
  for (const [i, entry] of entries.entries()) if (i > 0) assert.ok(entry.id > (entries[i - 1]?.id ?? 0));
  assert.deepEqual(await collect(store, before.end, 5), entries.slice(5));
  assert.deepEqual(await collect(store, entries[6]?.id ?? 0, 3), entries.slice(7));
});

test('a line that a crash left half-written is cut, and the next one stands whole', async (t) => {
  const folder = await newFolder(t);
  const first = openStore(t, folder);
  first.append(app, numbered(0, 3));
  await first.close();
  const [segment] = await readdir(path.join(folder, app));
  await appendFile(path.join(folder, app, segment ?? ''), '1700000000000000 app web.1 half a li');
  const store = openStore(t, folder);
  store.append(app, [line('after the crash')]);
  assert.deepEqual(texts((await store.last(app, 9)).entries), ['line 0', 'line 1', 'line 2', 'after the crash']);
});

test('what was flushed outlives kill -9 of the writer', async (t) => {
  const folder = await newFolder(t);
  const script = `
    import { LogStore } from ${JSON.stringify(path.join(import.meta.dirname, 'log-store.ts'))};
    const store = new LogStore({ folder: process.argv[1] });
    for (let i = 0; ; i++) {
      store.append('${app}', [{ atUs: ${startUs}, source: 'app', dyno: 'web.1', text: 'line ' + i }]);
      await store.flushed('${app}');
      process.stdout.write(i + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let acknowledged = '';
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout) {
    acknowledged += chunk;
    if (acknowledged.length > 2000) child.kill('SIGKILL');
  }
  const last = Number(acknowledged.trimEnd().split('\n').at(-1));
  const { entries } = await openStore(t, folder).last(app, 1_000_000);
  assert.ok(entries.length > last);
  assert.deepEqual(
    texts(entries),
    entries.map((_, i) => `line ${i}`),
  );
});

test('a follower gets history and live lines in order, none twice and none missing, while others write', async (t) => {
  const store = openStore(t, await newFolder(t), { limits: { segmentBytes: 20_000 } });
  store.append(app, numbered(0, 1000));
  const reading = collect(store, 0, 5000);
  for (let from = 1000; from < 5000; from += 100) {
    store.append(app, numbered(from, from + 100));
    if (from % 300 === 0) await store.flushed(app);
  }
  const entries = await reading;
  assert.deepEqual(texts(entries), texts(numbered(0, 5000) as LogEntry[]));
  assert.deepEqual(entries, (await store.last(app, 5000)).entries);
});

test('a follower that stops reading resumes from the segments', async (t) => {
  const store = openStore(t, await newFolder(t));
  const stop = new AbortController();
  const follower = store.follow(app, 0, {}, stop.signal);
  store.append(app, numbered(0, 1));
  assert.deepEqual(texts((await follower.next()).value ?? []), ['line 0']);
  const long = 'x'.repeat(1000);
  for (let i = 0; i < 3000; i += 100) {
    store.append(
      app,
      Array.from({ length: 100 }, (_, n) => line(`${i + n} ${long}`)),
    );
    await store.flushed(app);
  }
  let next = 0;
  for await (const entries of follower) {
    for (const { text } of entries) assert.equal(text, `${next++} ${long}`);
    if (next === 3000) stop.abort();
  }
  assert.equal(next, 3000);
});

test('following ends when asked to, and when the app goes', async (t) => {
  const folder = await newFolder(t);
  const store = openStore(t, folder);
  const stop = new AbortController();
  const aborted = store.follow(app, 0, {}, stop.signal).next();
  const removed = store.follow(app, 0, {}, new AbortController().signal).next();
  store.append('other', [line('x')]);
  await store.flushed('other');
  stop.abort();
  assert.equal((await aborted).done, true);
  await store.removeApp(app);
  assert.equal((await removed).done, true);
  assert.equal(store.append(app, [line('straggler')]), 0);
  assert.deepEqual(await readdir(folder), ['other']);
});

test('ids that a client made up lead to the next line that exists', async (t) => {
  const store = openStore(t, await newFolder(t));
  store.append(app, numbered(0, 3));
  const { entries, end } = await store.last(app, 3);
  assert.deepEqual(await collect(store, (entries[0]?.id ?? 0) + 3, 1), entries.slice(2));
  assert.deepEqual(await collect(store, -5, 3), entries);
  assert.deepEqual(await collect(store, Number.NaN, 3), entries);
  const beyond = collect(store, end + 1_000_000, 1);
  store.append(app, [line('live')]);
  assert.deepEqual(texts(await beyond), ['live']);
});

test('the oldest segments go when an app has more than its share, and readers go on behind them', async (t) => {
  const folder = await newFolder(t);
  const store = openStore(t, folder, { limits: { segmentBytes: 1000, totalBytes: 5000 } });
  for (let i = 0; i < 1000; i += 10) {
    store.append(app, numbered(i, i + 10));
    await store.flushed(app);
  }
  const files = await readdir(path.join(folder, app));
  const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(folder, app, file))).size));
  assert.ok(sizes.reduce((sum, size) => sum + size) <= 6000);
  const { entries } = await store.last(app, 1000);
  assert.equal(entries.at(-1)?.text, 'line 999');
  assert.deepEqual(await collect(store, 1, entries.length), entries);
});

test('lines older than the limit go, also of an app that says nothing more, and ids go on', async (t) => {
  const folder = await newFolder(t);
  const first = openStore(t, folder);
  first.append(app, numbered(0, 3));
  const { end } = await first.last(app, 0);
  await first.close();
  const [segment] = await readdir(path.join(folder, app));
  const old = new Date(Date.now() - 8 * 24 * 3600 * 1000);
  await utimes(path.join(folder, app, segment ?? ''), old, old);
  const store = openStore(t, folder);
  await store.tidy();
  assert.deepEqual((await store.last(app, 10)).entries, []);
  store.append(app, [line('later')]);
  const [entry] = (await store.last(app, 10)).entries;
  assert.equal(entry?.text, 'later');
  assert.ok((entry?.id ?? 0) > end);
});

test('search finds text in any case, within a range of time, and pages backwards', async (t) => {
  const store = openStore(t, await newFolder(t), { limits: { segmentBytes: 2000 } });
  for (let i = 0; i < 100; i++) {
    store.append(app, [
      line(i % 10 === 3 ? `Order ${i} FAILED` : `order ${i} ok`, { atUs: startUs + i * 100_000_000 }),
    ]);
    await store.flushed(app);
  }
  const page = await store.search(app, { text: 'failed', limit: 3 });
  assert.deepEqual(texts(page), ['Order 73 FAILED', 'Order 83 FAILED', 'Order 93 FAILED']);
  const older = await store.search(app, { text: 'failed', limit: 2, beforeId: page[0]?.id ?? 0 });
  assert.deepEqual(texts(older), ['Order 53 FAILED', 'Order 63 FAILED']);
  const range = { sinceUs: startUs + 13 * 100_000_000, untilUs: startUs + 33 * 100_000_000 };
  assert.deepEqual(texts(await store.search(app, { text: 'failed', limit: 99, ...range })), [
    'Order 13 FAILED',
    'Order 23 FAILED',
    'Order 33 FAILED',
  ]);
  assert.deepEqual(await store.search(app, { text: '', dyno: 'worker', limit: 9 }), []);
});

test('while the disk refuses lines a bounded number waits, and they are written when it takes them again', async (t) => {
  const folder = await newFolder(t);
  await appendFile(path.join(folder, app), 'a file where the folder should be');
  const refused = Promise.withResolvers<unknown>();
  const store = openStore(t, folder, { limits: { pendingChars: 500 }, onError: (_, error) => refused.resolve(error) });
  const taken = store.append(app, numbered(0, 100));
  assert.ok(taken > 0 && taken < 100);
  assert.equal(store.append(app, numbered(0, 1)), 0);
  assert.match(String(await refused.promise), /EEXIST/);
  await rm(path.join(folder, app));
  await store.flushed(app);
  assert.equal((await store.last(app, 100)).entries.length, taken);
});

test('records that power loss has garbled are left out and the rest is read', async (t) => {
  const folder = await newFolder(t);
  const first = openStore(t, folder);
  first.append(app, numbered(0, 2));
  await first.close();
  const file = path.join(folder, app, (await readdir(path.join(folder, app)))[0] ?? '');
  await truncate(file, (await stat(file)).size + 100);
  await appendFile(file, '\n');
  const store = openStore(t, folder);
  store.append(app, numbered(2, 4));
  assert.deepEqual(texts((await store.last(app, 9)).entries), ['line 0', 'line 1', 'line 2', 'line 3']);
});

test('log files are readable by their owner only', async (t) => {
  const folder = await newFolder(t);
  const store = openStore(t, folder);
  store.append(app, numbered(0, 1));
  await store.flushed(app);
  const [file] = await readdir(path.join(folder, app));
  assert.equal((await stat(path.join(folder, app))).mode & 0o077, 0);
  assert.equal((await stat(path.join(folder, app, file ?? ''))).mode & 0o077, 0);
});

test('the newest mark of a dyno is found again after a restart, and readers never see marks', async (t) => {
  const folder = await newFolder(t);
  const before = openStore(t, folder);
  before.append(app, [line('a', { mark: 'one:10' }), line('b', { mark: 'one:20' }), line('c', { mark: 'two:5' })]);
  before.append(app, [line('d', { dyno: 'worker.1', mark: 'one:99' }), line('e')]);
  await before.close();
  const store = openStore(t, folder);
  assert.equal(await store.lastMark(app, 'web.1', 'one:'), 'one:20');
  assert.equal(await store.lastMark(app, 'web.1', 'two:'), 'two:5');
  assert.equal(await store.lastMark(app, 'web.1', 'three:'), undefined);
  const { entries } = await store.last(app, 5);
  assert.deepEqual(
    entries.map(formatLine).map((text) => text.slice(33)),
    ['app[web.1]: a', 'app[web.1]: b', 'app[web.1]: c', 'app[worker.1]: d', 'app[web.1]: e'],
  );
});
