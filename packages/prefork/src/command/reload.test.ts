import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startsAtOnce } from '../worker-group.ts';
import { childrenOf, Prefork, until } from './prefork.fixture.ts';

/** A folder with an app and a config file that a test changes. */
class Project implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), 'prefork-project-')));
    await project.write('package.json', '{ "type": "module" }');
    await project.answer('one');
    return project;
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }

  answer(text: string): Promise<void> {
    return this.write('app.ts', `export default (request, response) => response.end('${text}');`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

test('HUP serves the program as it is on disk now', async () => {
  await using project = await Project.open();
  await using prefork = await Prefork.start(['app.ts', '-w', '2'], { cwd: project.folder });
  assert.equal(await prefork.get(), 'one');
  await project.answer('two');
  prefork.signal('SIGHUP');
  await prefork.said(/reloaded/);
  await until(async () => (await childrenOf(prefork.pid)).length === 2);
  assert.equal(await prefork.get(), 'two');
});

test('a reload whose new workers fail is rolled back: the old ones serve on, the log says why, the next reload works', async () => {
  await using project = await Project.open();
  await using prefork = await Prefork.start(['app.ts', '-w', '2'], { cwd: project.folder });
  const before = await childrenOf(prefork.pid);
  await project.write('app.ts', "throw new Error('half a deploy');");
  prefork.signal('SIGHUP');
  await prefork.said(/ERROR\] expected 2 new workers .* exited with status 3; the old workers serve on/);
  assert.match(prefork.text, /half a deploy/);
  assert.equal(await prefork.get(), 'one');
  assert.deepEqual(await childrenOf(prefork.pid), before);
  await project.answer('two');
  prefork.signal('SIGHUP');
  await prefork.said(/reloaded/);
  await until(async () => (await childrenOf(prefork.pid)).length === 2);
  assert.equal(await prefork.get(), 'two');
});

test('a reload starts no more new workers at once than half of the cores, and stops at the first that fails', async () => {
  await using project = await Project.open();
  await using prefork = await Prefork.start(['app.ts', '-w', '4'], { cwd: project.folder });
  // Each says when it begins and, a while later, that it is there.
  const slow = "console.log('begins'); await new Promise((done) => setTimeout(done, 200)); console.log('is there');";
  await project.write('app.ts', `${slow} export default (request, response) => response.end('two');`);
  prefork.signal('SIGHUP');
  await prefork.said(/reloaded; 4 new workers/);
  await until(() => prefork.lines.filter((line) => line === 'is there').length === 4);
  let booting = 0;
  let most = 0;
  for (const line of prefork.lines) {
    if (line === 'begins') booting++;
    if (line === 'is there') booting--;
    most = Math.max(most, booting);
  }
  assert.ok(most > 0 && most <= startsAtOnce(), `${most} workers were starting at once`);
  await project.write('app.ts', "console.log('fails'); throw new Error('half a deploy');");
  prefork.signal('SIGHUP');
  await prefork.said(/expected 4 new workers .* the old workers serve on/);
  assert.ok(prefork.lines.filter((line) => line === 'fails').length <= startsAtOnce());
  assert.equal(await prefork.get(), 'two');
});

test('HUP reads the config file again: number of workers, sockets, log level', async () => {
  await using project = await Project.open();
  const config = (port: number, workers: number): Promise<void> =>
    project.write(
      'prefork.config.ts',
      `export default { app: 'app.ts', bind: '127.0.0.1:${port}', workers: ${workers} };`,
    );
  await config(0, 1);
  await using prefork = await Prefork.start([], { cwd: project.folder, hasBind: true });
  assert.equal(await prefork.get(), 'one');
  await config(0, 3);
  prefork.signal('SIGHUP');
  await prefork.said(/reloaded; 3 new workers/);
  await until(async () => (await childrenOf(prefork.pid)).length === 3);
  assert.equal(await prefork.get(), 'one');
});

test('a config file that is no good refuses the reload and changes nothing', async () => {
  await using project = await Project.open();
  await project.write('prefork.config.ts', "export default { app: 'app.ts' };");
  await using prefork = await Prefork.start([], { cwd: project.folder });
  await project.write('prefork.config.ts', "export default { app: 'app.ts', wrokers: 2 };");
  prefork.signal('SIGHUP');
  await prefork.said(/ERROR\] .*prefork\.config\.ts: "wrokers" is no setting/);
  await project.write('prefork.config.ts', "export default { app: 'app.ts', workers: 'many' };");
  prefork.signal('SIGHUP');
  await prefork.said(/workers in .*prefork\.config\.ts: expected a whole number from 1 up, or "auto", got "many"/);
  assert.equal(await prefork.get(), 'one');
});

test('a reload to a log file that can’t be opened is refused and changes nothing', async () => {
  await using project = await Project.open();
  await project.write('prefork.config.ts', "export default { app: 'app.ts' };");
  await using prefork = await Prefork.start([], { cwd: project.folder });
  const before = await childrenOf(prefork.pid);
  await project.write('prefork.config.ts', "export default { app: 'app.ts', errorlog: 'nowhere/error.log' };");
  prefork.signal('SIGHUP');
  await prefork.said(/ERROR\] expected to open the log file .*nowhere\/error\.log, got ENOENT/);
  assert.deepEqual(await childrenOf(prefork.pid), before);
  await project.write('prefork.config.ts', "export default { app: 'app.ts', workers: 2 };");
  prefork.signal('SIGHUP');
  await prefork.said(/reloaded; 2 new workers/);
});

test('a reload to another address serves there and lets go of the address before', async () => {
  await using project = await Project.open();
  await project.write('prefork.config.ts', "export default { app: 'app.ts', bind: 'unix:one.sock' };");
  await using prefork = await Prefork.start([], { cwd: project.folder, hasBind: true });
  await project.write('prefork.config.ts', "export default { app: 'app.ts', bind: 'unix:two.sock' };");
  assert.equal(await prefork.askUnix(join(project.folder, 'one.sock')), 'one');
  prefork.signal('SIGHUP');
  await prefork.said(/reloaded/);
  assert.equal(await prefork.askUnix(join(project.folder, 'two.sock')), 'one');
  await assert.rejects(prefork.askUnix(join(project.folder, 'one.sock')), { code: 'ENOENT' });
});

test('with --reload a changed file of the app is served by itself', async () => {
  await using project = await Project.open();
  await project.write('words.ts', "export const word = 'one';");
  await project.write(
    'app.ts',
    "import { word } from './words.ts'; export default (_, response) => response.end(word);",
  );
  await using prefork = await Prefork.start(['app.ts', '--reload'], { cwd: project.folder });
  assert.equal(await prefork.get(), 'one');
  await project.write('words.ts', "export const word = 'two';");
  await prefork.said(/words\.ts changed[\s\S]*reloaded/);
  assert.equal(await prefork.get(), 'two');
});
