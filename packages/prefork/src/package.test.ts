import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { until } from './command/prefork.fixture.ts';

const repository = join(import.meta.dirname, '../../..');

const run = (command: string, args: readonly string[], cwd: string): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
};

/** What would be published. */
const pack = async (folder: string): Promise<string> => {
  run(process.execPath, ['scripts/build-package.ts', 'prefork', join(folder, 'dist')], repository);
  run('npm', ['pack', './dist'], folder);
  const name = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  assert.ok(name);
  return join(folder, name);
};

/** The first fenced block of this kind in the README. */
const example = async (kind: string): Promise<string> => {
  const readme = await readFile(join(repository, 'packages/prefork/README.md'), 'utf8');
  const text = new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  assert.ok(text, `no ${kind} example in the README`);
  return text;
};

test("the packed package installs into an empty project without network, and the README's first example works as printed, with types", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'prefork-package-'));
  const archive = await pack(folder);
  const project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', archive], project);
  await writeFile(join(project, 'app.ts'), await example('ts'));
  await writeFile(join(project, 'prefork.config.ts'), await example('ts prefork.config.ts'));

  const types = '--noEmit --strict --module nodenext --target es2024 --verbatimModuleSyntax --types node';
  const typeRoots = ['--typeRoots', join(repository, 'node_modules/@types')];
  run('tsc', [...types.split(' '), ...typeRoots, 'app.ts', 'prefork.config.ts'], project);

  const [command = '', ...args] = (await example('sh prefork')).trim().split(' ').slice(1);
  assert.equal(command, 'prefork');
  const server = spawn(join(project, 'node_modules/.bin/prefork'), [...args, '--bind', '127.0.0.1:0'], {
    cwd: project,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const lines: string[] = [];
  createInterface({ input: server.stderr }).on('line', (line) => lines.push(line));
  await until(() => server.exitCode !== null || lines.some((line) => line.includes(' serving ')));
  const [, url = ''] = /serving .* on (http:\/\/\S+) with 4 workers/.exec(lines.join('\n')) ?? [];
  const response = await fetch(url, { headers: { connection: 'close' } });
  assert.match(await response.text(), /^Hello from worker \d+\n$/);
  server.kill('SIGINT');
  await once(server, 'close');
  await rm(folder, { recursive: true, force: true });
});
