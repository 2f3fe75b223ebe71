import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { AppId, DynoId, ReleaseId } from '../domain/ids.ts';
import { ProcessDriver } from './drivers/process/process-driver.ts';
import { clearDynos, endDynos } from './end-dynos.ts';
import { MemoryPorts } from './memory-ports.ts';
import type { DesiredApp, DynoRow } from './ports.ts';
import { Reconciler } from './reconciler.ts';
import type { RuntimeTimings } from './runtime-timings.ts';

const server = `
  const name = process.env.NAME;
  require('node:http').createServer((q, a) => a.end(name)).listen(process.env.PORT, () => console.log('listening', name));
  process.on('SIGTERM', () => { console.log('bye', name); process.exit(0); });
`;
const web = `"${process.execPath}" server.cjs`;

let root: string;
let driver: ProcessDriver;
let ports: MemoryPorts;
let reconciler: Reconciler | undefined;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'runtime-'));
  await chmod(root, 0o711);
  await mkdir(join(root, 'slug'));
  await writeFile(join(root, 'slug', 'server.cjs'), server);
});
after(() => rm(root, { recursive: true, force: true }));

beforeEach(async () => {
  driver = await ProcessDriver.open({ folder: join(root, 'dynos') });
  ports = new MemoryPorts();
});
afterEach(async () => {
  await reconciler?.close();
  reconciler = undefined;
  await clearDynos(driver);
  await driver[Symbol.asyncDispose]();
  assert.deepEqual(ports.faults, []);
});

const begin = (timings: Partial<RuntimeTimings> = {}): Reconciler => {
  reconciler ??= new Reconciler(driver, ports, { settleMs: 100, ...timings });
  return reconciler;
};

const release = (name: string): ReleaseId => {
  const id = randomUUID() as ReleaseId;
  ports.releasesById.set(id, {
    artifact: () => ({ kind: 'slug', folder: join(root, 'slug') }),
    env: { NAME: name },
  });
  return id;
};

const wish = (change: Partial<DesiredApp> & { readonly quantity?: number } = {}): DesiredApp => {
  const { quantity = 1, ...rest } = change;
  const app: DesiredApp = {
    id: randomUUID() as AppId,
    uid: 200_017,
    release: { id: release('one'), version: 2 },
    processTypes: { web },
    formation: [{ type: 'web', quantity, size: 'Basic' }],
    ...rest,
  };
  ports.appsById.set(app.id, app);
  return app;
};

const rowsOf = (app: DesiredApp): DynoRow[] => [...ports.rowsById.values()].filter((row) => row.appId === app.id);
const untilUp = (app: DesiredApp, count: number) =>
  ports.until(() => {
    const route = ports.routeOf(app.id);
    const settled = rowsOf(app).every((row) => row.state === 'up') && rowsOf(app).length === count;
    return settled && route?.dynos.length === count && route;
  });
const untilLine = (line: string) => ports.until(() => ports.texts().includes(line));
const pidOf = async (id: DynoId | undefined): Promise<number> => {
  const state = (await driver.list()).find((status) => status.id === id)?.state;
  assert.equal(state?.kind, 'running');
  return state.kind === 'running' ? state.pid : 0;
};
const get = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, agent: false }, (answer) => {
      answer.setEncoding('utf8').on('data', resolve);
    })
      .on('error', reject)
      .end();
  });

test('a web dyno is routed once it accepts on its port, and its life is told as Heroku tells it', async () => {
  const app = wish();
  await begin().start();
  const { dynos } = await untilUp(app, 1);
  assert.equal(await get(dynos[0]?.port ?? 0), 'one');
  await untilLine('app[web.1]: listening one');
  const texts = ports.texts();
  assert.equal(texts[0], `heroku[web.1]: Starting process with command \`${web}\``);
  assert.ok(texts.includes('heroku[web.1]: State changed from starting to up'));
  assert.deepEqual(ports.published[0]?.route, { state: 'booting', dynos: [] });
});

test('a new release takes the traffic when it accepts, and then the old dyno is stopped', async () => {
  const app = wish();
  await begin().start();
  const old = (await untilUp(app, 1)).dynos[0];
  ports.appsById.set(app.id, { ...app, release: { id: release('two'), version: 3 } });
  begin().onChange(app.id);
  const fresh = await ports.until(() => ports.routeOf(app.id)?.dynos.find((dyno) => dyno.id !== old?.id));
  assert.equal(await get(fresh.port), 'two');
  await ports.until(() => rowsOf(app).length === 1);
  assert.ok(ports.published.every(({ route }) => (route?.dynos.length ?? 0) <= 1));
  const texts = ports.texts();
  assert.ok(
    texts.indexOf('app[web.1]: listening two') < texts.indexOf('heroku[web.1]: Stopping all processes with SIGTERM'),
  );
  assert.ok(texts.includes('app[web.1]: bye one'));
  assert.ok(texts.includes('heroku[web.1]: Process exited with status 0'));
});

test('a web dyno that has handed over its visitors is left alone for a while, and not waited for when it ends by itself', async () => {
  const app = wish();
  await begin({ settleMs: 60_000 }).start();
  const old = (await untilUp(app, 1)).dynos[0];
  ports.appsById.set(app.id, { ...app, release: { id: release('two'), version: 3 } });
  begin().onChange(app.id);
  await ports.until(() => ports.routeOf(app.id)?.dynos.find((dyno) => dyno.id !== old?.id));
  await ports.until(() => rowsOf(app).find((row) => row.id === old?.id)?.state === 'stopping');
  process.kill(await pidOf(old?.id), 'SIGKILL');
  await untilUp(app, 1);
  assert.ok(!ports.texts().some((text) => text.includes('SIGTERM')));
});

test('old dynos keep serving while the dynos of a new release crash at boot', async () => {
  const app = wish();
  await begin().start();
  const old = (await untilUp(app, 1)).dynos[0];
  const broken = { ...app, release: { id: release('two'), version: 3 }, processTypes: { web: 'echo broken; exit 7' } };
  ports.appsById.set(app.id, broken);
  begin().onChange(app.id);
  await ports.until(() => rowsOf(app).find((row) => row.crashCount === 2 && row.state === 'crashed'));
  assert.deepEqual(ports.routeOf(app.id)?.dynos[0]?.id, old?.id);
  assert.equal(await get(old?.port ?? 0), 'one');
  const texts = ports.texts();
  assert.ok(texts.some((text) => text.startsWith('heroku[web.1]: Release v3 has not come up;')));
  assert.ok(texts.includes('heroku[web.1]: Process exited with status 7'));
  assert.ok(texts.includes('heroku[web.1]: State changed from starting to crashed'));
  ports.appsById.set(app.id, { ...app, release: { id: release('three'), version: 4 } });
  begin().onChange(app.id);
  await ports.until(() => ports.routeOf(app.id)?.dynos.some((dyno) => dyno.id !== old?.id));
  await untilUp(app, 1);
});

test('a killed dyno leaves the route and is restarted at once', async () => {
  const app = wish({ quantity: 2 });
  await begin().start();
  const [first] = (await untilUp(app, 2)).dynos;
  process.kill(await pidOf(first?.id), 'SIGKILL');
  await ports.until(() => ports.routeOf(app.id)?.dynos.length === 1);
  const again = await untilUp(app, 2);
  assert.ok(again.dynos.every((dyno) => dyno.id !== first?.id));
  assert.ok(ports.texts().some((text) => text.endsWith('State changed from up to crashed')));
});

test('scaling adds and removes dynos, and zero leaves the app idle', async () => {
  const app = wish();
  await begin().start();
  await untilUp(app, 1);
  for (const quantity of [3, 1]) {
    ports.appsById.set(app.id, { ...app, formation: [{ type: 'web', quantity, size: 'Basic' }] });
    begin().onChange(app.id);
    await untilUp(app, quantity);
  }
  ports.appsById.set(app.id, { ...app, formation: [{ type: 'web', quantity: 0, size: 'Basic' }] });
  begin().onChange(app.id);
  await ports.until(() => rowsOf(app).length === 0);
  assert.deepEqual(ports.routeOf(app.id), { state: 'idle', dynos: [] });
  assert.ok(ports.texts().includes('heroku[web.1]: State changed from up to down'));
});

test('a dyno that never binds its port is killed with R10 and counts as crashed', async () => {
  const app = wish({ processTypes: { web: 'sleep 1000' } });
  await begin({ bootMs: 200 }).start();
  await ports.until(() => ports.routeOf(app.id)?.state === 'crashed');
  const texts = ports.texts();
  const at = texts.findIndex((text) =>
    text.startsWith('heroku[web.1]: Error R10 (Boot timeout) -> Web process failed to bind'),
  );
  assert.deepEqual(texts.slice(at + 1, at + 4), [
    'heroku[web.1]: Stopping process with SIGKILL',
    'heroku[web.1]: Process exited with status 137',
    'heroku[web.1]: State changed from starting to crashed',
  ]);
});

test('a dyno that ignores SIGTERM is killed with R12', async () => {
  const app = wish({
    processTypes: { worker: "trap '' TERM; echo deaf; while :; do sleep 1; done" },
    formation: [{ type: 'worker', quantity: 1, size: 'Basic' }],
  });
  await begin({ stopMs: 100 }).start();
  await untilLine('app[worker.1]: deaf');
  ports.appsById.delete(app.id);
  begin().onChange(app.id);
  await ports.until(() => rowsOf(app).length === 0);
  const texts = ports.texts();
  assert.ok(
    texts.some((text) => text.startsWith('heroku[worker.1]: Error R12 (Exit timeout) -> At least one process')),
  );
  assert.ok(texts.includes('heroku[worker.1]: Process exited with status 137'));
});

test('a restart brings the new dyno up first; a stop stops first', async () => {
  const app = wish();
  await begin().start();
  for (const retire of ['restart', 'stop'] as const) {
    const old = (await untilUp(app, 1)).dynos[0];
    if (old === undefined) throw new Error('Expected a dyno.');
    ports.lines.length = 0;
    ports.change(old.id, { retire });
    begin().onChange(app.id);
    await ports.until(() => !ports.rowsById.has(old.id));
    await untilUp(app, 1);
    const texts = ports.texts();
    const stopped = texts.indexOf('heroku[web.1]: Stopping all processes with SIGTERM');
    const started = texts.indexOf('heroku[web.1]: State changed from starting to up');
    assert.equal(started < stopped, retire === 'restart');
  }
});

test('a later reconciler adopts the dynos that run, with the same processes and no line twice', async () => {
  const app = wish();
  await begin().start();
  const before = (await untilUp(app, 1)).dynos[0];
  await untilLine('app[web.1]: listening one');
  const pid = await pidOf(before?.id);
  await reconciler?.close();
  // As after a kill between the log's write and the store's.
  if (before !== undefined) ports.change(before.id, { outputPosition: undefined });
  await driver[Symbol.asyncDispose]();
  driver = await ProcessDriver.open({ folder: join(root, 'dynos') });
  reconciler = undefined;
  ports.published.length = 0;
  await begin().start();
  assert.deepEqual(ports.routeOf(app.id)?.dynos, [before]);
  assert.equal(await pidOf(before?.id), pid);
  assert.equal(ports.texts().filter((text) => text.endsWith('listening one')).length, 1);
});

test('a process without a row is removed, a row without a process gets one', async () => {
  const app = wish();
  await begin().start();
  const id = (await untilUp(app, 1)).dynos[0]?.id;
  await reconciler?.close();
  reconciler = undefined;
  const row = rowsOf(app)[0];
  ports.rowsById.clear();
  if (row !== undefined) ports.rowsById.set(row.id, { ...row, id: randomUUID() as DynoId });
  await begin({ passMs: 50 }).start();
  const { dynos } = await untilUp(app, 1);
  assert.notEqual(dynos[0]?.id, id);
  while ((await driver.list()).some((status) => status.id === id)) await new Promise(setImmediate);
});

test('a detached one-off dyno runs once and is gone', async () => {
  const app = wish({ formation: [] });
  await begin().start();
  const row: DynoRow = {
    id: randomUUID() as DynoId,
    appId: app.id,
    releaseId: app.release?.id ?? (randomUUID() as ReleaseId),
    releaseVersion: 2,
    kind: 'run',
    type: 'run',
    ordinal: 4321,
    size: 'Basic',
    command: 'echo "$NAME $EXTRA $DYNO"; printf unfinished; exit 3',
    state: 'starting',
    attached: false,
    env: { EXTRA: 'more' },
    crashCount: 0,
  };
  await ports.rows.insert(row);
  begin().onChange(app.id);
  await ports.until(() => !ports.rowsById.has(row.id));
  assert.deepEqual(ports.texts().slice(-5).toSorted(), [
    'app[run.4321]: one more run.4321',
    'app[run.4321]: unfinished',
    'heroku[run.4321]: Process exited with status 3',
    'heroku[run.4321]: State changed from starting to up',
    'heroku[run.4321]: State changed from up to complete',
  ]);
});

test('dynos whose stop was noted while nobody looked come back, and none is told to have crashed', async () => {
  const app = wish();
  await begin().start();
  await untilUp(app, 1);
  await reconciler?.close();
  reconciler = undefined;
  for (const { id } of rowsOf(app)) ports.change(id, { state: 'stopping' });
  await endDynos(driver, 'SIGTERM');
  const before = rowsOf(app).map(({ id }) => id);
  await begin().start();
  await ports.until(() => rowsOf(app).some(({ id, state }) => state === 'up' && !before.includes(id)));
  assert.ok(ports.texts().includes('heroku[web.1]: State changed from up to down'));
  assert.ok(!ports.texts().some((text) => text.includes('crashed')));
});
