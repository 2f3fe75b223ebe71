import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AppId, DynoId } from '../domain/ids.ts';
import type { LogLine } from '../domain/log-line.ts';
import { Collector } from './collector.ts';
import { addHistograms, bucketOf, type Histogram, quantile } from './histogram.ts';
import { MetricStore, minutes, tens } from './metric-store.ts';
import { emptyPoint, mergePoints, type Point } from './point.ts';
import { readReport } from './report.ts';
import { readRequestLine } from './request-line.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ravine-metrics-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const histogramOf = (values: readonly number[]): Histogram =>
  values.reduce<Histogram>((all, ms) => addHistograms(all, [[bucketOf(ms), 1]]), []);

describe('durations', () => {
  const values = Array.from({ length: 1000 }, (_, index) => index + 1);

  test('have their quantiles to within 5 %', () => {
    const histogram = histogramOf(values);
    for (const share of [0.5, 0.95, 0.99]) {
      const found = quantile(histogram, share) ?? Number.NaN;
      assert.ok(Math.abs(found - share * 1000) <= share * 1000 * 0.05 + 1, `${share}: ${found}`);
    }
    assert.equal(quantile([], 0.5), null);
    assert.equal(quantile(histogramOf([0, 0, 0]), 0.99), 0);
  });

  test('of two whiles make those of both', () => {
    const parts = [values.filter((ms) => ms % 2 === 0), values.filter((ms) => ms % 2 === 1)].map(histogramOf);
    assert.deepEqual(addHistograms(parts[0] ?? [], parts[1] ?? []), histogramOf(values));
  });
});

test('a line of the router tells status, service time and code, whatever the visitor writes into it', () => {
  const line = (start: string, path: string, service: string, status: number) =>
    `${start}method=GET path="${path}" host=a.localhost request_id=1 fwd="127.0.0.1" dyno=web.1 connect=1ms service=${service} status=${status} bytes=3 protocol=http1.1 tls=false tls_version=`;
  assert.deepEqual(readRequestLine(line('at=info ', '/', '18ms', 200)), {
    status: 200,
    code: undefined,
    serviceMs: 18,
  });
  assert.deepEqual(readRequestLine(line('at=error code=H12 desc="Request timeout" ', '/', '30000ms', 503)), {
    status: 503,
    code: 'H12',
    serviceMs: 30_000,
  });
  assert.deepEqual(readRequestLine(line('sock=client at=warning code=H27 desc="x" ', '/', '', 499)), {
    status: 499,
    code: 'H27',
    serviceMs: undefined,
  });
  assert.deepEqual(readRequestLine(line('at=info ', '/?a=%22 status=500 service=9ms code=H10 ', '2ms', 404)), {
    status: 404,
    code: undefined,
    serviceMs: 2,
  });
  assert.equal(readRequestLine('Dropped 3 lines'), undefined);
});

const hour = 3600;
/** The beginning of a day, so that spans are easy to read. */
const day = Date.UTC(2026, 10, 20) / 1000;

const pointAt = (at: number, requests: number): Point => ({ ...emptyPoint(at), requests: { '2': requests } });
const total = (points: readonly Point[]): number => points.reduce((sum, { requests }) => sum + (requests['2'] ?? 0), 0);

describe('what is kept', () => {
  test('has every minute of a day and every ten of a week, each summed up once, also across restarts', async () => {
    const app = 'restarts';
    for (let minute = 0; minute < 3 * 60; minute++) {
      // A new process every 7 minutes: nothing that counts is only in memory.
      await new MetricStore(join(folder, 'a')).add(app, pointAt(day + minute * 60, 1));
    }
    const store = new MetricStore(join(folder, 'a'));
    assert.equal(total(await store.read(app, minutes, day, day + 3 * hour)), 180);
    const summed = await store.read(app, tens, day, day + 3 * hour);
    assert.equal(summed.length, 18);
    assert.equal(total(summed), 180);
  });

  test('leaves out no minute of a while that a killed process had not summed up', async () => {
    const store = new MetricStore(join(folder, 'b'));
    for (const minute of [3, 4, 5]) await store.add('app', pointAt(day + minute * 60, 1));
    const next = new MetricStore(join(folder, 'b'));
    await next.add('app', pointAt(day + 2 * hour, 1));
    await next.add('app', pointAt(day + 2 * hour + 600, 1));
    assert.equal(total(await next.read('app', tens, day, day + 3 * hour)), 5);
  });

  test('survives a line that a crash has cut, and adds up a minute that two processes saw', async () => {
    const store = new MetricStore(join(folder, 'c'));
    await store.add('app', pointAt(day, 2));
    await appendFile(join(folder, 'c', 'app', `minutes-${day}.jsonl`), '\n{"at":17636');
    await store.add('app', pointAt(day, 3));
    assert.equal(total(await store.read('app', minutes, day, day + 60)), 5);
  });

  test('goes when it is old, and with its app', async () => {
    const store = new MetricStore(join(folder, 'd'));
    await store.add('kept', pointAt(day, 1));
    await store.add('kept', pointAt(day + 20 * 60, 1));
    await store.add('gone', pointAt(day, 1));
    await store.tidy(day + 2 * 24 * hour, (appId) => appId === 'kept');
    assert.deepEqual(await readdir(join(folder, 'd')), ['kept']);
    assert.deepEqual(await readdir(join(folder, 'd', 'kept')), [`tens-${day}.jsonl`]);
    await store.tidy(day + 9 * 24 * hour, () => true);
    assert.deepEqual(await readdir(join(folder, 'd', 'kept')), []);
  });
});

test('two points make one that has the sums and the highest of both', () => {
  const dyno = { samples: 1, memorySum: 10, memoryMax: 10, quota: 512, loadSamples: 1, loadSum: 0.5, loadMax: 0.5 };
  const a = { ...pointAt(0, 1), codes: { H12: 1 }, dynos: { 'web.1': dyno } };
  const b = {
    ...pointAt(60, 2),
    codes: { H12: 1, R14: 1 },
    dynos: { 'web.1': { ...dyno, memoryMax: 30 }, 'web.2': dyno },
  };
  const both = mergePoints(a, b);
  assert.deepEqual(both.requests, { '2': 3 });
  assert.deepEqual(both.codes, { H12: 2, R14: 1 });
  assert.deepEqual(both.dynos['web.1'], {
    ...dyno,
    samples: 2,
    memorySum: 20,
    memoryMax: 30,
    loadSamples: 2,
    loadSum: 1,
  });
  assert.deepEqual(both.dynos['web.2'], dyno);
});

describe('the collector', () => {
  const appId = '00000000-0000-4000-8000-000000000001' as AppId; // an id like any other
  const web1 = '00000000-0000-4000-8000-000000000002' as DynoId; // likewise
  const mb = 1024 * 1024;

  const collecting = (name: string) => {
    const clock = { ms: day * 1000 };
    const lines: LogLine[] = [];
    const faults: unknown[] = [];
    const store = new MetricStore(join(folder, name));
    const collector = new Collector({
      store,
      sink: (_app, some) => lines.push(...some),
      wantLines: async () => [appId],
      apps: async () => [appId],
      nowMs: () => clock.ms,
      onFault: (fault) => faults.push(fault),
    });
    return { clock, lines, faults, store, collector };
  };
  const request = (status: number, ms: number, code = ''): LogLine => ({
    atUs: 0,
    source: 'heroku',
    dyno: 'router',
    text: `at=info ${code}method=GET path="/" dyno=web.1 connect=0ms service=${ms}ms status=${status} bytes=1`,
  });

  test('counts what passes into a log, minute by minute, and lets it pass', async () => {
    const { clock, store, collector, faults } = collecting('count');
    const passed: LogLine[] = [];
    const sink = collector.counting((_app, some) => passed.push(...some));
    sink(appId, [request(200, 10), request(204, 20), request(404, 30), request(503, 40)]);
    sink(appId, [{ atUs: 0, source: 'heroku', dyno: 'web.1', text: 'Error R14 (Memory quota exceeded)' }]);
    sink(appId, [{ atUs: 0, source: 'app', dyno: 'web.1', text: 'Error R14 says the app status=200' }]);
    assert.equal(passed.length, 6);
    clock.ms += 60_000;
    sink(appId, [request(200, 10)]);
    await collector[Symbol.asyncDispose]();
    const [first, second] = await store.read(appId, minutes, day, day + 120);
    assert.deepEqual(first?.requests, { '2': 2, '4': 1, '5': 1 });
    assert.deepEqual(first?.codes, { R14: 1 });
    assert.deepEqual(second?.requests, { '2': 1 });
    assert.deepEqual(faults, []);
  });

  test('tells load and memory every time in the log of apps that want it, as on Heroku', async () => {
    const { clock, lines, collector } = collecting('lines');
    const dyno = { id: web1, appId, name: 'web.1', size: 'Basic', memoryBytes: 21.5 * mb };
    collector.noteDynos([{ ...dyno, cpuMs: 1000 }]);
    clock.ms += 20_000;
    collector.noteDynos([{ ...dyno, cpuMs: 11_000 }]);
    await new Promise((resolve) => setImmediate(resolve));
    const who = `source=web.1 dyno=heroku.${appId}.${web1}`;
    const memory = `${who} sample#memory_total=21.50MB sample#memory_rss=21.50MB sample#memory_quota=512.00MB`;
    assert.deepEqual(
      lines.map(({ dyno: name, text }) => [name, text]),
      [
        ['web.1', memory],
        ['web.1', `${who} sample#load_avg_1m=0.50 sample#load_avg_5m=0.50 sample#load_avg_15m=0.50`],
        ['web.1', memory],
      ],
    );
    await collector[Symbol.asyncDispose]();
  });

  test('makes a report of columns over any range, with nothing where nothing was measured', async () => {
    const { clock, store, collector } = collecting('report');
    const sink = collector.counting(() => {});
    const use = (name: string, bytes: number, cpuMs: number) => ({
      id: name as DynoId, // told apart by it only
      appId,
      name,
      size: 'Standard-2X',
      memoryBytes: bytes,
      cpuMs,
    });
    for (let minute = 0; minute < 30; minute++) {
      sink(appId, [request(200, 100), request(500, 400, 'code=H13 desc="x" ')]);
      collector.noteDynos([use('web.1', 100 * mb, minute * 30_000), use('web.2', 300 * mb, minute * 60_000)]);
      clock.ms += 60_000;
    }
    await collector.settled();
    const nowSeconds = clock.ms / 1000;
    const report = await readReport(store, appId, { range: '2h', nowSeconds });
    assert.equal(report.step, 60);
    assert.equal(report.at.length, 120);
    const last = 118;
    assert.deepEqual([report.requests['2xx']?.[last], report.requests['5xx']?.[last]], [1, 1]);
    assert.deepEqual([report.codes.H13?.[last], report.requests['2xx']?.[0]], [1, null]);
    const p99 = report.service.p99[last] ?? 0;
    assert.ok(p99 > 380 && p99 < 420, String(p99));
    const web = report.processes.web;
    assert.deepEqual(web?.dynos, ['web.1', 'web.2']);
    assert.deepEqual(
      [web?.memory.avg[last], web?.memory.max[last], web?.memory.quota],
      [200 * mb, 300 * mb, 1024 * mb],
    );
    assert.deepEqual([web?.load.avg[last], web?.load.max[last]], [0.75, 1]);
    const one = await readReport(store, appId, { range: '24h', nowSeconds, dyno: 'web.1' });
    assert.equal(one.at.length, 144);
    assert.equal(
      one.processes.web?.memory.max.findLast((value) => value !== null),
      100 * mb,
    );
    for (const range of ['24h', '72h', '7d'] as const) {
      const { requests, at } = await readReport(store, appId, { range, nowSeconds });
      assert.equal(
        (requests['5xx'] ?? []).reduce<number>((sum, count) => sum + (count ?? 0), 0),
        30,
        range,
      );
      assert.equal((requests['5xx'] ?? []).length, at.length);
    }
    await collector[Symbol.asyncDispose]();
  });
});
