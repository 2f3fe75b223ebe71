import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import type { AppId, DynoId } from '../../../domain/ids.ts';
import { execInContainer } from '../../../engine/containers.ts';
import type { Engine } from '../../../engine/engine.ts';
import { stackImage, testEngine } from '../../../engine/testing/test-engine.ts';
import { awaitPort } from '../../await-port.ts';
import type { DynoSpec } from '../../driver.ts';
import { clearDynos } from '../../end-dynos.ts';
import { collect } from '../case-streams.ts';
import { DockerDriver } from './docker-driver.ts';
import { containerName } from './dyno-labels.ts';

const never = new AbortController().signal;
const mb = 1024 * 1024;

suite('the docker driver where the bridge can not be reached', () => {
  const platform = `test${randomBytes(4).toString('hex')}`;
  let engine: Engine;
  let driver: DockerDriver;
  let root: string;

  const open = (reach: 'bridge' | 'loopback') =>
    DockerDriver.open({ engine, platform, folder: join(root, 'dynos'), stackImage, reach });
  before(async () => {
    engine = await testEngine();
    root = await mkdtemp(join(tmpdir(), 'docker-loopback-'));
    driver = await open('loopback');
  });
  afterEach(() => clearDynos(driver));
  after(async () => {
    await driver[Symbol.asyncDispose]();
    engine[Symbol.dispose]();
    await rm(root, { recursive: true, force: true });
  });

  /** Says its name to whoever connects, once the file /tmp/go is there. */
  const server = (name: string): DynoSpec => ({
    id: randomUUID() as DynoId,
    appId: randomUUID() as AppId,
    name,
    command: `while [ ! -e /tmp/go ]; do sleep 0.02; done; exec python3 -c "
import os, socket
server = socket.create_server(('', int(os.environ['PORT'])))
while True:
    client = server.accept()[0]
    if client.recv(1): client.sendall(b'${name}')
    client.close()"`,
    artifact: { kind: 'image', image: stackImage },
    env: {},
    memoryBytes: 256 * mb,
    maxProcesses: 64,
    cpuShares: 1024,
    uid: 200_021,
    port: true,
  });
  const letGo = (one: DynoSpec) => execInContainer(engine, containerName(one.id), ['touch', '/tmp/go']);
  const answer = async (host: string, port: number): Promise<string> => {
    const socket = connect({ host, port });
    socket.write('?');
    return (await collect(socket)).toString();
  };

  test('a dyno is reached at a port of 127.0.0.1 of its own, and at no other address', async () => {
    const [one, two] = [server('one'), server('two')];
    const [a, b] = [await driver.start(one, never), await driver.start(two, never)];
    assert.ok(a.address !== undefined && b.address !== undefined);
    assert.equal(a.address.host, '127.0.0.1');
    for (const [spec, { address }] of [
      [one, a],
      [two, b],
    ] as const) {
      await letGo(spec);
      assert.ok(address !== undefined && (await awaitPort(address, never)));
      assert.equal(await answer(address.host, address.port), spec.name);
    }
    await assert.rejects(once(connect({ host: '127.0.0.2', port: a.address.port }), 'connect'), /ECONNREFUSED/);
  });

  test('a port that only the engine accepts connections on is not taken for an app that is up', async () => {
    const one = server('one');
    const { address } = await driver.start(one, never);
    assert.ok(address !== undefined);
    let isUp = false;
    const up = awaitPort(address, never).then((yes) => {
      isUp = yes;
    });
    for (let tries = 0; tries < 3; tries += 1) assert.deepEqual(await collect(connect(address)), Buffer.of());
    assert.equal(isUp, false);
    await letGo(one);
    await up;
    assert.equal(await answer(address.host, address.port), 'one');
  });

  test('a later driver finds it at the same address, also one that reaches the bridge', async () => {
    const started = await driver.start(server('one'), never);
    for (const reach of ['loopback', 'bridge'] as const) {
      await driver[Symbol.asyncDispose]();
      driver = await open(reach);
      assert.deepEqual(await driver.list(), [started]);
    }
  });
});
