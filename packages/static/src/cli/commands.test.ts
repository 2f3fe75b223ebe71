import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawn as spawnOnTerminal } from '@lydell/node-pty';
import { staticFiles } from '../index.ts';
import { makeFolder, putFiles } from '../testing.fixture.ts';

const command = (name: string): string => fileURLToPath(new URL(`../../bin/${name}.ts`, import.meta.url));

const run = async (cwd: string, name: string, ...args: string[]) => {
  const child = spawn(process.execPath, [command(name), ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const [status] = await once(child, 'close');
  return { status, ...said };
};

const project = (context: TestContext): string =>
  makeFolder(context, { 'public/a.css': 'a{}', 'public/b.txt': 'b', 'other/b.txt': 'other' });

test('collectstatic publishes the sources and says in a line what it did', async (context) => {
  const cwd = project(context);
  const args = ['--source', 'public', '--root', 'out', '--prefix', '/static/'];
  assert.deepEqual(await run(cwd, 'collectstatic', ...args), {
    status: 0,
    stdout: '4 files written to out, with 0 compressed variants; 0 unmodified, 0 removed\n',
    stderr: '',
  });
  const again = await run(cwd, 'ravine-static', 'collectstatic', ...args, '-v');
  assert.match(again.stdout, /unmodified a\.css\n/);
  assert.match(again.stdout, /0 files written to out, with 0 compressed variants; 4 unmodified, 0 removed\n$/);
});

test('settings come from static.config.json, and flags win', async (context) => {
  const cwd = project(context);
  const config = { root: 'out', sources: ['public'], prefix: '/static/', maxAgeSeconds: 5, encodings: [] };
  putFiles(cwd, { 'static.config.json': JSON.stringify(config) });
  assert.equal((await run(cwd, 'collectstatic')).status, 0);
  assert.match(staticFiles({ ...config, root: join(cwd, 'out') }).url('a.css'), /^\/static\/a\.[0-9a-f]{12}\.css$/);
  await run(cwd, 'collectstatic', '--root', 'elsewhere', '--no-fingerprints', '--quiet');
  assert.deepEqual(readdirSync(join(cwd, 'elsewhere')), ['a.css', 'b.txt', 'static-manifest.json']);
});

test('a dry run names what it would write, and writes nothing', async (context) => {
  const cwd = project(context);
  const { stdout } = await run(cwd, 'collectstatic', '--source=public', '--root=out', '-n');
  assert.match(stdout, /^would write a\.css$/m);
  assert.match(stdout, /^would write a\.[0-9a-f]{12}\.css$/m);
  assert.match(stdout, /4 files would be written to out/);
  assert.ok(!existsSync(join(cwd, 'out')));
});

test('clear asks before it empties a folder that collectstatic did not fill', async (context) => {
  const cwd = project(context);
  putFiles(cwd, { 'out/dear.txt': 'dear' });
  const args = ['--source', 'public', '--root', 'out', '--clear'];
  const refused = await run(cwd, 'collectstatic', ...args);
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    /out was not filled by collectstatic, and --clear would remove everything in it \(dear\.txt\); .*--no-input/,
  );
  assert.ok(existsSync(join(cwd, 'out/dear.txt')));
  assert.equal((await run(cwd, 'collectstatic', ...args, '--noinput')).status, 0);
  assert.ok(!existsSync(join(cwd, 'out/dear.txt')));
  assert.equal((await run(cwd, 'collectstatic', ...args)).status, 0);
});

const onTerminal = async (cwd: string, args: readonly string[], answer?: string) => {
  const terminal = spawnOnTerminal(process.execPath, [command('collectstatic'), ...args], { cwd, cols: 60, rows: 10 });
  let shown = '';
  let answered = answer === undefined;
  terminal.onData((text) => {
    shown += text;
    if (answered || !shown.includes('[y/N]')) return;
    answered = true;
    terminal.write(`${answer}\r`);
  });
  const status = await new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  return { status, shown };
};

test('on a terminal a bar shows how far it is, and a question gets an answer', async (context) => {
  const cwd = project(context);
  putFiles(cwd, { 'out/dear.txt': 'dear' });
  const args = ['--source', 'public', '--root', 'out', '--clear'];
  const no = await onTerminal(cwd, args, 'n');
  assert.equal(no.status, 1);
  assert.match(no.shown, /nothing was done/);
  assert.ok(existsSync(join(cwd, 'out/dear.txt')));
  const yes = await onTerminal(cwd, args, 'y');
  assert.equal(yes.status, 0);
  assert.match(yes.shown, /\r\[#{24}\] 4\/4 /);
  assert.ok(!existsSync(join(cwd, 'out/dear.txt')));
});

test('faults are one message and status 1, a command line that makes no sense is status 2', async (context) => {
  const cwd = project(context);
  putFiles(cwd, { 'public/a.css': 'a{b:url(none.png)}' });
  const faults = await run(cwd, 'collectstatic', '--source', 'public', '--root', 'out');
  assert.equal(faults.status, 1);
  assert.match(
    faults.stderr,
    /^collectstatic: .*public\/a\.css:1: "none\.png" leads to none\.png, which no source has\n/,
  );
  assert.ok(!existsSync(join(cwd, 'out')));
  const senseless = await run(cwd, 'collectstatic', '--bogus');
  assert.equal(senseless.status, 2);
  assert.match(senseless.stderr, /^collectstatic: .*--bogus.*\ntry: collectstatic --help\n$/s);
  assert.equal((await run(cwd, 'ravine-static', 'bogus')).status, 2);
});

test('help names every flag', async (context) => {
  const { status, stdout } = await run(project(context), 'collectstatic', '--help');
  assert.equal(status, 0);
  for (const flag of ['--clear', '--dry-run', '--ignore', '--link', '--no-input', '--source', '--keep-releases'])
    assert.ok(stdout.includes(flag), flag);
});

test('findstatic prints every file of a name, the winner first, and fails for a name without one', async (context) => {
  const cwd = project(context);
  const sources = ['--source', 'other', '--source', 'public'];
  const all = await run(cwd, 'findstatic', ...sources, 'b.txt');
  assert.deepEqual(all, {
    status: 0,
    stdout: `${join(cwd, 'other/b.txt')}\n${join(cwd, 'public/b.txt')}\n`,
    stderr: '',
  });
  assert.equal((await run(cwd, 'findstatic', ...sources, '--first', 'b.txt')).stdout, `${join(cwd, 'other/b.txt')}\n`);
  const none = await run(cwd, 'ravine-static', 'findstatic', ...sources, 'a.cs', 'a.css');
  assert.equal(none.status, 1);
  assert.equal(none.stdout, `${join(cwd, 'public/a.css')}\n`);
  assert.match(
    none.stderr,
    /^findstatic: no source has a\.cs \(looked in .*other, .*public\); did you mean a\.css\?\n$/,
  );
  assert.equal((await run(cwd, 'findstatic', ...sources)).status, 2);
});

const contents = (root: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(root, name)).isFile())
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(root, name)))
          .digest('hex'),
      ]),
  );

test('killed with -9 at any moment it leaves a root that can be served, and the next run ends as if nothing had happened', async (context) => {
  const files = (version: string) =>
    Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`${i}.css`, `a { b: url(x.svg?${version}-${i}) }\n`.repeat(60)]),
    );
  const cwd = makeFolder(context);
  putFiles(join(cwd, 'public'), { ...files('one'), 'x.svg': '<svg/>' });
  const args = ['--source', 'public', '--keep-releases', '1', '--encoding', 'gzip', '--verbose', '--root'];
  await run(cwd, 'collectstatic', ...args, 'out');
  await run(cwd, 'collectstatic', ...args, 'straight');
  const abandoned = 'gone.css';
  for (const linesBeforeKill of [1, 13, 26]) {
    putFiles(join(cwd, 'public'), { ...files(`cut-${linesBeforeKill}`), [abandoned]: `b { c: ${linesBeforeKill} }` });
    const child = spawn(process.execPath, [command('collectstatic'), ...args, 'out'], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let lines = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      lines += text.split('\n').length - 1;
      if (lines >= linesBeforeKill) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const served = staticFiles({ root: join(cwd, 'out') });
    assert.ok(served.answer(served.url('0.css'), { method: 'GET', headers: {} }));
  }
  // The second release, in one folder after all these deaths, in the other straight after the first.
  putFiles(join(cwd, 'public'), files('two'));
  rmSync(join(cwd, 'public', abandoned));
  assert.equal((await run(cwd, 'collectstatic', ...args, 'out', '--keep-releases', '0')).status, 0);
  assert.equal((await run(cwd, 'collectstatic', ...args, 'straight', '--keep-releases', '0')).status, 0);
  assert.deepEqual(Object.keys(contents(join(cwd, 'out'))).sort(), Object.keys(contents(join(cwd, 'straight'))).sort());
  assert.deepEqual(contents(join(cwd, 'out')), contents(join(cwd, 'straight')));
});
