import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { changesBetween, noChanges } from '../domain/route-changes.ts';
import { type RouterLine, routeSpeech } from '../domain/route-snapshot.ts';
import { onTextLines, sendJson } from './json-lines.ts';
import { LineOutbox } from './line-outbox.ts';
import { RouteHub } from './route-hub.ts';
import { RouteLink } from './route-link.ts';
import { RouteTable } from './route-table.ts';
import { appId, routedDyno, snapshotOf } from './router.fixture.ts';
import { readRoutes } from './routes-file.ts';

const place = async (t: TestContext) => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-hub-'));
  t.after(() => rm(folder, { recursive: true }));
  return { socketPath: join(folder, 'router.sock'), routesFile: join(folder, 'routes.json') };
};

const line = (text: string): RouterLine => ({ appId, atMs: 1, text });
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};

/** A hub that collects lines. */
const openHub = async (at: { socketPath: string; routesFile: string }, texts: string[] = []) =>
  RouteHub.open({
    ...at,
    appliedTimeoutMs: 200,
    onLines: (lines) => void texts.push(...lines.map(({ text }) => text)),
  });

const openLink = (socketPath: string, outbox?: LineOutbox) => {
  const table = new RouteTable();
  const logged: string[] = [];
  const link = new RouteLink({ socketPath, table, log: (text) => logged.push(text), ...(outbox ? { outbox } : {}) });
  return { table, link, logged };
};

test('publish resolves when each worker has applied the snapshot and it is on disk, for its owner only', async (t) => {
  const at = await place(t);
  await using hub = await openHub(at);
  const first = snapshotOf([routedDyno(1)]);
  await hub.publish(first);
  const workers = [openLink(at.socketPath), openLink(at.socketPath)];
  await until(() => workers.every(({ table }) => table.version === first.version));
  const second = snapshotOf([routedDyno(2)]);
  await hub.publish(second);
  assert.ok(workers.every(({ table }) => table.version === second.version));
  assert.deepEqual(await readRoutes(at.routesFile), second);
  for (const file of [at.routesFile, at.socketPath]) assert.equal((await stat(file)).mode & 0o777, 0o600);
  for (const { link } of workers) await link.close();
});

test('a hub that starts again serves the last snapshot, and workers come back to it by themselves', async (t) => {
  const at = await place(t);
  const first = await openHub(at);
  const snapshot = snapshotOf([routedDyno(1)]);
  await first.publish(snapshot);
  const { table, link } = openLink(at.socketPath);
  await until(() => table.version === snapshot.version);
  await first.close();
  await using second = await openHub(at);
  assert.deepEqual(second.snapshot, snapshot);
  const next = snapshotOf([routedDyno(2)]);
  await until(() => {
    void second.publish(next);
    return table.version === next.version;
  });
  await link.close();
});

test('a damaged routes file counts as none', async (t) => {
  const at = await place(t);
  for (const content of ['', '{', '{}', 'null', '{"version":1}']) {
    await writeFile(at.routesFile, content);
    assert.equal(await readRoutes(at.routesFile), undefined);
  }
});

test('a dyno is free when no worker carries a request of it any more', async (t) => {
  const at = await place(t);
  await using hub = await openHub(at);
  const dyno = routedDyno(1);
  const { table, link } = openLink(at.socketPath);
  const routed = snapshotOf([dyno]);
  await hub.publish(routed);
  await until(() => table.version === routed.version);
  const target = table.findApp(appId)?.targets[0];
  assert.ok(target);
  target.requests = 1;
  await hub.publish(snapshotOf([]));
  let free = false;
  const waiting = hub.untilFree(dyno.id, 60_000).then(() => {
    free = true;
  });
  await hub.untilFree(dyno.id, 20);
  assert.equal(free, false);
  table.release(target);
  await waiting;
  await link.close();
});

test('no line is lost while control is away, whether it was idle or took lines when it went', async (t) => {
  const at = await place(t);
  const texts: string[] = [];
  const { link } = openLink(at.socketPath);
  link.send(line('before'));
  const stuck = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const first = await RouteHub.open({
    ...at,
    onLines: () => {
      taken.resolve();
      return stuck.promise;
    },
  });
  await taken.promise;
  await first.close();
  for (let i = 0; i < 2_500; i++) link.send(line(String(i)));
  await using _ = await openHub(at, texts);
  await until(() => texts.length === 2_501);
  assert.deepEqual(texts, ['before', ...Array.from({ length: 2_500 }, (_, i) => String(i))]);
  link.send(line('last'));
  await link.close();
  assert.equal(texts.at(-1), 'last');
});

test('lines beyond the limit push out the oldest, and one line says how many', async (t) => {
  const at = await place(t);
  const texts: string[] = [];
  // `app-1 1 100` and a line feed: ten lines a page.
  const { link, logged } = openLink(at.socketPath, new LineOutbox({ pageBytes: 120, pages: 10 }));
  for (let i = 100; i < 350; i++) link.send(line(String(i)));
  await using _ = await openHub(at, texts);
  await until(() => texts.length === 100);
  assert.equal(texts[0], '250');
  assert.deepEqual(
    logged.map((text) => text.replace(/ were.*/, '')),
    ['150 router log lines'],
  );
  await link.close();
});

test('a batch that the limit pushes out while it is under way takes no other with it when it is confirmed', () => {
  const outbox = new LineOutbox({ pageBytes: 12, pages: 2 });
  outbox.add(line('100'));
  const first = outbox.take();
  assert.equal(first?.lines, 1);
  for (let i = 101; i < 104; i++) outbox.add(line(String(i)));
  outbox.confirm(first?.batch ?? 0);
  assert.equal(String(outbox.take()?.bytes), 'app-1 1 102\n');
  assert.equal(outbox.takeDropped(), 2);
});

test('bytes beyond ASCII and lines longer than a page arrive as they were', async (t) => {
  const at = await place(t);
  const texts: string[] = [];
  const { link } = openLink(at.socketPath, new LineOutbox({ pageBytes: 64 }));
  const sent = ['path="/caf\xe9"', 'x'.repeat(1_000), 'path="{"'];
  for (const text of sent) link.send(line(text));
  await using _ = await openHub(at, texts);
  await until(() => texts.length === sent.length);
  assert.deepEqual(texts, sent);
  await link.close();
});

test('a worker that understands another form of routes is named once, gets none, and its lines are taken', async (t) => {
  const at = await place(t);
  const foreign: unknown[] = [];
  const texts: string[] = [];
  await using hub = await RouteHub.open({
    ...at,
    onForeign: (pid, speaks) => void foreign.push([pid, speaks]),
    onLines: (lines) => void texts.push(...lines.map(({ text }) => text)),
  });
  await hub.publish(snapshotOf([routedDyno(1)]));
  const heard: unknown[] = [];
  for (let connections = 0; connections < 2; connections++) {
    const socket = connect(at.socketPath);
    onTextLines(socket, 'utf8', (text) => heard.push(JSON.parse(text)) > 0);
    sendJson(socket, { type: 'hello', speaks: routeSpeech + 1, pid: 4711, version: 0 });
    socket.write(`${appId} 1 last\n`);
    sendJson(socket, { type: 'lines', batch: 1, lines: 1 });
    await until(() => heard.length > connections);
    socket.destroy();
  }
  assert.deepEqual(foreign, [[4711, routeSpeech + 1]]);
  assert.deepEqual(texts, ['last', 'last']);
  assert.deepEqual(heard, Array(2).fill({ type: 'kept', batch: 1 }));
});

/** A worker that a test plays by hand, and what it hears. */
const playWorker = (t: TestContext, socketPath: string, hello: object) => {
  const heard: { readonly type: string; readonly [key: string]: unknown }[] = [];
  const socket = connect(socketPath);
  t.after(() => socket.destroy());
  onTextLines(socket, 'utf8', (text) => heard.push(JSON.parse(text)) > 0);
  sendJson(socket, { type: 'hello', speaks: routeSpeech, pid: 4711, ...hello });
  return { heard, say: (message: object) => sendJson(socket, message) };
};

test('a worker that says nothing of its form is one of the first, and gets no routes', async (t) => {
  const at = await place(t);
  const foreign: unknown[] = [];
  await using hub = await RouteHub.open({
    ...at,
    onForeign: (pid, speaks) => foreign.push([pid, speaks]),
    onLines: () => undefined,
  });
  await hub.publish(snapshotOf([routedDyno(1)]));
  const { heard } = playWorker(t, at.socketPath, { speaks: undefined, version: 0 });
  await until(() => foreign.length > 0);
  assert.deepEqual([foreign, heard], [[[4711, 1]], []]);
});

test('a worker gets the whole once, then what changes, and the whole again when it has missed something', async (t) => {
  const at = await place(t);
  await using hub = await openHub(at);
  const first = snapshotOf([routedDyno(1)]);
  await hub.publish(first);
  const { heard, say } = playWorker(t, at.socketPath, { version: 0 });
  await until(() => heard.length === 1);
  const second = { ...first, version: first.version + 1, certificates: { 'shop.test': '/a.pem' } };
  await hub.publish(second);
  await until(() => heard.length === 2);
  say({ type: 'missed', version: 7 });
  await until(() => heard.length === 3);
  assert.deepEqual(heard, [
    { type: 'snapshot', speaks: routeSpeech, snapshot: first },
    { type: 'changes', speaks: routeSpeech, changes: changesBetween(first, second) },
    { type: 'snapshot', speaks: routeSpeech, snapshot: second },
  ]);
});

test('a worker that has the routes in force, or later ones, keeps them until the next', async (t) => {
  const at = await place(t);
  await using hub = await openHub(at);
  const first = snapshotOf([routedDyno(1)]);
  await hub.publish(first);
  const [same, later] = [first.version, first.version + 5].map((version) => playWorker(t, at.socketPath, { version }));
  assert.ok(same && later);
  await until(() => same.heard.length === 1 && later.heard.length === 1);
  const next = { ...first, version: first.version + 9 };
  await hub.publish(next);
  await until(() => same.heard.length === 2 && later.heard.length === 2);
  assert.deepEqual(same.heard[0], { type: 'changes', speaks: routeSpeech, changes: noChanges(first.version) });
  assert.deepEqual(later.heard[0], { type: 'changes', speaks: routeSpeech, changes: noChanges(first.version + 5) });
  assert.deepEqual([same.heard[1]?.type, later.heard[1]?.type], ['changes', 'snapshot']);
});

test('a worker asks once for the whole when changes build on what it does not have', async (t) => {
  const at = await place(t);
  const said: string[] = [];
  const first = snapshotOf([routedDyno(1)]);
  const control = createServer((socket) => {
    const change = (from: number) =>
      sendJson(socket, { type: 'changes', speaks: routeSpeech, changes: { ...noChanges(from), version: from + 1 } });
    sendJson(socket, { type: 'snapshot', speaks: routeSpeech, snapshot: first });
    change(first.version);
    change(first.version + 2);
    change(first.version + 3);
    onTextLines(socket, 'utf8', (text) => {
      const message = JSON.parse(text);
      said.push(`${message.type} ${message.version - first.version}`);
      if (message.type === 'missed') {
        sendJson(socket, { type: 'snapshot', speaks: routeSpeech, snapshot: { ...first, version: first.version + 4 } });
        change(first.version + 4);
      }
      return true;
    });
    socket.on('error', () => undefined);
  });
  control.listen(at.socketPath);
  const { table, link } = openLink(at.socketPath);
  await until(() => said.length === 6);
  assert.deepEqual(said.slice(1), ['applied 0', 'applied 1', 'missed 1', 'applied 4', 'applied 5']);
  assert.equal(table.findHost('shop.test')?.targets.length, 1);
  await link.close();
  control.close();
});

test('a worker keeps the routes that it has when control sends them in another form, and says what to do', async (t) => {
  const at = await place(t);
  const control = createServer((socket) => {
    const send = (speaks: number, version: number) =>
      sendJson(socket, { type: 'snapshot', speaks, snapshot: { ...snapshotOf([routedDyno(1)]), version } });
    send(routeSpeech, 1_000);
    send(routeSpeech + 1, 1_001);
    send(routeSpeech + 1, 1_002);
    socket.on('error', () => undefined);
  });
  control.listen(at.socketPath);
  const { table, link, logged } = openLink(at.socketPath);
  await until(() => logged.length > 0);
  assert.equal(table.version, 1_000);
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? '', /got form 3: .* restart `ravine up`/);
  await link.close();
  control.close();
});
