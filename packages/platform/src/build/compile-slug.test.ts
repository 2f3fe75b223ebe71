import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import {
  access,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { BuildFailed } from './build-failed.ts';
import { compileSlug } from './compile-slug.ts';
import { Runtimes } from './runtimes.ts';
import { type CompileOptions, defaultBuildLimits } from './slug-build.ts';

const run = promisify(execFile);
const uid = process.getuid?.() === 0 ? 212_345 : undefined;

class Collected extends Writable {
  text = '';
  readonly events = new EventEmitter();

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.events.emit('text');
    done();
  }

  async until(part: string): Promise<void> {
    while (!this.text.includes(part)) await once(this.events, 'text');
  }
}

const writeTree = async (folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content, { mode: name.includes('bin/') ? 0o755 : 0o644 });
  }
};

/** One app whose source is built again and again. */
const startApp = async (context: TestContext) => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ravine-build-')));
  await chmod(root, 0o755);
  context.after(() => rm(root, { recursive: true, force: true }));
  const runtimes = new Runtimes(join(root, 'runtimes'));
  let count = 0;
  const build = async (files: Readonly<Record<string, string | Uint8Array>>, changes: Partial<CompileOptions> = {}) => {
    count += 1;
    const output = new Collected();
    const options: CompileOptions = {
      id: randomUUID(),
      sourceFolder: join(root, `source-${count}`),
      buildFolder: join(root, `build-${count}`),
      cacheFolder: join(root, 'cache'),
      slugFolder: join(root, 'slugs', String(count)),
      runtimes,
      buildpacks: [],
      env: {},
      output,
      signal: new AbortController().signal,
      limits: defaultBuildLimits,
      uid,
      stack: 'heroku-24',
      sourceVersion: 'abc123',
      ...changes,
    };
    await writeTree(options.sourceFolder, files);
    const slug = compileSlug(options);
    slug.catch(() => {});
    return { options, output, slug, folder: options.slugFolder };
  };
  return { root, build };
};

const freePort = async (): Promise<number> => {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server's address is never a string or null.
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};

/** Runs a slug's command as a dyno would and waits for its first line. */
const startDyno = async (context: TestContext, folder: string, command: string, port: number) => {
  const script = `for f in .profile.d/*.sh; do . "$f"; done; exec ${command}`;
  const child = spawn('bash', ['-c', script], {
    cwd: folder,
    env: { HOME: folder, PATH: '/usr/bin:/bin', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(uid !== undefined && { uid, gid: uid }),
  });
  context.after(() => child.pid && process.kill(-child.pid, 'SIGKILL'));
  const lines = new Collected();
  child.stdout.pipe(lines, { end: false });
  child.stderr.pipe(lines, { end: false });
  return lines;
};

const failsWith = (id: string, message: RegExp) => (error: unknown) => {
  assert(error instanceof BuildFailed, String(error));
  assert.equal(error.id, id);
  assert.match(error.message, message);
  return true;
};

const buildpack = (compile: string, more: Readonly<Record<string, string>> = {}) => ({
  'bin/detect': '#!/bin/sh\necho Custom\n',
  'bin/compile': `#!/bin/sh\n${compile}\n`,
  ...more,
});

test('a bare Procfile makes a slug with its process types', async (t) => {
  const { build } = await startApp(t);
  const { slug, output, folder, options } = await build({
    Procfile: 'web: python3 -m http.server $PORT\nrelease: ./migrate\n',
    '.slugignore': '*.psd\n/docs\n',
    'a/b.psd': 'x',
    'docs/c': 'x',
    'a/docs/d': 'x',
  });
  const { processTypes, sizeBytes, buildpackDescription, releasePhase } = await slug;
  assert.deepEqual(processTypes, { web: 'python3 -m http.server $PORT', release: './migrate' });
  assert.equal(buildpackDescription, 'Procfile');
  assert.equal(releasePhase, true);
  assert(sizeBytes > 0);
  assert.deepEqual((await readdir(join(folder, 'a'))).sort(), ['docs']);
  await assert.rejects(access(join(folder, 'docs')));
  await assert.rejects(access(options.buildFolder));
  await assert.rejects(access(options.sourceFolder));
  assert.match(output.text, /^-----> Building on the Heroku-24 stack\n-----> Determining which buildpack/);
  assert.match(output.text, /Procfile declares types {5}-> web, release\n/);
});

test('a Node.js app runs from its slug with the Node that its source asks for', async (t) => {
  const { build, root } = await startApp(t);
  const files = {
    'package.json': JSON.stringify({
      engines: { node: '>=20' },
      scripts: { start: 'node server.js', build: 'echo built > built.txt' },
    }),
    'server.js':
      "require('http').createServer((_, r) => r.end(process.version)).listen(process.env.PORT, () => console.log('up'))",
  };
  const { slug, folder, output } = await build(files, { env: { SECRET_WORD: 'xyzzy' } });
  const { processTypes, buildpackDescription } = await slug.catch((error) => assert.fail(`${error}\n${output.text}`));
  assert.deepEqual(processTypes, { web: 'npm start' });
  assert.equal(buildpackDescription, 'Node.js');
  assert.equal(await readFile(join(folder, 'built.txt'), 'utf8'), 'built\n');
  assert.equal(await realpath(join(folder, '.heroku/node')), join(root, 'runtimes', `node-${process.versions.node}`));
  const port = await freePort();
  const lines = await startDyno(t, folder, 'npm start', port);
  await lines.until('up');
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), process.version);
});

test('unchanged dependencies are taken from the cache, also with a local registry only', async (t) => {
  const { build, root } = await startApp(t);
  const packageFolder = join(root, 'package');
  await writeTree(packageFolder, {
    'package.json': '{"name":"left","version":"1.0.0"}',
    'index.js': 'module.exports = 42',
  });
  await run('tar', ['-czf', join(root, 'left.tgz'), '-C', root, 'package']);
  const tarball = await readFile(join(root, 'left.tgz'));
  let downloads = 0;
  const server = createServer((_request, response) => {
    downloads += 1;
    response.end(tarball);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // A listening TCP server's address is never a string or null.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/left/-/left-1.0.0.tgz`;
  const lock = {
    name: 'app',
    lockfileVersion: 3,
    packages: {
      '': { name: 'app', dependencies: { left: url } },
      'node_modules/left': { version: '1.0.0', resolved: url },
    },
  };
  const files = {
    'package.json': JSON.stringify({ name: 'app', dependencies: { left: url } }),
    'package-lock.json': JSON.stringify(lock),
    'server.js': '',
  };
  const first = await build(files);
  await first.slug.catch((error) => assert.fail(`${error}\n${first.output.text}`));
  assert.match(first.output.text, /Installing node modules with npm \(from the lock file\)/);
  const second = await build({ ...files, 'server.js': '// changed' });
  await second.slug;
  assert.match(second.output.text, /taken from the build cache/);
  assert.equal(await readFile(join(second.folder, 'node_modules/left/index.js'), 'utf8'), 'module.exports = 42');
  assert.equal(downloads, 1);
  const changed = await build({ ...files, '.npmrc': 'legacy-peer-deps=true\n' });
  await changed.slug;
  assert.doesNotMatch(changed.output.text, /taken from the build cache/);
});

test('a package that the source holds as a tarball is cached too, until the tarball changes; its build script runs each time', async (t) => {
  const { build, root } = await startApp(t);
  const pack = async (answer: number): Promise<Uint8Array> => {
    const manifest = '{"name":"left","version":"1.0.0"}';
    await writeTree(join(root, 'package'), { 'package.json': manifest, 'index.js': `module.exports = ${answer}` });
    await run('tar', ['-czf', join(root, 'left.tgz'), '-C', root, 'package']);
    return readFile(join(root, 'left.tgz'));
  };
  const dependencies = { left: 'file:vendor/left.tgz' };
  const left = { version: '1.0.0', resolved: 'file:vendor/left.tgz' };
  const files = {
    'package.json': JSON.stringify({
      name: 'app',
      scripts: { build: 'cat node_modules/left/*.js >built' },
      dependencies,
    }),
    'package-lock.json': JSON.stringify({
      lockfileVersion: 3,
      packages: { '': { dependencies }, 'node_modules/left': left },
    }),
    'server.js': '',
    'vendor/left.tgz': await pack(42),
  };
  for (const [tarball, answer, cached] of [
    [files['vendor/left.tgz'], 42, false],
    [files['vendor/left.tgz'], 42, true],
    [await pack(43), 43, false],
  ] as const) {
    const { slug, output, folder } = await build({ ...files, 'vendor/left.tgz': tarball });
    await slug.catch((error) => assert.fail(`${error}\n${output.text}`));
    assert.equal(output.text.includes('taken from the build cache'), cached);
    assert.equal(await readFile(join(folder, 'built'), 'utf8'), `module.exports = ${answer}`);
  }
});

test('a Python app without packages runs from its slug', async (t) => {
  const { build } = await startApp(t);
  const files = { 'requirements.txt': '', Procfile: 'web: python -m http.server $PORT', 'hello.txt': 'hi' };
  const { slug, folder, output } = await build(files);
  await slug.catch((error) => assert.fail(`${error}\n${output.text}`));
  const port = await freePort();
  const lines = await startDyno(t, folder, `python -m http.server ${port}`, port);
  await lines.until('Serving');
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/hello.txt`)).text(), 'hi');
  const again = await build(files);
  await again.slug;
  assert.match(again.output.text, /taken from the build cache/);
  assert.match(await readFile(join(again.folder, '.heroku/python/bin/pip'), 'utf8'), /^#!\/usr\/bin\/env python/);
  const odd = await build({ ...files, '.python-version': '3.99\n' });
  await assert.rejects(odd.slug, failsWith('buildpack_failed', /failed to compile Python app/));
  assert.match(odd.output.text, / ! {5}Expected Python 3.99/);
});

test('a static site is served without its dot files', async (t) => {
  const { build } = await startApp(t);
  const { slug, folder, output } = await build({
    'index.html': '<h1>hi</h1>',
    '.env': 'SECRET=1',
    'docs/index.html': 'docs',
  });
  const { processTypes } = await slug.catch((error) => assert.fail(`${error}\n${output.text}`));
  const port = await freePort();
  const lines = await startDyno(t, folder, processTypes.web ?? '', port);
  await lines.until('Serving');
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  assert.equal(await (await get('/')).text(), '<h1>hi</h1>');
  assert.equal((await get('/.env')).status, 404);
  assert.equal((await get('/%2e%2e/%2e%2e/etc/passwd')).status, 404);
  assert.equal(await (await get('/docs')).text(), 'docs');
});

test('a buildpack in a git repository gets config vars as files only, and what it exports reaches the next one', async (t) => {
  const { build, root } = await startApp(t);
  const repo = join(root, 'buildpack');
  await writeTree(
    repo,
    buildpack(
      'echo "var $(cat "$3/SECRET_WORD") [$SECRET_WORD]" > "$1/seen"; env > "$1/env"; echo "export FROM_FIRST=yes" > "$(dirname "$0")/../export"',
    ),
  );
  const git = ['-C', repo, '-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  await run('git', [...git, 'init', '-q', '-b', 'main']);
  await run('git', [...git, 'add', '-A']);
  await run('git', [...git, 'commit', '-q', '-m', 'One']);
  const second = join(root, 'second');
  const release =
    '#!/bin/sh\nprintf "addons:\\n- heroku-postgresql\\nconfig_vars:\\n  A: 1\\ndefault_process_types:\\n  web: ./run\\n"\n';
  await writeTree(second, buildpack('echo "$FROM_FIRST" > "$1/exported"', { 'bin/release': release }));
  const { slug, folder, output } = await build(
    { a: '1' },
    { buildpacks: [`file://${repo}#main`, second], env: { SECRET_WORD: 'xyzzy' } },
  );
  const result = await slug.catch((error) => assert.fail(`${error}\n${output.text}`));
  assert.equal(await readFile(join(folder, 'seen'), 'utf8'), 'var xyzzy []\n');
  assert.equal(await readFile(join(folder, 'exported'), 'utf8'), 'yes\n');
  assert.deepEqual(result.processTypes, { web: './run' });
  assert.deepEqual(result.addOns, ['heroku-postgresql']);
  assert.deepEqual(result.configVars, { A: '1' });
  const env = await readFile(join(folder, 'env'), 'utf8');
  assert.match(env, /^STACK=heroku-24$/m);
  assert.match(env, /^SOURCE_VERSION=abc123$/m);
  assert.doesNotMatch(env, /xyzzy/);
  if (uid !== undefined) assert.equal((await lstat(join(folder, 'seen'))).uid, uid);
});

test('a source that nothing knows is refused with what to do', async (t) => {
  const { build } = await startApp(t);
  const { slug, output, options } = await build({ 'main.zig': '' });
  await assert.rejects(slug, failsWith('no_language_detected', /No default language could be detected/));
  assert.match(output.text, / ! {5}No default language could be detected for this app\./);
  assert.match(output.text, / ! {5}Push failed\n$/);
  await assert.rejects(access(options.slugFolder));
  await assert.rejects(access(options.sourceFolder));
});

test('each way in which a buildpack can be wrong has its own failure', async (t) => {
  const { build, root } = await startApp(t);
  const unknown = await build({ a: '1' }, { buildpacks: ['nonsense'] });
  await assert.rejects(unknown.slug, failsWith('buildpack_unavailable', /nonsense/));
  const absent = await build({ a: '1' }, { buildpacks: [`file://${root}/none`] });
  await assert.rejects(absent.slug, failsWith('buildpack_unavailable', /none/));
  const wrong = await build({ a: '1' }, { buildpacks: ['heroku/nodejs'] });
  await assert.rejects(
    wrong.slug,
    failsWith('buildpack_not_applicable', /failed to detect set buildpack heroku\/nodejs/),
  );
  const failing = join(root, 'failing');
  await writeTree(failing, buildpack('echo "       it broke"; exit 7'));
  const failed = await build({ a: '1' }, { buildpacks: [failing] });
  await assert.rejects(failed.slug, failsWith('buildpack_failed', /failed to compile Custom app[\s\S]*status 7/));
  assert.match(failed.output.text, /it broke/);
  const full = join(root, 'full');
  await writeTree(full, buildpack('echo "cp: error writing: No space left on device"; exit 1'));
  await assert.rejects((await build({ a: '1' }, { buildpacks: [full] })).slug, failsWith('disk_full', /full/));
});

test('a build that takes too long, is cancelled or grows too large is ended with all its processes', async (t) => {
  const { build, root } = await startApp(t);
  const hanging = join(root, 'hanging');
  await writeTree(hanging, buildpack('echo $$ > "$1/../pid-$$" 2>/dev/null; sleep 1000 & echo started; wait'));
  const slow = await build({ a: '1' }, { buildpacks: [hanging], limits: { ...defaultBuildLimits, timeMs: 1500 } });
  await assert.rejects(slow.slug, failsWith('build_timeout', /longer than/));
  const cancel = new AbortController();
  const cancelled = await build({ a: '1' }, { buildpacks: [hanging], signal: cancel.signal });
  await cancelled.output.until('started');
  cancel.abort();
  await assert.rejects(cancelled.slug, failsWith('build_cancelled', /cancelled/));
  const large = await build(
    { Procfile: 'web: x', big: 'x'.repeat(100_000) },
    { limits: { ...defaultBuildLimits, slugBytes: 50_000 } },
  );
  await assert.rejects(large.slug, failsWith('slug_too_large', /\.slugignore/));
  const eating = join(root, 'eating');
  await writeTree(
    eating,
    buildpack(`exec ${process.execPath} -e 'const a = []; for (;;) a.push(Buffer.alloc(1 << 20, 1))'`),
  );
  if (uid !== undefined) await writeTree(eating, buildpack(`x=x; while :; do x=$x$x; done`));
  const eater = await build(
    { a: '1' },
    { buildpacks: [eating], limits: { ...defaultBuildLimits, memoryBytes: 96 * 1024 * 1024 } },
  );
  await assert.rejects(eater.slug, failsWith('out_of_memory', /96 MB/));
});

test('wrong Procfile, app.json and package.json fail before anything runs, and links are not followed', async (t) => {
  const { build, root } = await startApp(t);
  await assert.rejects(
    (await build({ Procfile: 'web: a\nno command\n' })).slug,
    failsWith('invalid_procfile', /line 2/),
  );
  await assert.rejects(
    (await build({ 'app.json': '{"env": []}' })).slug,
    failsWith('invalid_app_json', /env: expected an object/),
  );
  await assert.rejects((await build({ 'package.json': '{' })).slug, failsWith('invalid_package_json', /package\.json/));
  await writeFile(join(root, 'secret'), 'web: secret');
  await mkdir(join(root, 'source-4'), { recursive: true });
  await symlink(join(root, 'secret'), join(root, 'source-4', 'Procfile'));
  const { processTypes } = await (await build({ 'index.html': 'x' })).slug;
  assert.deepEqual(Object.values(processTypes), ['node .heroku/static/server.mjs']);
});
