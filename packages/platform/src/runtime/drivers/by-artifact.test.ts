import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { AppId, DynoId } from '../../domain/ids.ts';
import { connectEngine } from '../../engine/connect-engine.ts';
import type { Engine } from '../../engine/engine.ts';
import { EngineRelay } from '../../engine/testing/engine-relay.ts';
import { stackImage, testEngineHost } from '../../engine/testing/test-engine.ts';
import type { DynoSpec } from '../driver.ts';
import { DriverError, DriverUnavailable } from '../driver-error.ts';
import { clearDynos } from '../end-dynos.ts';
import { DriverByArtifact } from './by-artifact.ts';
import { attachedTo, collect, readUntil } from './case-streams.ts';
import { DockerDriver } from './docker/docker-driver.ts';
import { rememberedDynos } from './docker/remembered-dynos.ts';
import { LateDriver } from './late-driver.ts';
import { ProcessDriver } from './process/process-driver.ts';

const never = new AbortController().signal;
const mb = 1024 * 1024;
const platform = `test${randomBytes(4).toString('hex')}`;

let root: string;
let relay: EngineRelay;
let engine: Engine;
let processes: ProcessDriver;
let containers: DockerDriver;
let both: DriverByArtifact;
let faults: unknown[];

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'by-artifact-'));
  await chmod(root, 0o711);
  await mkdir(join(root, 'slug'));
  relay = await EngineRelay.make(await testEngineHost());
  await relay.open();
  engine = await connectEngine({ host: relay.host });
  processes = await ProcessDriver.open({ folder: join(root, 'dynos') });
  containers = await DockerDriver.open({ engine, platform, folder: join(root, 'containers'), stackImage });
});
beforeEach(() => {
  faults = [];
  both = new DriverByArtifact({ slug: processes, image: containers }, { onFault: (fault) => faults.push(fault) });
});
afterEach(async () => {
  for (const driver of [processes, containers]) await clearDynos(driver);
});
after(async () => {
  await processes[Symbol.asyncDispose]();
  await containers[Symbol.asyncDispose]();
  engine[Symbol.dispose]();
  await relay[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const spec = (kind: 'slug' | 'image', command: string): DynoSpec => ({
  id: randomUUID() as DynoId,
  appId: randomUUID() as AppId,
  name: 'web.1',
  command,
  artifact: kind === 'slug' ? { kind, folder: join(root, 'slug') } : { kind: 'image', image: 'debian:bookworm-slim' },
  env: {},
  memoryBytes: 256 * mb,
  maxProcesses: 64,
  cpuShares: 1024,
  uid: 200_031,
  port: false,
});
const idsOf = (statuses: readonly { readonly id: DynoId }[]): readonly DynoId[] => statuses.map(({ id }) => id).sort();

test('a dyno is run by the driver of its artifact, and whatever is asked of it goes there', async () => {
  const [slug, image] = [spec('slug', 'echo ready; exec sleep 1000'), spec('image', 'echo ready; exec sleep 1000')];
  for (const one of [slug, image]) await both.start(one, never);
  assert.deepEqual(idsOf(await processes.list()), [slug.id]);
  assert.deepEqual(idsOf(await containers.list()), [image.id]);
  assert.deepEqual(idsOf(await both.list()), [slug.id, image.id].sort());
  for (const { id } of [slug, image]) {
    assert.equal(await readUntil(both.output(id, undefined, never), 'ready\n'), 'ready\n');
    assert.ok((await both.usage()).has(id));
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    const stop = both.onExit((which) => which === id && resolve());
    await both.kill(id, 'SIGKILL');
    await exited;
    stop();
    await both.remove(id);
  }
  assert.deepEqual(await both.list(), []);
});

test('an attached dyno is run by the driver of its artifact', async () => {
  for (const [kind, folder] of [
    ['slug', join(root, 'dynos')],
    ['image', '/'],
  ] as const) {
    const { stream, output } = attachedTo('');
    assert.equal(await both.runAttached(spec(kind, 'pwd; exit 4'), stream, undefined, never), 4);
    assert.ok(output().startsWith(folder), output());
  }
});

test('a driver that can not list is taken to run what it ran, and the others are looked after', async () => {
  const [slug, early, late, gone] = [
    spec('slug', 'sleep 1000'),
    spec('image', 'sleep 1000'),
    spec('image', 'sleep 1000'),
    spec('image', 'true'),
  ];
  for (const one of [early, gone]) await both.start(one, never);
  await collect(both.output(gone.id, undefined, never));
  const before = await both.list();
  assert.deepEqual(idsOf(before), [early.id, gone.id].sort());
  await both.start(late, never);
  await both.remove(gone.id);
  await relay.close();
  try {
    await both.start(slug, never);
    assert.deepEqual(idsOf(await both.list()), [slug.id, early.id, late.id].sort());
    assert.equal(faults.length, 1);
    await assert.rejects(both.start(spec('image', 'true'), never), DriverUnavailable);
  } finally {
    await relay.open();
  }
  assert.deepEqual(idsOf(await both.list()), [slug.id, early.id, late.id].sort());
  assert.equal(faults.length, 1);
});

test('dynos of a driver that starts none any more are looked after until they end', async () => {
  const old = spec('slug', 'echo ready; exec sleep 1000');
  await both.start(old, never);
  const later = new DriverByArtifact(
    { slug: containers, image: containers },
    { others: [processes], onFault: assert.ifError },
  );
  assert.deepEqual(idsOf(await later.list()), [old.id]);
  for await (const { bytes } of later.output(old.id, undefined, never)) if (bytes.includes('ready')) break;
  await later.kill(old.id, 'SIGKILL');
  assert.equal((await collect(later.output(old.id, undefined, never))).toString(), 'ready\n');
  await later.remove(old.id);
  assert.deepEqual(await later.list(), []);
});

test('an artifact that no driver runs is refused', async () => {
  const slugsOnly = new DriverByArtifact({ slug: processes }, { onFault: assert.ifError });
  await assert.rejects(async () => slugsOnly.start(spec('image', 'true'), never), DriverError);
});

test('a driver that comes late: its dynos count as running till then, and are its own from then on', async () => {
  const one = spec('image', 'echo ready; sleep 1000; exit 5');
  const status = await containers.start(one, never);
  const folder = join(root, 'containers');
  await using late = new LateDriver({ name: 'docker', remembered: () => rememberedDynos(folder), absence: 'None.' });
  assert.deepEqual(await late.list(), [status]);
  const { promise: exited, resolve } = Promise.withResolvers<DynoId>();
  late.onExit(resolve);
  const reading = readUntil(late.output(one.id, undefined, never), 'ready\n');
  await assert.rejects(late.start(spec('image', 'true'), never), DriverUnavailable);
  await assert.rejects(late.kill(one.id, 'SIGKILL'), DriverUnavailable);
  late.arrive(containers);
  assert.equal(await reading, 'ready\n');
  assert.deepEqual(await late.list(), [status]);
  await late.kill(one.id, 'SIGKILL');
  assert.equal(await exited, one.id);
  await collect(late.output(one.id, undefined, never));
  await late.remove(one.id);
  assert.deepEqual(await rememberedDynos(folder), []);
});
