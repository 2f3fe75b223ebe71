import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { countUnderWay, describeFailures, Load, wasUnderWay } from './load.ts';
import { nowMs } from './load-messages.ts';

/** A site that answers each visit as told, by the visit's number. */
const serve = async (t: TestContext, answer: (...args: [...Parameters<RequestListener>, number]) => void) => {
  let visits = 0;
  const server = createServer((request, response) => {
    visits += 1;
    answer(request, response, visits);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, host: 'shop.localhost' };
};

test('a load counts each failed visit once, with what was seen and in which phase', async (t) => {
  const target = await serve(t, (request, response, visit) => {
    if (visit === 3) response.writeHead(503).end('<!-- H13 -->');
    else if (visit === 5) request.socket.destroy();
    else if (visit === 7) {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setImmediate(() => request.socket.destroy());
    } else if (visit === 9) response.write('in two chunks', () => response.end());
    else response.end('whole');
  });
  await using load = new Load(target, { perSecond: 100 });
  load.phase('all of it');
  await load.answers(20);
  const report = await load.stop();
  assert.equal(report.sent, report.answered + report.failures.length);
  assert.equal(report.spans.length, 2 * report.sent);
  const seen = report.failures.map(({ status, code, error }) => ({ status, code, error }));
  assert.deepEqual(
    seen.toSorted((a, b) => String(a.error).localeCompare(String(b.error))),
    [
      { status: 200, code: undefined, error: 'the answer was cut short' },
      { status: undefined, code: undefined, error: 'the connection was closed' },
      { status: 503, code: 'H13', error: undefined },
    ],
  );
  assert.match(describeFailures(report), /^3 of \d+ visits failed .*\n1 x 503 H13\n {2}all of it \+ \d+ ms, /s);
});

test('visits that were under way at a time are told from others', async (t) => {
  const held: (() => void)[] = [];
  const target = await serve(t, (_request, response, visit) => {
    if (visit === 5) held.push(() => response.writeHead(500).end());
    else response.end('whole');
  });
  await using load = new Load(target, { perSecond: 100 });
  const before = nowMs();
  await load.answers(10);
  const kill = { fromMs: nowMs(), toMs: await load.polled() };
  for (const release of held) release();
  await load.answers(10);
  const report = await load.stop();
  const [failure] = report.failures;
  assert.ok(failure && wasUnderWay(failure, kill));
  assert.ok(!wasUnderWay(failure, { fromMs: before - 2, toMs: before - 1 }));
  assert.ok(countUnderWay(report, kill) >= 1);
  assert.equal(countUnderWay(report, { fromMs: before, toMs: nowMs() }), report.sent);
});
