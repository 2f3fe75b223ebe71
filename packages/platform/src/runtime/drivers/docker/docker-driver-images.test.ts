import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import type { AppId, DynoId } from '../../../domain/ids.ts';
import { buildImage } from '../../../engine/build-image.ts';
import { listContainers } from '../../../engine/containers.ts';
import type { Engine } from '../../../engine/engine.ts';
import { collectImages, inspectImage } from '../../../engine/images.ts';
import { hostGateway, listNetworks } from '../../../engine/networks.ts';
import { packContext } from '../../../engine/pack-context.ts';
import { stackImage, testEngine } from '../../../engine/testing/test-engine.ts';
import type { DynoSpec } from '../../driver.ts';
import { DriverError } from '../../driver-error.ts';
import { clearDynos } from '../../end-dynos.ts';
import { attachedTo, collect, readUntil } from '../case-streams.ts';
import { DockerDriver } from './docker-driver.ts';

const never = new AbortController().signal;
const mb = 1024 * 1024;

suite('the docker driver with images', () => {
  const platform = `test${randomBytes(4).toString('hex')}`;
  const labels = { 'ravine.platform': platform };
  const ports = { from: 30_000, to: 65_535 };
  let engine: Engine;
  let driver: DockerDriver;
  let root: string;

  before(async () => {
    engine = await testEngine();
    root = await mkdtemp(join(tmpdir(), 'docker-images-'));
    driver = await DockerDriver.open({ engine, platform, folder: join(root, 'dynos'), stackImage, hostPorts: [ports] });
  });
  afterEach(() => clearDynos(driver));
  after(async () => {
    await driver[Symbol.asyncDispose]();
    await collectImages(engine, labels, new Set(), 0);
    engine[Symbol.dispose]();
    await rm(root, { recursive: true, force: true });
  });

  const image = async (dockerfile: string): Promise<string> => {
    await writeFile(join(root, 'Dockerfile'), dockerfile);
    const context = packContext(root, 'Dockerfile');
    const request = { context, dockerfile: 'Dockerfile', labels, tag: `${platform}:latest` };
    return buildImage(engine, request, () => {}, never);
  };
  const spec = (from: string, command: string, change: Partial<DynoSpec> = {}): DynoSpec => ({
    id: randomUUID() as DynoId,
    appId: randomUUID() as AppId,
    name: 'web.1',
    command,
    artifact: { kind: 'image', image: from },
    env: { GREETING: "it's" },
    memoryBytes: 256 * mb,
    maxProcesses: 64,
    cpuShares: 1024,
    uid: 200_021,
    port: false,
    ...change,
  });
  const output = async (what: DynoSpec): Promise<string> => {
    await driver.start(what, never);
    return (await collect(driver.output(what.id, undefined, never))).toString();
  };

  test("a dyno without a command runs the image's own CMD, in its folder, with its env and ours", async () => {
    const id = await image(
      'FROM debian:bookworm-slim\nENV KEPT=kept\nWORKDIR /srv\nCMD echo "$KEPT $GREETING $PORT"; pwd; whoami\n',
    );
    const [words = '', folder, user] = (await output(spec(id, '', { port: true }))).split('\n');
    assert.match(words, /^kept it's 2\d{4}$/);
    assert.deepEqual([folder, user], ['/srv', 'root']);
  });

  test('a command goes through the shell of the image, behind its ENTRYPOINT', async () => {
    const id = await image(
      `FROM debian:bookworm-slim\nRUN printf '#!/bin/sh\\necho first\\nexec "$@"\\n' > /entry && chmod +x /entry\nENTRYPOINT ["/entry"]\nCMD ["false"]\n`,
    );
    assert.equal(await output(spec(id, 'echo "$GREETING" && echo problem >&2')), "first\nit's\nproblem\n");
  });

  test('a command has its own time after SIGTERM, also where the shell of the image waits beside it, and its status counts', async () => {
    const one = spec(
      'debian:bookworm-slim',
      `bash -c 'trap "sleep 0.3; echo done; exit 7" TERM; echo up; while :; do sleep 0.05; done'; echo not this`,
    );
    await driver.start(one, never);
    await readUntil(driver.output(one.id, undefined, never), 'up\n');
    await driver.kill(one.id, 'SIGTERM');
    assert.match((await collect(driver.output(one.id, undefined, never))).toString(), /^up\n(?:Terminated\n)?done\n$/);
    const state = (await driver.list()).find(({ id }) => id === one.id)?.state;
    assert.equal(state?.kind === 'exited' ? state.exitCode : state?.kind, 7);
  });

  test('root of the image has no capabilities, gains none, and is held to its size', async () => {
    const text = await output(
      spec('debian:bookworm-slim', 'cat /proc/self/status; df --output=size -B1 /tmp; touch /written && echo writable'),
    );
    assert.match(text, /CapBnd:\s+0{16}/);
    assert.match(text, /NoNewPrivs:\s+1/);
    assert.match(text, new RegExp(`\\n\\s*${256 * mb}\\n`));
    assert.match(text, /writable/);
  });

  test('what can not be started says why', async () => {
    const bare = await image('FROM scratch\nCOPY Dockerfile /\n');
    await assert.rejects(driver.start(spec(bare, ''), never), (error) => {
      assert.ok(error instanceof DriverError);
      assert.match(error.message, /no CMD/);
      return true;
    });
    await assert.rejects(driver.start(spec(`sha256:${'0'.repeat(64)}`, ''), never), /deploy the app again/);
    assert.deepEqual(await listContainers(engine, labels), []);
    assert.deepEqual(await listNetworks(engine, labels), []);
  });

  test('an image without a shell can not run a command, and says so in its output', async () => {
    const bare = await image('FROM scratch\nCOPY Dockerfile /\n');
    const one = spec(bare, 'echo');
    assert.match(await output(one), /exec.*No such file/);
    assert.equal((await driver.list()).find(({ id }) => id === one.id)?.state.kind, 'exited');
  });

  test('the files that a release command wrote are kept in one more layer, its env is not', async () => {
    const base = await image(
      'FROM debian:bookworm-slim\nENV KEPT=kept\nWORKDIR /srv\nCMD ["cat", "static/site.css"]\n',
    );
    const { stream, output: shown } = attachedTo('');
    const command =
      'test "$(echo "$SECRET" | wc -l)" = 2 && mkdir static && echo "$GREETING" > static/site.css && echo collected';
    const release = spec(base, command, { name: 'release.2', env: { GREETING: "it's", SECRET: 'two\nlines' } });
    const { exitCode, image: kept } = await driver.runKept(release, stream, never);
    assert.equal(exitCode, 0, shown());
    assert.equal(shown(), 'collected\n');
    const [before, after] = [await inspectImage(engine, base), await inspectImage(engine, kept)];
    assert.notEqual(kept, base);
    assert.deepEqual(after?.Config?.Env, before?.Config?.Env);
    assert.deepEqual(after?.Config?.Cmd, before?.Config?.Cmd);
    assert.doesNotMatch(JSON.stringify(await engine.json('GET', `/images/${kept}/json`)), /two\Wn?lines/);
    const web = spec(kept, '');
    assert.equal(await output(web), "it's\n");
    assert.ok((await driver.list()).some(({ id }) => id === web.id));
  });

  test('a release command that fails or writes nothing leaves the image as it is', async () => {
    for (const [command, code] of [
      ['echo half > /half; exit 4', 4],
      ['true', 0],
    ] as const) {
      const { stream } = attachedTo('');
      const { exitCode, image: kept } = await driver.runKept(spec('debian:bookworm-slim', command), stream, never);
      assert.deepEqual([exitCode, kept], [code, 'debian:bookworm-slim']);
    }
  });

  test('what listens on this machine for add-ons is reached where config vars say localhost', async () => {
    const gateway = await hostGateway(engine);
    assert.ok(gateway !== undefined);
    const server = createServer((socket) => socket.end('from the host\n')).listen(0, gateway);
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const env = { DATABASE_URL: `postgres://u:p@localhost:${address.port}/d`, OWN: 'http://localhost:8000/' };
    const command = `echo "$OWN"; at=\${DATABASE_URL#*@}; at=\${at%/*}; exec bash -c 'cat < /dev/tcp/'"\${at%:*}/\${at#*:}"`;
    try {
      assert.equal(
        await output(spec('debian:bookworm-slim', command, { env })),
        'http://localhost:8000/\nfrom the host\n',
      );
    } finally {
      server.close();
    }
  });

  test('dynos of one app share a network that goes with the last of them', async () => {
    const appId = randomUUID() as AppId;
    const [one, two] = [
      spec('debian:bookworm-slim', 'sleep 1000', { appId }),
      spec('debian:bookworm-slim', 'echo up', { appId }),
    ];
    await driver.start(one, never);
    await output(two);
    await driver.remove(two.id);
    assert.equal((await listNetworks(engine, labels)).length, 1);
    await driver.kill(one.id, 'SIGTERM');
    await readUntil(driver.output(one.id, undefined, never), '').catch(() => undefined);
    await collect(driver.output(one.id, undefined, never));
    await driver.remove(one.id);
    assert.deepEqual(await listNetworks(engine, labels), []);
  });
});
