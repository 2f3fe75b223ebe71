import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Load } from './load.fixture.ts';
import { app, childrenOf, Prefork, until } from './prefork.fixture.ts';

test('a worker that stands still is killed and replaced, and the log names the line and what called it', async () => {
  await using prefork = await Prefork.start([app('app'), '--timeout', '1']);
  const [before] = await prefork.workers();
  await assert.rejects(prefork.get('/spin'));
  await prefork.said(
    /ERROR\] worker \d+ has stood still for 1\.\d s in spinForever \(file:\/\/\/.*fixtures\/app\.ts:\d+:\d+\)\n +from default \(/,
  );
  await prefork.said(new RegExp(`worker ${before} of .* stood still for .*app\\.ts:\\d+:\\d+\\); it is replaced now`));
  assert.notEqual(Number(await prefork.get()), before);
});

test('a worker that is frozen from outside is killed and replaced, too', async () => {
  await using prefork = await Prefork.start([app('app'), '--timeout', '0.5']);
  const [before] = await prefork.workers();
  process.kill(before, 'SIGSTOP');
  await prefork.said(new RegExp(`worker ${before} of .* stood still .*; it is replaced now`));
  assert.notEqual(Number(await prefork.get()), before);
});

test('a request over the time limit gets 503, one that was half answered is cut, and the worker serves on', async () => {
  await using prefork = await Prefork.start([app('app'), '--request-timeout', '0.2']);
  const [before] = await prefork.workers();
  const response = await fetch(`${prefork.url}/never`);
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('connection'), 'close');
  await response.text();
  await assert.rejects(prefork.get('/half'));
  await prefork.said(/WARNING\] worker \d+: GET \/never was not answered within 0\.2 s/);
  assert.equal(Number(await prefork.get()), before);
});

test('a worker is replaced after its number of requests, without a failed one', async () => {
  await using prefork = await Prefork.start([app('app'), '--max-requests', '100', '--max-requests-jitter', '20']);
  const [before] = await prefork.workers();
  await using load = new Load(prefork.port, { clients: 4 });
  await prefork.said(new RegExp(`worker ${before} has served 1[0-2]\\d requests; it is replaced`));
  await until(async () => !(await childrenOf(prefork.pid)).includes(before));
  await load.more(10);
  assert.deepEqual(load.failures, []);
  assert.ok(load.bodies.size >= 2);
});

test('a worker that uses more memory than allowed is replaced', async () => {
  await using prefork = await Prefork.start([app('app'), '--max-memory', '300']);
  const [before] = await prefork.workers();
  for (let count = 0; count < 5; count++) await prefork.get('/grow');
  await prefork.said(new RegExp(`worker ${before} uses \\d{3} MB of 300 MB; it is replaced`));
  await until(async () => !(await childrenOf(prefork.pid)).includes(before));
  assert.notEqual(Number(await prefork.get()), before);
});
