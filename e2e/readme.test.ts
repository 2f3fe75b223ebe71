import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { copyBookstore } from '../scripts/copy-bookstore.ts';
import { installBrowser } from './harness/browser.ts';
import { openShell, type Shell } from './harness/shell.ts';
import type { Terminal } from './harness/terminal.ts';
import { visit } from './harness/visit.ts';

const root = join(import.meta.dirname, '..');
/** Said by the shell at the end of each command, with its exit status. */
const prompt = /<done (\d+)>/;

let data: string;
let routerPort: number;
let shell: Shell;
let blocks: string[][];

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

before(async () => {
  data = await mkdtemp(join(tmpdir(), 'ravine-readme-'));
  await chmod(data, 0o711);
  routerPort = await freePort();
  shell = await openShell('reader', {
    RAVINE_DATA: data,
    RAVINE_API_PORT: String(await freePort()),
    RAVINE_ROUTER_PORT: String(routerPort),
    RAVINE_DYNO_PORTS: '26000-26099',
    RAVINE_DATABASE_PORTS: '26100-26199',
    PS1: '<done $?>',
  });
  const walkthrough =
    (await readFile(join(root, 'README.md'), 'utf8')).split('## Deploy an app')[1]?.split('\n## ')[0] ?? '';
  blocks = [...walkthrough.matchAll(/```\n([\s\S]*?)```/g)].map((match) => (match[1] ?? '').trim().split('\n'));
});

after(async () => {
  await shell.run('npx', ['ravine', 'down'], { cwd: root });
  await shell[Symbol.asyncDispose]();
  await rm(data, { recursive: true, force: true });
});

/** Types one line at a shell's prompt and waits for the next one. */
const typed = async (terminal: Terminal, line: string): Promise<void> => {
  terminal.type(`${line}\r`);
  if (line === 'heroku login -i') {
    const { email, password } = JSON.parse(await readFile(join(data, 'secrets', 'first-login.json'), 'utf8')) as {
      email: string;
      password: string;
    }; // as `ravine up` shows it
    await terminal.answer('Email', email);
    await terminal.answer('Password', password);
  }
  await terminal.shows(/<done \d+>/).catch((error: Error) => assert.fail(`${line}: ${error.message}`));
};

test('the README has four blocks of commands to follow', () => {
  assert.equal(blocks.length, 4);
  assert.deepEqual(blocks[0], ['npx ravine up']);
});

test("the README's walk-through works as printed, from the platform's start to its end", async () => {
  const [, point = [], deploy = [], look = []] = blocks;
  const { env } = await installBrowser(shell);
  const project = join(shell.folder, 'my-bookstore');
  await copyBookstore(project);
  for (const args of [
    ['init', '--quiet'],
    ['add', '.'],
    ['commit', '--quiet', '--message', 'The bookstore'],
  ]) {
    assert.equal((await shell.run('git', args, { cwd: project })).status, 0);
  }
  // Builds ask npm's registry the way the user who runs Ravine does.
  const own = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && /^(HOME|npm_config_.*|NODE_EXTRA_CA_CERTS|SSL_.*|https?_proxy)$/i.test(name)
        ? [[name, value]]
        : [],
    ),
  );
  const platform = shell.terminal('npx', ['ravine', 'up'], { cwd: root, env: own });
  await platform.shows('eval "$(ravine env');
  const reader = shell.terminal('bash', ['--norc', '--noprofile'], { cwd: root, env });
  await reader.shows(prompt);
  for (const line of point) await typed(reader, line);
  await typed(reader, `cd ${project}`);
  for (const line of deploy) await typed(reader, line);
  const page = await visit({ routerPort }, 'my-bookstore', '/');
  assert.equal(page.status, 200, page.body);
  assert.match(page.body, /Lantern Bookstore/);
  await typed(reader, `cd ${root}`);
  for (const line of look) await typed(reader, line);
  reader.type('exit\r');
  const { screen } = await reader.ended;
  const statuses = [...screen.matchAll(/<done (\d+)>/g)].map((match) => match[1]);
  assert.ok(
    statuses.every((status) => status === '0'),
    screen,
  );
  await platform.ended;
});
