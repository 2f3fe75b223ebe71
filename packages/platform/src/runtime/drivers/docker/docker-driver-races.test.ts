import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { AppId, DynoId } from '../../../domain/ids.ts';
import { connectEngine } from '../../../engine/connect-engine.ts';
import { listContainers, removeContainer } from '../../../engine/containers.ts';
import type { Engine } from '../../../engine/engine.ts';
import { listNetworks, removeNetwork } from '../../../engine/networks.ts';
import { RequestTap } from '../../../engine/testing/request-tap.ts';
import { testEngineHost } from '../../../engine/testing/test-engine.ts';
import type { DynoSpec } from '../../driver.ts';
import { DriverError } from '../../driver-error.ts';
import { attachedTo } from '../case-streams.ts';
import { DockerDriver } from './docker-driver.ts';
import { containerName, networkName } from './dyno-labels.ts';

const never = new AbortController().signal;

suite('the docker driver when things happen at the worst moment', () => {
  const platform = `test${randomBytes(4).toString('hex')}`;
  const labels = { 'ravine.platform': platform };
  let folder: string;
  let tap: RequestTap;
  /** Of the driver, by way of the tap. */
  let tapped: Engine;
  let engine: Engine;
  let driver: DockerDriver;

  before(async () => {
    const host = await testEngineHost();
    folder = await mkdtemp(join(tmpdir(), 'docker-races-'));
    tap = await RequestTap.open(host);
    engine = await connectEngine({ host });
    tapped = await connectEngine({ host: tap.host });
    driver = await DockerDriver.open({ engine: tapped, platform, folder, stackImage: 'none' });
  });
  after(async () => {
    await driver[Symbol.asyncDispose]();
    tapped[Symbol.dispose]();
    await tap[Symbol.asyncDispose]();
    engine[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const spec = (command: string): DynoSpec => ({
    id: randomUUID() as DynoId,
    appId: randomUUID() as AppId,
    name: 'release.7',
    command,
    artifact: { kind: 'image', image: 'debian:bookworm-slim' },
    env: {},
    memoryBytes: 64 * 1024 * 1024,
    maxProcesses: 64,
    cpuShares: 1024,
    uid: 200_022,
    port: false,
  });
  const assertNothingStays = async (): Promise<void> => {
    assert.deepEqual(await listContainers(engine, labels), []);
    assert.deepEqual(await listNetworks(engine, labels), []);
  };

  test('a start that is given up while the engine makes the container leaves none', async () => {
    const giveUp = new AbortController();
    const made = tap.next(/^POST \S+\/containers\/create/, () => giveUp.abort());
    await assert.rejects(driver.start(spec('sleep 1000'), giveUp.signal), { name: 'AbortError' });
    await made;
    await assertNothingStays();
  });

  test("an attached dyno starts also where the app's last other dyno takes the network with it", async () => {
    const one = spec('echo up');
    const { stream, output } = attachedTo('');
    void tap.next(/^POST \S+\/attach/, () => removeNetwork(engine, networkName(platform, one.appId)));
    assert.equal(await driver.runAttached(one, stream, undefined, never), 0, output());
    assert.equal(output(), 'up\n');
    await assertNothingStays();
  });

  test('files of a release command that can not be kept are told as such, not as a dyno that could not be started', async () => {
    const { stream } = attachedTo('');
    const one = spec('echo kept > /kept');
    void tap.next(/^POST \S+\/commit/, () => removeContainer(engine, containerName(one.id)));
    await assert.rejects(driver.runKept(one, stream, never), (error) => {
      assert.ok(error instanceof DriverError);
      assert.match(error.message, /^What release\.7 wrote to its files could not be kept: .*no such container/i);
      return true;
    });
    await assertNothingStays();
  });
});
