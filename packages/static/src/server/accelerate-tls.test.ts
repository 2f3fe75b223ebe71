import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:https';
import { test } from 'node:test';
import { accelerate, staticFiles } from '../index.ts';
import { css, makeFolder, styled } from '../testing.fixture.ts';

/** TLS by a shared key (RFC 4279), which needs no certificate. */
const identity = 'reader';
const psk = Buffer.from('a key that both of them know');
const shared = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;

test('a node:https server is accelerated as well: files and pages over one connection', async (context) => {
  const asked: string[] = [];
  const server = createServer({ ...shared, pskCallback: () => psk }, (request, response) => {
    asked.push(request.url ?? '');
    response.end(`application ${request.url}`);
  });
  accelerate(server, staticFiles({ root: makeFolder(context, styled) })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({
    ...shared,
    keepAlive: true,
    maxSockets: 1,
    pskCallback: () => ({ identity, psk }),
    checkServerIdentity: () => undefined,
  });
  context.after(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });
  let connections = 0;
  server.on('secureConnection', () => {
    connections++;
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const ask = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => resolve(text)).on('error', reject);
      }).on('error', reject);
    });
  for (const page of ['/one', '/two']) {
    assert.equal(await ask('/app.css'), css);
    assert.equal(await ask(page), `application ${page}`);
  }
  assert.equal(await ask('/app.css'), css);
  assert.deepEqual(asked, ['/one', '/two']);
  assert.equal(connections, 1);
});
