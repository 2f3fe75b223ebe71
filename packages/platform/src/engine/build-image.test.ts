import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { buildImage, type ImageBuild, ImageBuildFailed } from './build-image.ts';
import { createContainer, listContainers } from './containers.ts';
import type { Engine } from './engine.ts';
import { collectImages, commitLayer, inspectImage, removeImage, tagImage } from './images.ts';
import { packContext } from './pack-context.ts';
import { testEngine } from './testing/test-engine.ts';

const never = new AbortController().signal;

suite('building images on a real engine', () => {
  const mark = `test${randomBytes(4).toString('hex')}`;
  const labels = { 'ravine.platform': mark };
  const tag = `${mark}:built`;
  let engine: Engine;
  let folder: string;

  before(async () => {
    engine = await testEngine();
    folder = await mkdtemp(join(tmpdir(), 'build-image-'));
  });
  after(async () => {
    await collectImages(engine, labels, new Set(), 0);
    engine[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const build = async (
    files: Readonly<Record<string, string>>,
    change: Partial<ImageBuild> = {},
    signal: AbortSignal = never,
    heard: (text: string) => void = () => {},
  ): Promise<{ id: string; said: string }> => {
    const context = await mkdtemp(join(folder, 'context-'));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(context, name)), { recursive: true });
      await writeFile(join(context, name), text);
    }
    await symlink('nowhere', join(context, 'link'));
    let said = '';
    const say = (text: string): void => {
      said += text;
      heard(said);
    };
    const dockerfile = change.dockerfile ?? 'Dockerfile';
    const id = await buildImage(
      engine,
      { context: packContext(context, dockerfile), dockerfile, labels, tag, ...change },
      say,
      signal,
    );
    return { id, said };
  };

  test('a build is told step by step, ends in an image with our labels, and the same tree gives the same image', async () => {
    const files = {
      Dockerfile: `FROM debian:bookworm-slim\nARG WHO\nCOPY . /app\nRUN ls /app && echo "hello $WHO" && echo problem >&2 # ${mark}\nCMD ["cat"]\n`,
      'greeting.txt': 'hi',
      'node_modules/left/out.js': 'x',
      'node_modules/kept.txt': 'x',
      [`${'deep/'.repeat(30)}end.txt`]: 'long path',
      '.dockerignore': 'node_modules\n!**/kept.txt\n',
    };
    const first = await build(files, { buildArgs: { WHO: 'world' } });
    assert.match(first.said, /^Step 1\/3 : FROM debian:bookworm-slim\n/);
    assert.match(first.said, /Step 3\/3 : RUN ls/);
    assert.match(first.said, /\nhello world\n/);
    assert.match(first.said, /\nproblem\n/);
    assert.match(first.said, /\ngreeting.txt\n/);
    assert.match(first.id, /^sha256:[0-9a-f]{64}$/);
    assert.equal((await inspectImage(engine, first.id))?.Config?.Labels?.['ravine.platform'], mark);
    const again = await build(files, { buildArgs: { WHO: 'world' } });
    assert.equal(again.id, first.id);
    assert.match(again.said, /RUN ls.*\n ---> Using cache\n/);
  });

  test('one stage of several is built when it is asked for, from a Dockerfile anywhere in the tree', async () => {
    const files = {
      'docker/web': `FROM debian:bookworm-slim AS one\nRUN echo ${mark} > /one\nFROM debian:bookworm-slim AS two\nRUN echo not this one; exit 1\n`,
      '.dockerignore': '*\n',
    };
    const { said } = await build(files, { dockerfile: 'docker/web', target: 'one' });
    assert.doesNotMatch(said, /not this one/);
  });

  test('a RUN that fails, a Dockerfile that can not be read and a base that is not there say so', async () => {
    const failing = build({ Dockerfile: `FROM debian:bookworm-slim\nRUN echo last words ${mark}; exit 3\n` });
    await assert.rejects(failing, (error) => {
      assert.ok(error instanceof ImageBuildFailed);
      assert.equal(error.message, `The command \`echo last words ${mark}; exit 3\` ended with status 3.`);
      return error.exitCode === 3;
    });
    await assert.rejects(build({ Dockerfile: 'FROM debian:bookworm-slim\nFLY away\n' }), /unknown instruction: FLY/);
    await assert.rejects(build({ Dockerfile: 'FROM localhost:1/no/such:image\n' }), ImageBuildFailed);
  });

  test('an abort ends the build in the engine', async () => {
    const stop = new AbortController();
    const files = { Dockerfile: `FROM debian:bookworm-slim\nRUN echo begun ${mark}; sleep 1000\n` };
    const heard = (said: string): void => {
      if (said.includes(`\nbegun ${mark}\n`)) stop.abort(new Error('cancelled'));
    };
    await assert.rejects(build(files, {}, stop.signal, heard), /cancelled/);
    assert.deepEqual(await listContainers(engine, labels), []);
  });

  test('images are collected by label: not those to be kept, not without our label', async () => {
    const [one, two] = [
      await build({ Dockerfile: `FROM debian:bookworm-slim\nENV N=1-${mark}\n` }, { tag: `${mark}:one` }),
      await build({ Dockerfile: `FROM debian:bookworm-slim\nENV N=2-${mark}\n` }, { tag: `${mark}:two` }),
    ];
    await tagImage(engine, one.id, `${mark}:again`);
    await collectImages(engine, labels, new Set([one.id, two.id]), 3600);
    assert.ok(await inspectImage(engine, two.id));
    await collectImages(engine, labels, new Set([two.id]), 0);
    assert.equal(await inspectImage(engine, one.id), undefined);
    assert.ok(await inspectImage(engine, two.id));
    assert.ok(await inspectImage(engine, 'debian:bookworm-slim'));
    await assert.rejects(collectImages(engine, {}, new Set(), 0), /labels/);
  });

  test('an image in use is left for a later time', async () => {
    const { id } = await build({ Dockerfile: `FROM debian:bookworm-slim\nENV N=3-${mark}\n` });
    const container = await createContainer(engine, `${mark}-user`, { Image: id, Cmd: ['true'] });
    await collectImages(engine, labels, new Set(), 0);
    assert.ok(await inspectImage(engine, id));
    assert.equal(await commitLayer(engine, container, id, `${mark}:kept`), undefined);
    await engine.json('DELETE', `/containers/${container}`);
    assert.equal(await removeImage(engine, id, true), true);
  });
});
