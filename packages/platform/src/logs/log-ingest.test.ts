import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LogLine } from '../domain/log-line.ts';
import { LogIngest, type LogIngestOptions } from './log-ingest.ts';
import { LogStore } from './log-store.ts';

const app = 'app-1';
const line = (text: string, over: Partial<LogLine> = {}): LogLine => ({
  atUs: 1,
  source: 'app',
  dyno: 'web.1',
  text,
  ...over,
});

const setUp = async (t: TestContext, options: Partial<LogIngestOptions> = {}) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ravine-ingest-'));
  const store = new LogStore({ folder, limits: { pendingChars: 100_000 } });
  const ingest = new LogIngest({ store, ...options });
  t.after(async () => {
    ingest.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const said = async () => (await store.last(app, 100_000)).entries.map(({ text }) => text);
  return { store, ingest, said, folder };
};

test('secrets are redacted before they reach the disk, also those of the config before', async (t) => {
  const { ingest, said } = await setUp(t);
  ingest.setConfig(app, { SECRET_KEY: 'first-secret-value' });
  ingest.sink(app, [line('key first-secret-value')]);
  ingest.setConfig(app, { SECRET_KEY: 'second-secret-value' });
  ingest.sink(app, [line('old first-secret-value'), line('new second-secret-value')]);
  ingest.sink('app-2', [line('other apps keep first-secret-value')]);
  assert.deepEqual(await said(), ['key [REDACTED]', 'old [REDACTED]', 'new [REDACTED]']);
});

test('a flood is cut and the number of dropped lines is told; events of the platform and router lines pass', async (t) => {
  const { ingest, said } = await setUp(t, { linesPerSecond: 0, burstLines: 10 });
  ingest.sink(
    app,
    Array.from({ length: 25 }, (_, i) => line(`${i}`)),
  );
  ingest.sink(app, [
    line('State changed from up to crashed', { source: 'heroku' }),
    line('Release v3 created by user a@example.com', { dyno: 'api' }),
    line('at=info', { source: 'heroku', dyno: 'router' }),
    line('dropped too'),
  ]);
  ingest.close();
  const lines = await said();
  assert.deepEqual(lines.slice(0, 13), [
    ...Array.from({ length: 10 }, (_, i) => `${i}`),
    'State changed from up to crashed',
    'Release v3 created by user a@example.com',
    'at=info',
  ]);
  assert.match(lines[13] ?? '', /^Error L10 \(output buffer overflow\): 16 messages dropped since \d{4}-.*\+00:00\.$/);
  assert.equal(lines.length, 14);
});

test('lines that found no room while the disk was busy are counted as dropped', async (t) => {
  const { ingest, store, said } = await setUp(t);
  ingest.sink(
    app,
    Array.from({ length: 300 }, () => line('x'.repeat(1000))),
  );
  await store.flushed(app);
  ingest.close();
  const lines = await said();
  assert.ok(lines.length > 50 && lines.length < 200);
  assert.match(lines.at(-1) ?? '', new RegExp(`L10 .* ${300 - (lines.length - 1)} messages dropped`));
});

test('a text of several lines or beyond 10,000 characters is split and no character is broken', async (t) => {
  const { ingest, said } = await setUp(t);
  ingest.sink(app, [line('one\ntwo\r\nthree'), line(`${'x'.repeat(9_999)}😀${'y'.repeat(10_000)}`)]);
  assert.deepEqual(await said(), ['one', 'two', 'three', 'x'.repeat(9_999), `😀${'y'.repeat(9_998)}`, 'yy']);
});

test('what has settled, of any app, is there for the next process', async (t) => {
  const { ingest, folder } = await setUp(t);
  for (const appId of ['app-1', 'app-2']) ingest.sink(appId, [line('kept')]);
  await ingest.settled();
  const next = new LogStore({ folder });
  for (const appId of ['app-1', 'app-2']) assert.equal((await next.last(appId, 9)).entries.length, 1);
  await next.close();
});

test('the sink never throws', async (t) => {
  const errors: unknown[] = [];
  const { ingest } = await setUp(t, { onError: (error) => errors.push(error) });
  ingest.sink('../outside', [line('x')]);
  assert.equal(errors.length, 1);
});
