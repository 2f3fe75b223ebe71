import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readlinkSync, truncateSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { handleStatic, staticFiles } from '../index.ts';
import { makeFolder } from '../testing.fixture.ts';
import { ExactFile } from './exact-file.ts';

const size = 5_000_000;
const bytes = 'x'.repeat(size);

const isOpen = (path: string): boolean =>
  readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false; // closed meanwhile
    }
  });

const start = async (context: TestContext) => {
  const root = makeFolder(context, { 'large.txt': bytes });
  const files = staticFiles({ root, memoryBytes: 0 });
  const server = createServer((request, response) => handleStatic(files, request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const client = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1').setEncoding('latin1');
  context.after(() => client.destroy());
  client.write('GET /large.txt HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(client, 'data');
  client.pause();
  return { client, server, path: join(root, 'large.txt') };
};

test('a file on disk is closed when the client leaves in the middle', async (context) => {
  const { client, server, path } = await start(context);
  assert.ok(isOpen(path));
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
  while (isOpen(path)) await new Promise((resolve) => setImmediate(resolve));
});

test('a file that is cut short while it is sent cuts the connection, so that the answer doesn’t seem whole', async (context) => {
  const { client, path } = await start(context);
  truncateSync(path, 10);
  let received = 0;
  client.on('data', (text: string) => {
    received += text.length;
  });
  client.on('error', () => {}).resume();
  await once(client, 'close');
  assert.ok(received < size);
  while (isOpen(path)) await new Promise((resolve) => setImmediate(resolve));
});

test('a file that is gone is an error of the stream', async (context) => {
  const stream = new ExactFile({ path: join(makeFolder(context), 'none'), start: 0, end: 9 });
  await assert.rejects(stream.toArray(), { code: 'ENOENT' });
});
