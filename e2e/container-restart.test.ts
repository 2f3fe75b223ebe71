import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine, inEngine, runningInEngine } from '../scripts/platform-in-engine.ts';
import { Machine } from './harness/machine.ts';
import { Member } from './harness/member.ts';
import { visit } from './harness/visit.ts';

const run = promisify(execFile);
const askEveryMs = 50;
const machine = await Machine.make({ DOCKER_HOST: ensureEngine(), RAVINE_ENGINE: 'auto' });
const source = await mkdtemp(join(tmpdir(), 'ravine-source-'));
after(async () => {
  await machine[Symbol.asyncDispose]();
  await clearEngine(machine.dataFolder);
  await rm(source, { recursive: true, force: true });
});

/** Resolves with the page, once the app answers with 200. */
const answered = async (): Promise<string> => {
  for (;;) {
    const page = await visit(machine, 'shop', '/').catch(() => undefined);
    if (page?.status === 200) return page.body;
    await sleep(askEveryMs);
  }
};

test('an app of the container stack is served', async () => {
  await machine.start();
  const member = await Member.logIn(machine);
  await member.call('POST', '/apps', { name: 'shop', stack: 'container' });
  await writeFile(
    join(source, 'Dockerfile'),
    'FROM python:3-slim\nRUN echo hello > index.html\nCMD exec python3 -m http.server $PORT\n',
  );
  await run('git', ['init', '--quiet', '--initial-branch=main'], { cwd: source });
  await run('git', ['add', '.'], { cwd: source });
  const identity = ['-c', 'user.name=Tester', '-c', 'user.email=tester@localhost'];
  await run('git', [...identity, 'commit', '--quiet', '--message', 'A page'], { cwd: source });
  const { status, output } = await member.push('shop', source);
  assert.equal(status, 0, output);
  assert.equal(await answered(), 'hello\n');
});

test('its containers run on while Ravine is away, and are adopted by the next start', async () => {
  const before = await runningInEngine(machine.dataFolder);
  assert.equal(before.length, 1);
  await machine.killAll();
  assert.deepEqual(await runningInEngine(machine.dataFolder), before);
  await machine.start();
  assert.equal(await answered(), 'hello\n');
  assert.deepEqual(await runningInEngine(machine.dataFolder), before);
});

test('`ravine down` stops them, and the next `ravine up` starts what had run', async () => {
  await machine.down();
  assert.deepEqual(await runningInEngine(machine.dataFolder), []);
  await machine.start();
  assert.equal(await answered(), 'hello\n');
  assert.equal((await runningInEngine(machine.dataFolder)).length, 1);
  assert.equal((await inEngine(machine.dataFolder)).networks.length, 1);
  const member = await Member.logIn(machine);
  const session = await member.call<{ logplex_url: string }>('POST', '/apps/shop/log-sessions', { lines: 100 });
  const log = await (await fetch(session.logplex_url)).text();
  assert.match(log, /State changed from up to down/);
  assert.doesNotMatch(log, /crashed/);
});
