import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusalCount } from './refusal-count.ts';
import { exchangeBytes, startRouter } from './router.fixture.ts';
import { Wire } from './vector-wire.fixture.ts';

test('what was refused is told at once, and then once a minute at most, by cause', () => {
  const refusals = new RefusalCount();
  assert.equal(refusals.take(0), undefined);
  refusals.add('bad header');
  assert.equal(refusals.take(1), 'refused 1 request for no known app: 1 bad header');
  for (const cause of ['bad request', 'bad header', 'bad header']) refusals.add(cause);
  assert.equal(refusals.take(60_000), undefined);
  assert.equal(refusals.take(60_001), 'refused 3 requests for no known app: 2 bad header, 1 bad request');
  assert.equal(refusals.take(1e9), undefined);
});

test('refused requests that belong to no app reach the log of the platform, those of an app its own', async () => {
  await using router = await startRouter([]);
  assert.match(await exchangeBytes(router.port, 'GET / HTTP/1.1\r\nHost: shop.test/x\r\n\r\n'), /^HTTP\/1\.1 400 /);
  assert.match(await router.said(1), /^refused 1 request for no known app: 1 bad header$/);
  assert.match(
    await exchangeBytes(router.port, 'GET / HTTP/1.1\r\nHost: shop.test\r\nX y\r\n\r\n'),
    /^HTTP\/1\.1 400 /,
  );
  assert.match((await router.logged(1))[0] ?? '', /code=H26 .* cause="bad header" .* host=shop\.test .* status=400/);
});

test('a head that does not become whole in time is logged where it says which app it is for', async () => {
  await using router = await startRouter([], { timeouts: { headMs: 100 } });
  const known = await Wire.to(router.port);
  known.write('GET /slow HTTP/1.1\r\nHost: shop.test\r\nX: ');
  assert.match(await known.until(/<html/), /^HTTP\/1\.1 408 Request Timeout\r\n/);
  assert.match(
    (await router.logged(1))[0] ?? '',
    /^sock=client at=error code=H26 desc="Request Error" cause="request head too slow" method=GET path="\/slow" host=shop\.test .* status=408/,
  );
  const unknown = await Wire.to(router.port);
  unknown.write('GET /slow HTTP/1.1\r\nHost: shop.te');
  assert.match(await unknown.until(/<html/), /^HTTP\/1\.1 408 /);
  assert.match(await router.said(1), /1 request head too slow$/);
});
