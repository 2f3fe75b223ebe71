import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine, inEngine, removeImages } from '../scripts/platform-in-engine.ts';
import { startPlatform } from './harness/platform.ts';
import { newProject, type Project } from './harness/project.ts';
import { assertSaid, assertWaited, steady } from './harness/said.ts';
import { visit } from './harness/visit.ts';

const platform = await startPlatform({ DOCKER_HOST: ensureEngine(), RAVINE_ENGINE: 'auto' });
after(async () => {
  await platform[Symbol.asyncDispose]();
  await clearEngine(platform.dataFolder);
});
const shell = await platform.loggedIn('ann');
const shop = await newProject(shell, 'shop');
const example = join(import.meta.dirname, '..', 'examples', 'django-bookstore');
const askEveryMs = 50;

/** The last stage is not the one that heroku.yml asks for, and could not be built. */
const webDockerfile = `FROM python:3-slim AS shop
ENV PATH=/opt/shop/bin:$PATH LANG=de_AT.UTF-8
RUN mkdir -p /opt/shop/bin && printf '#!/bin/sh\\nexec python3 -m http.server "$PORT"\\n' > /opt/shop/bin/serve-shop && chmod +x /opt/shop/bin/serve-shop
WORKDIR /srv
COPY version .
CMD ["serve-shop"]
FROM shop AS tests
RUN echo not this one; exit 1
`;
const workerDockerfile = 'FROM python:3-slim\nCOPY job /job\nCMD ["cat", "/job"]\n';
const herokuYml = (release: string): string => `build:
  docker:
    web:
      dockerfile: Dockerfile
      target: shop
    worker: worker/Dockerfile
release:
  image: web
  command:
    - ${release}
run:
  worker: echo "at work on $(cat /job)" && exec sleep 1000
`;
const collect = 'mkdir collected && echo "$(cat version), $LANG" > collected/page';

interface ReleaseFacts {
  readonly version: number;
  readonly description: string;
  readonly slug: { readonly id: string };
  readonly oci_image: { readonly id: string; readonly digests: Readonly<Record<string, string>> } | null;
}
const release = async (version: string): Promise<ReleaseFacts> => {
  const { stdout, stderr } = await shop.heroku('releases:info', version, '--json');
  assert.notEqual(stdout, '', stderr);
  // Cast: what the Platform API says of a release.
  return JSON.parse(stdout) as ReleaseFacts;
};
const push = async ({ git }: Project): Promise<string> => {
  const { stderr, status } = await git('push', 'heroku', 'main');
  assert.equal(status, 0, stderr);
  return steady(stderr);
};
/** Resolves when the app shows this page, which its release command has written. */
const shows = async (page: string): Promise<void> => {
  while ((await visit(platform, 'shop', '/collected/page').catch(() => undefined))?.body !== `${page}\n`)
    await sleep(askEveryMs);
};

test("web, worker and release phase from two Dockerfiles, one with a target: all are built, and keep their images' own PATH and LANG", async () => {
  assert.equal((await shop.heroku('create', 'shop')).status, 0);
  assert.equal((await shop.heroku('stack:set', 'container')).status, 0);
  await shop.commit({
    Dockerfile: webDockerfile,
    version: 'first',
    'worker/Dockerfile': workerDockerfile,
    'worker/job': 'letters',
    'heroku.yml': herokuYml(collect),
  });
  const said = await push(shop);
  assert.match(said, /=== Building web \(Dockerfile\)\n[\s\S]*=== Building worker \(worker\/Dockerfile\)\n/);
  assert.doesNotMatch(said, /not this one/);
  assertWaited(await shop.heroku('ps:wait'));
  await shows('first, de_AT.UTF-8');
});

test('`heroku ps:scale worker=1` starts the worker from its own image', async () => {
  const log = shell.start('heroku', ['logs', '--tail', '-a', 'shop']);
  assertSaid(await shop.heroku('ps:scale', 'worker=1'), {
    stderr: 'Scaling dynos... done, now running worker at 1:Basic',
  });
  await log.prints(/app\[worker\.1\]: at work on letters/);
  await log.stop();
});

test('a failed release phase leaves the worker and its scale as they are', async () => {
  await shop.commit({
    'heroku.yml': herokuYml('exit 5')
      .replace(/ {4}worker: .*\n/, '')
      .replace(/run:\n {2}worker: .*\n/, ''),
  });
  const { status } = await shop.git('push', 'heroku', 'main');
  assert.equal(status, 1);
  assert.match((await shop.heroku('ps')).stdout, /=== worker \(Basic\): .*\n\n?worker\.1: up /);
});

test('a rollback builds nothing: the images of the old release run again, with the files of its release phase', async () => {
  await shop.commit({ version: 'second', 'heroku.yml': herokuYml(collect) });
  await push(shop);
  await shows('second, de_AT.UTF-8');
  assertSaid(await shop.heroku('rollback', 'v3'), {
    stdout: 'Running release command...',
    stderr:
      "Rolling back shop to v3... done, v6\n› Warning: Rollback affects code and config vars; it doesn't add or remove addons. Warning: To undo, run: heroku rollback v5",
  });
  await shows('first, de_AT.UTF-8');
  const [old, between, back] = [await release('v3'), await release('v5'), await release('v6')];
  assert.equal(back.description, 'Rollback to v3');
  assert.equal(back.slug.id, old.slug.id);
  assert.match(back.oci_image?.digests.worker ?? '', /^sha256:[0-9a-f]{64}$/);
  assert.equal(back.oci_image?.digests.worker, old.oci_image?.digests.worker);
  assert.notEqual(back.oci_image?.digests.web, between.oci_image?.digests.web);
});

test("after the engine has lost the app's images, the next push builds them again", async () => {
  assert.equal((await shop.heroku('ps:scale', 'web=0', 'worker=0')).status, 0);
  while ((await inEngine(platform.dataFolder)).containers.length > 0) await sleep(askEveryMs);
  await removeImages(platform.dataFolder);
  assert.equal((await shop.git('commit', '--allow-empty', '--quiet', '--message', 'Again')).status, 0);
  assert.match(await push(shop), /=== Building web \(Dockerfile\)\n/);
  assert.equal((await shop.heroku('ps:scale', 'web=1')).status, 0);
  await shows('second, de_AT.UTF-8');
});

test('an app that is destroyed in the middle of its release phase takes that with it, and no container, network or image stays', async () => {
  await shop.commit({ 'heroku.yml': herokuYml('echo begun && exec sleep 1000') });
  const pushing = shell.start('sh', ['-c', `cd ${shop.folder} && exec git push heroku main 2>&1`]);
  await pushing.prints(/^remote: begun *$/m);
  assert.equal((await shop.heroku('apps:destroy', '--confirm', 'shop')).status, 0);
  const { status } = await pushing.ended;
  assert.notEqual(status, 0);
  for (;;) {
    const { containers, networks, images } = await inEngine(platform.dataFolder);
    if (containers.length + networks.length + images.length === 0) return;
    await sleep(askEveryMs);
  }
});

test("the Django bookstore's own tests run in a push whose heroku.yml builds their stage, and refuse it when one fails", async () => {
  const books = await newProject(shell, 'books');
  await cp(example, books.folder, { recursive: true, filter: (path) => basename(path) !== '__pycache__' });
  const ready = await readFile(join(example, 'heroku.yml'), 'utf8');
  const withTests = ready.replace(
    /^ {4}web: Dockerfile\n/m,
    '$&    tests:\n      dockerfile: Dockerfile\n      target: test\n',
  );
  assert.notEqual(withTests, ready);
  // Neither a database nor a release phase is what this is about.
  await writeFile(
    join(books.folder, 'heroku.yml'),
    withTests.replace(/^setup:\n(?: .*\n)+/m, '').replace(/^release:\n(?: .*\n)+/m, ''),
  );
  // An engine that has seen this very source would take its tests for done.
  await books.commit({ 'pages/run.txt': randomUUID() });
  assert.equal((await books.heroku('create', 'books')).status, 0);
  assert.equal((await books.heroku('stack:set', 'container')).status, 0);
  const { stderr, status } = await books.git('push', 'heroku', 'main');
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^remote: Ran [1-9]\d* tests in /m);
  assert.match(stderr, /^remote: OK/m);
  await books.commit({ 'pages/views.py': 'raise RuntimeError("torn page")\n' });
  const broken = await books.git('push', 'heroku', 'main');
  assert.equal(broken.status, 1);
  assert.match(broken.stderr, /RuntimeError: torn page/);
  assert.match(broken.stderr, /Push failed/);
});
