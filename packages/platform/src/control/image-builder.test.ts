import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, suite, test } from 'node:test';
import { BuildFailed } from '../build/build-failed.ts';
import { ImageBuildFailed } from '../engine/build-image.ts';
import { listContainers } from '../engine/containers.ts';
import type { Engine } from '../engine/engine.ts';
import { collectImages } from '../engine/images.ts';
import { testEngine } from '../engine/testing/test-engine.ts';
import { explainImageFailure } from './explain-image-failure.ts';
import { imageBuilder } from './image-builder.ts';
import type { ImageRequest } from './make-images.ts';

const never = new AbortController().signal;
const limits = { memoryBytes: 1024 ** 3, cpuShares: 128 };

suite("building an app's images on a real engine", () => {
  const platform = `test${randomBytes(4).toString('hex')}`;
  const labels = { 'ravine.platform': platform };
  let engine: Engine;
  let context: string;
  before(async () => {
    engine = await testEngine();
    context = await mkdtemp(join(tmpdir(), 'image-builder-'));
  });
  after(async () => {
    await collectImages(engine, labels, new Set(), 0);
    engine[Symbol.dispose]();
    await rm(context, { recursive: true, force: true });
  });

  const builder = () => imageBuilder({ engine, platform, limits, limited: true, onEnd: () => {} });
  /** Calls back with all that the build has said so far. */
  const request = async (steps: string, change: Partial<ImageRequest>, heard: (said: string) => void) => {
    await writeFile(join(context, 'Dockerfile'), `FROM debian:bookworm-slim\n${steps}\n`);
    let said = '';
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        said += chunk.toString();
        heard(said);
        done();
      },
    });
    const time = { limitMs: 900_000, over: never };
    return { context, dockerfile: 'Dockerfile', buildArgs: {}, output, signal: never, time, ...change };
  };

  test('a build that takes longer than builds may ends with build_timeout, and nothing of it stays', async () => {
    const over = new AbortController();
    let words = '';
    const slow = await request(
      `RUN echo begun ${platform}; sleep 1000`,
      { time: { limitMs: 900_000, over: over.signal } },
      (said) => {
        words = said;
        if (said.includes(`\nbegun ${platform}\n`)) over.abort();
      },
    );
    await assert.rejects(builder().build(slow), (error) => {
      assert.ok(error instanceof BuildFailed);
      assert.equal(error.id, 'build_timeout');
      return true;
    });
    assert.match(words, / ! {5}The build took longer than 15 min and was stopped\.\n/);
    assert.match(words, / ! {5}Push failed\n/);
    assert.deepEqual(await listContainers(engine, labels), []);
    const filters = JSON.stringify({ label: [`ravine.platform=${platform}`] });
    assert.deepEqual(await engine.json('GET', '/images/json', { query: { filters } }), []);
  });

  test('images count as there when all of them are', async () => {
    const { image } = await builder().build(await request(`ENV N=${platform}`, {}, () => {}));
    assert.equal(await builder().hasAll({ web: image, worker: image }), true);
    assert.equal(await builder().hasAll({ web: image, worker: `sha256:${'0'.repeat(64)}` }), false);
  });
});

test('a build that was killed is told of its limit only where builds have one', () => {
  const killed = new ImageBuildFailed('The command `make` ended with status 137.', 137);
  const facts = { cancelled: never, time: { limitMs: 1, over: never }, diskFull: false, tail: '' };
  const limited = explainImageFailure(killed, { ...facts, memoryBytes: 1024 ** 3 });
  assert.equal(limited?.id, 'out_of_memory');
  assert.match(limited?.message ?? '', /more than its 1024 MB of memory/);
  const unlimited = explainImageFailure(killed, { ...facts, memoryBytes: undefined });
  assert.equal(unlimited?.id, 'image_failed');
  assert.match(unlimited?.message ?? '', /holds builds to no limit of their own/);
});
