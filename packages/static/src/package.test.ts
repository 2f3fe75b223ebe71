import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ask, makeFolder, putFiles } from './testing.fixture.ts';

const repository = join(import.meta.dirname, '..', '..', '..');
const bin = join(repository, 'node_modules', '.bin');

const run = (cwd: string, command: string, ...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
};

/** An empty project that has installed what would be published. */
const install = (context: TestContext): string => {
  const folder = makeFolder(context);
  run(repository, process.execPath, 'scripts/build-package.ts', 'static', join(folder, 'dist'));
  const [tarball = ''] = run(folder, 'npm', 'pack', '--silent', './dist').trim().split('\n').slice(-1);
  const project = join(folder, 'project');
  putFiles(project, { 'package.json': '{ "type": "module", "private": true }', 'public/css/app.css': 'a{}' });
  run(project, 'npm', 'install', '--silent', '--offline', '--no-audit', '--no-fund', join(folder, tarball));
  return project;
};

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = '']) => code);

test('what would be published works in an empty project: the first example, the commands and the types', async (context) => {
  const project = install(context);
  const installed = JSON.parse(readFileSync(join(project, 'node_modules/@ravine/static/package.json'), 'utf8'));
  assert.equal(installed.dependencies, undefined);

  putFiles(project, { 'server.js': (examples[0] ?? '').replace(/\.listen\(.*\);/, listenAndTell) });
  const server = spawn(process.execPath, ['server.js'], {
    cwd: project,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  context.after(() => server.kill('SIGKILL'));
  const [port] = await once(server, 'message');
  const origin = `http://127.0.0.1:${port}`;
  assert.match((await ask(origin, '/')).text, /href="\/static\/css\/app\.css"/);
  assert.equal((await ask(origin, '/static/css/app.css')).text, 'a{}');

  putFiles(project, { 'static.config.json': /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '' });
  assert.match(run(project, join(project, 'node_modules/.bin/collectstatic')), /2 files written to staticfiles/);
  assert.match(run(project, join(project, 'node_modules/.bin/findstatic'), 'css/app.css'), /public\/css\/app\.css\n$/);
  putFiles(project, { 'assets.js': examples[1] ?? '' });
  const url = `import { assets } from './assets.js'; process.stdout.write(assets.url('css/app.css'))`;
  const environment = { ...process.env, NODE_ENV: 'production' };
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', url], {
    cwd: project,
    encoding: 'utf8',
    env: environment,
  });
  assert.match(stdout, /^\/static\/css\/app\.[0-9a-f]{12}\.css$/);

  mkdirSync(join(project, 'node_modules/@types'));
  for (const types of ['@types/node', 'undici-types'])
    symlinkSync(join(repository, 'node_modules', types), join(project, 'node_modules', types));
  putFiles(project, {
    'typed.ts': `import { staticFiles, type StaticOptions } from '@ravine/static';
import { collectStatic } from '@ravine/static/prepare';
const options: StaticOptions = { root: 'public' };
export const url: string = staticFiles(options).url('css/app.css');
export const written: number = (await collectStatic({ root: 'out', sources: ['public'] })).written;
// @ts-expect-error: a URL is no number
export const wrong: number = url;
`,
  });
  run(
    project,
    join(bin, 'tsc'),
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
    'typed.ts',
  );
});

const listenAndTell = `.listen(0, '127.0.0.1', function () { process.send(this.address().port); });`;
