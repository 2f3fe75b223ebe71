import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, test } from 'node:test';
import { connectEngine } from './connect-engine.ts';
import { EngineUnavailable } from './engine-error.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Speaks as engines do of which there is none here: in some versions of the API only. @returns DOCKER_HOST */
const engineThatSpeaks = async (lowest: string | undefined, highest: string): Promise<string> => {
  const versions = {
    Version: '0.0.0',
    ApiVersion: highest,
    ...(lowest === undefined ? {} : { MinAPIVersion: lowest }),
  };
  server = createServer(({ url = '' }, response) => {
    const [, minor] = /^\/v1\.(\d+)\//.exec(url) ?? [];
    const lowestMinor = Number(lowest?.split('.')[1] ?? 0);
    if (minor !== undefined && Number(minor) < lowestMinor)
      return response.writeHead(400).end(JSON.stringify({ message: `client version 1.${minor} is too old` }));
    return response.end(JSON.stringify(url.endsWith('/version') ? versions : { asked: url }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `tcp://127.0.0.1:${address.port}`;
};

test('an engine is spoken to in the youngest version of the API that both sides speak', async () => {
  for (const [lowest, highest, spoken] of [
    [undefined, '1.41', '1.41'],
    ['1.12', '1.44', '1.44'],
    ['1.24', '1.51', '1.47'],
    // Docker Engine 29 has forgotten what was before Docker 25.
    ['1.44', '1.52', '1.47'],
    ['1.47', '1.60', '1.47'],
  ] as const) {
    using engine = await connectEngine({ host: await engineThatSpeaks(lowest, highest), env: {} });
    assert.equal(engine.version.api, spoken);
    assert.deepEqual(await engine.json('GET', '/info'), { asked: `/v${spoken}/info` });
    server?.close();
  }
});

test('an engine that is too old, or knows only versions younger than ours, is refused with what to do', async () => {
  const refuses = async (lowest: string | undefined, highest: string, reason: RegExp): Promise<void> => {
    await assert.rejects(connectEngine({ host: await engineThatSpeaks(lowest, highest), env: {} }), (error) => {
      assert.ok(error instanceof EngineUnavailable);
      assert.match(error.message, reason);
      return true;
    });
    server?.close();
  };
  await refuses('1.12', '1.40', /speaks API 1\.40; expected 1\.41 or later .* Upgrade it\./);
  await refuses('1.48', '1.60', /speaks API 1\.48 to 1\.60; expected one that still speaks 1\.47\. Upgrade Ravine/);
});

test('an engine that does not answer in time is told by its name and the question', async () => {
  const host = await engineThatSpeaks(undefined, '1.41');
  using engine = await connectEngine({ host, env: {} });
  server?.removeAllListeners('request');
  await assert.rejects(
    engine.json('POST', '/commit', { timeoutMs: 20 }),
    (error) =>
      error instanceof EngineUnavailable &&
      error.message === `The engine at ${host} did not answer POST /commit within 0.02 s.`,
  );
});
