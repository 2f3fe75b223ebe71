import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { AppId, DynoId, ReleaseId } from '../domain/ids.ts';
import type { DynoStatus } from './driver.ts';
import { DriverUnavailable } from './driver-error.ts';
import { LateDriver } from './drivers/late-driver.ts';
import { ProcessDriver } from './drivers/process/process-driver.ts';
import { clearDynos } from './end-dynos.ts';
import { MemoryPorts } from './memory-ports.ts';
import type { DesiredApp, DynoRow } from './ports.ts';
import { Reconciler } from './reconciler.ts';

let root: string;
let processes: ProcessDriver;
let late: LateDriver;
let remembered: DynoStatus[];
let ports: MemoryPorts;
let reconciler: Reconciler;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'late-driver-'));
  await chmod(root, 0o711);
  await mkdir(join(root, 'slug'));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  processes = await ProcessDriver.open({ folder: join(root, 'dynos') });
  remembered = [];
  late = new LateDriver({ name: 'process', remembered: async () => remembered, absence: 'Nobody is there.' });
  ports = new MemoryPorts();
  reconciler = new Reconciler(late, ports, { passMs: 50 });
});
afterEach(async () => {
  await reconciler.close();
  await clearDynos(processes);
  await late[Symbol.asyncDispose]();
  await processes[Symbol.asyncDispose]();
  assert.ok(ports.faults.every((fault) => fault instanceof DriverUnavailable));
});

/** One worker is wanted. */
const wish = (): DesiredApp => {
  const id = randomUUID() as ReleaseId;
  ports.releasesById.set(id, { artifact: () => ({ kind: 'slug', folder: join(root, 'slug') }), env: {} });
  const app: DesiredApp = {
    id: randomUUID() as AppId,
    uid: 200_019,
    release: { id, version: 2 },
    processTypes: { worker: 'echo at work; exec sleep 1000' },
    formation: [{ type: 'worker', quantity: 1, size: 'Basic' }],
  };
  ports.appsById.set(app.id, app);
  return app;
};

/** A worker of before that is up, as the rows and the driver's memory have it. */
const runsSinceBefore = (app: DesiredApp): DynoId => {
  const id = randomUUID() as DynoId;
  const row: DynoRow = {
    id,
    appId: app.id,
    releaseId: app.release?.id ?? (randomUUID() as ReleaseId),
    releaseVersion: 2,
    kind: 'formation',
    type: 'worker',
    ordinal: 1,
    size: 'Basic',
    command: 'sleep 1000',
    state: 'up',
    attached: false,
    crashCount: 0,
  };
  ports.rowsById.set(id, row);
  const state = { kind: 'running', pid: process.pid, startedAtMs: Date.now() } as const;
  remembered.push({ id, appId: app.id, name: 'worker.1', state });
  return id;
};
const rows = (): readonly DynoRow[] => [...ports.rowsById.values()];

test('a dyno waits for a driver that is away: it says so once and does not crash', async () => {
  wish();
  await reconciler.start();
  await ports.until(() =>
    ports.texts().includes('heroku[worker.1]: Nobody is there. The dyno starts as soon as it does.'),
  );
  late.arrive(processes);
  await ports.until(() => ports.texts().includes('app[worker.1]: at work'));
  assert.equal(ports.texts().filter((text) => text.includes('Nobody is there')).length, 1);
  assert.ok(!ports.texts().some((text) => text.includes('crashed')));
  assert.deepEqual(
    rows().map(({ crashCount }) => crashCount),
    [0],
  );
});

test('a dyno from before counts as running while the driver is away, and is replaced when it turns out to be gone', async () => {
  const id = runsSinceBefore(wish());
  await reconciler.start();
  assert.deepEqual(
    rows().map((row) => [row.id, row.state]),
    [[id, 'up']],
  );
  late.arrive(processes);
  const fresh = await ports.until(() => rows().find((row) => row.id !== id && row.state === 'up'));
  await ports.until(() => ports.texts().includes('app[worker.1]: at work'));
  assert.deepEqual(
    (await processes.list()).map((status) => status.id),
    [fresh.id],
  );
});

test('a stop that was asked for while the driver is away is done when it is there', async () => {
  const app = wish();
  late.arrive(processes);
  await reconciler.start();
  await ports.until(() => rows().some((row) => row.state === 'up'));
  await reconciler.close();
  remembered = [...(await processes.list())];
  late = new LateDriver({ name: 'process', remembered: async () => remembered, absence: 'Nobody is there.' });
  reconciler = new Reconciler(late, ports, { passMs: 50 });
  await reconciler.start();
  ports.appsById.set(app.id, { ...app, formation: [] });
  reconciler.onChange(app.id);
  await ports.until(() => ports.faults.some((fault) => fault instanceof DriverUnavailable));
  late.arrive(processes);
  await ports.until(() => rows().length === 0);
  await ports.until(() => ports.texts().includes('heroku[worker.1]: Process exited with status 143'));
});
