import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { appId, snapshotOf, startDyno, startRouter } from '../packages/platform/src/router/router.fixture.ts';
import { openChromium } from './harness/chromium.ts';

const assets = 50;
const uploadBytes = 3 * 1024 * 1024;

const picture = (number: number): string => `<svg xmlns="http://www.w3.org/2000/svg" width="${number}" height="1"/>`;
const page =
  '<!doctype html><title>Many</title><link rel="icon" href="data:,">' +
  Array.from({ length: assets }, (_, at) => `<img src="/${at + 1}.svg">`).join('');

const dyno = await startDyno((incoming, response) => {
  const number = /^\/(\d+)\.svg$/.exec(incoming.url ?? '')?.[1];
  if (incoming.method === 'POST') {
    const hash = createHash('sha256');
    incoming.on('data', (part: Buffer) => hash.update(part));
    incoming.on('end', () => response.end(hash.digest('hex')));
  } else if (number !== undefined) response.setHeader('Content-Type', 'image/svg+xml').end(picture(Number(number)));
  else response.setHeader('Content-Type', 'text/html').end(page);
});
const router = await startRouter(
  { ...snapshotOf([dyno.dyno]), hosts: { localhost: appId } },
  { tlsFor: ['localhost'] },
);
const chromium = await openChromium();
after(async () => {
  await chromium[Symbol.asyncDispose]();
  await router.close();
  await dyno[Symbol.asyncDispose]();
});

test('a browser loads a page with 50 pictures and uploads 3 MB over HTTP/2', async () => {
  const { page: tab } = chromium;
  const answer = await tab.goto(`https://localhost:${router.port}/`, { waitUntil: 'load' });
  assert.equal(answer?.status(), 200);
  const widths = await tab.evaluate('[...document.images].map((image) => image.naturalWidth)');
  assert.deepEqual(
    widths,
    Array.from({ length: assets }, (_, at) => at + 1),
  );
  const hash = await tab.evaluate(`(async () => {
    const body = new Uint8Array(${uploadBytes}).map((_, at) => at * 31);
    return (await fetch('/upload', { method: 'POST', body })).text();
  })()`);
  const sent = Uint8Array.from({ length: uploadBytes }, (_, at) => at * 31);
  assert.equal(hash, createHash('sha256').update(sent).digest('hex'));
  const protocols = await tab.evaluate(
    "[...new Set(['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind)).map((entry) => entry.nextHopProtocol))]",
  );
  assert.deepEqual(protocols, ['h2']);
  const lines = await router.logged(assets + 2);
  assert.equal(lines.length, assets + 2);
  assert.ok(lines.every((line) => line.includes(' status=200 ') && line.includes(' protocol=http2.0 tls=true ')));
});
