import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LogLine } from '../domain/log-line.ts';
import { type LogSession, serveLogSession } from './log-session.ts';
import { LogStore } from './log-store.ts';

const app = 'app-1';
const atUs = 1_704_067_200_000_000;
const line = (text: string, over: Partial<LogLine> = {}): LogLine => ({
  atUs,
  source: 'app',
  dyno: 'web.1',
  text,
  ...over,
});
const shown = (text: string, who = 'app[web.1]'): string => `2024-01-01T00:00:00.000000+00:00 ${who}: ${text}`;

const newFolder = async (t: TestContext): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ravine-session-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const serve = async (t: TestContext, params: Partial<LogSession['params']>, session: Partial<LogSession> = {}) => {
  const store = new LogStore({ folder: await newFolder(t) });
  const served: Promise<void>[] = [];
  const server = createServer((request, response) => {
    const { accept, 'last-event-id': id } = request.headers;
    const lastEventId = typeof id === 'string' ? id : undefined;
    served.push(
      serveLogSession(
        { store, appId: app, params: { lines: 100, tail: false, ...params }, lastEventId, accept, ...session },
        response,
      ),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await store.close();
  });
  // Node's typing allows a pipe's name here; a TCP listener always has a port.
  return { store, port: (server.address() as AddressInfo).port, served };
};

const connect = async (
  port: number,
  headers: Record<string, string> = { Accept: 'text/event-stream' },
): Promise<IncomingMessage> => {
  const [response] = await once(get({ port, host: '127.0.0.1', headers, agent: false }), 'response');
  response.setEncoding('utf8');
  return response;
};

/** Reads until the text has what is wanted, or to the end. */
const readUntil = async (response: IncomingMessage, wanted?: string): Promise<string> => {
  const chunks: string[] = [];
  for await (const chunk of response.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    if (wanted !== undefined && chunks.slice(-3).join('').includes(wanted)) break;
  }
  return chunks.join('');
};

const lastId = (text: string): string => [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? '';

test('without tail the last lines come as unnamed events after a short retry time, and the answer ends', async (t) => {
  const { store, port } = await serve(t, { lines: 2 });
  store.append(app, [line('one'), line('two'), line('at=info', { source: 'heroku', dyno: 'router' })]);
  const response = await connect(port);
  assert.equal(response.headers['content-type'], 'text/event-stream');
  const text = await readUntil(response);
  assert.match(text, /^retry: 1\n\nid: \d+\ndata: /);
  assert.equal(
    text.replace(/id: \d+/, 'id: N'),
    `retry: 1\n\nid: N\ndata: ${shown('two')}\ndata: ${shown('at=info', 'heroku[router]')}\n\n`,
  );
});

test('an event source that comes back after a complete answer is told to stay away', async (t) => {
  const { port } = await serve(t, {});
  const response = await connect(port, { Accept: 'text/event-stream', 'Last-Event-ID': '5' });
  assert.equal(response.statusCode, 204);
  response.resume();
});

test('tail shows the past, then what is said, filtered', async (t) => {
  const { store, port } = await serve(t, { lines: 1, tail: true, dyno: 'web' });
  store.append(app, [line('old'), line('past'), line('other', { dyno: 'worker.1' })]);
  const response = await connect(port);
  assert.match(await readUntil(response, 'past\n\n'), new RegExp(`data: ${RegExp.escape(shown('past'))}\n\n$`));
  store.append(app, [line('job', { dyno: 'worker.1' }), line('live', { dyno: 'web.2' })]);
  const live = await readUntil(response, 'live\n\n');
  assert.equal(live.replace(/id: \d+/, 'id: N'), `id: N\ndata: ${shown('live', 'app[web.2]')}\n\n`);
  response.destroy();
});

test('a tail that comes back with the id of its last event gets every line after it once', async (t) => {
  const { store, port } = await serve(t, { tail: true });
  store.append(app, [line('one'), line('two')]);
  const first = await connect(port);
  const id = lastId(await readUntil(first, 'two\n\n'));
  first.destroy();
  store.append(app, [line('three')]);
  const second = await connect(port, { Accept: 'text/event-stream', 'Last-Event-ID': id });
  const text = await readUntil(second, 'three\n\n');
  assert.deepEqual(
    [...text.matchAll(/^data: (.*)$/gm)].map((match) => match[1]),
    [shown('three')],
  );
  second.destroy();
});

test('a silent tail is kept alive by comments and ends when its client goes', async (t) => {
  const { port, served } = await serve(t, { tail: true }, { heartbeatMs: 5 });
  const response = await connect(port);
  assert.match(await readUntil(response, ':\n\n:\n\n'), /^retry: 1000\n\n(:\n\n)+$/);
  response.destroy();
  await served[0];
});

test('a tail is ended cleanly when the server is asked to stop', async (t) => {
  const stop = new AbortController();
  const { port, served } = await serve(t, { tail: true }, { signal: stop.signal });
  const response = await connect(port);
  await readUntil(response, 'retry');
  stop.abort();
  await readUntil(response);
  assert.equal(response.complete, true);
  await served[0];
});

test('a client that asks for no event stream gets plain lines', async (t) => {
  const { store, port } = await serve(t, { tail: true });
  store.append(app, [line('past')]);
  const response = await connect(port, {});
  assert.equal(response.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(await readUntil(response, 'past\n'), `${shown('past')}\n`);
  store.append(app, [line('live')]);
  assert.equal(await readUntil(response, 'live\n'), `${shown('live')}\n`);
  response.destroy();
});

test('a client that does not read holds nothing up and misses nothing', async (t) => {
  const { store, port } = await serve(t, { tail: true, lines: 0 });
  const response = await connect(port);
  await readUntil(response, 'retry');
  const long = 'x'.repeat(5000);
  for (let i = 0; i < 4000; i += 100) {
    store.append(
      app,
      Array.from({ length: 100 }, (_, n) => line(`${i + n} ${long}`)),
    );
    await store.flushed(app);
  }
  store.append(app, [line('the end')]);
  const numbers = [...(await readUntil(response, 'the end\n\n')).matchAll(/: (\d+) x/g)].map((match) =>
    Number(match[1]),
  );
  assert.deepEqual(
    numbers,
    Array.from({ length: 4000 }, (_, i) => i),
  );
  response.destroy();
});

test('kill -9 of the server ends a tail without an error, and the next server resumes it exactly', async (t) => {
  const folder = await newFolder(t);
  const script = `
    import { createServer } from 'node:http';
    import { LogStore } from ${JSON.stringify(path.join(import.meta.dirname, 'log-store.ts'))};
    import { serveLogSession } from ${JSON.stringify(path.join(import.meta.dirname, 'log-session.ts'))};
    const store = new LogStore({ folder: process.argv[1] });
    let n = Number(process.argv[2]);
    const say = () => store.append('${app}', [{ atUs: 0, source: 'app', dyno: 'web.1', text: 'line ' + n++ }]);
    say();
    setInterval(say, 1);
    const params = { lines: 1000, tail: true };
    const server = createServer((request, response) => {
      const { accept, 'last-event-id': lastEventId } = request.headers;
      serveLogSession({ store, appId: '${app}', params, accept, lastEventId }, response);
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const start = async (from: number) => {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, folder, String(from)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const [port] = await once(child.stdout, 'data');
    return { child, port: Number(port) };
  };
  const first = await start(0);
  const before = await fetch(`http://127.0.0.1:${first.port}/`, { headers: { Accept: 'text/event-stream' } });
  let seen = '';
  for await (const chunk of before.body ?? []) {
    seen += Buffer.from(chunk).toString();
    if (seen.includes('line 20\n')) first.child.kill('SIGKILL');
  }
  const second = await start(1_000_000);
  const response = await connect(second.port, { Accept: 'text/event-stream', 'Last-Event-ID': lastId(seen) });
  seen = seen.slice(0, seen.lastIndexOf('\n\n') + 2) + (await readUntil(response, 'line 1000000\n'));
  response.destroy();
  const numbers = [...seen.matchAll(/line (\d+)$/gm)].map((match) => Number(match[1]));
  const restart = numbers.indexOf(1_000_000);
  assert.ok(restart > 20);
  assert.deepEqual(
    numbers.slice(0, restart),
    Array.from({ length: restart }, (_, i) => i),
  );
});
