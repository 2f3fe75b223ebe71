import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { ApiError, ask, list } from './request.ts';

const asked: string[] = [];
const server = createServer((request, response) => {
  if (request.url === '/cut-off') {
    response.writeHead(200, { 'content-length': 100 }).write('{"name":');
    setTimeout(() => response.destroy(), 20);
    return;
  }
  const range = String(request.headers.range);
  asked.push(range);
  const from = Number(/\](\d+)/.exec(range)?.[1] ?? 0);
  const items = [1, 2, 3].map((n) => n + from);
  response.writeHead(from < 6 ? 206 : 200, from < 6 ? { 'next-range': `n ]${from + 3}..; max=3` } : {});
  response.end(JSON.stringify(items));
});
const { fetch } = globalThis;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  // A page's addresses are below its own origin; here that is the server's.
  globalThis.fetch = (path, init) => fetch(`http://127.0.0.1:${port}${String(path)}`, init);
});
after(() => {
  globalThis.fetch = fetch;
  server.close();
});

test('a list that the API answers in parts is asked for until it is whole', async () => {
  assert.deepEqual(await list('/numbers', 'n ..; max=3'), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(asked, ['n ..; max=3', 'n ]3..; max=3', 'n ]6..; max=3']);
});

test('a connection that breaks off in an answer says that Ravine could not be reached', async () => {
  await assert.rejects(ask('GET', '/cut-off'), new ApiError(0, 'unreachable', 'Ravine could not be reached.'));
});

test('of a list of which some are wanted no more is asked for than those', async () => {
  asked.length = 0;
  assert.deepEqual(await list('/numbers', 'n ..; max=3', undefined, 4), [1, 2, 3, 4]);
  assert.equal(asked.length, 2);
});
