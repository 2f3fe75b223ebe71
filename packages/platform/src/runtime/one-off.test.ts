import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { AppId, DynoId } from '../domain/ids.ts';
import { ProcessDriver } from './drivers/process/process-driver.ts';
import { MemoryPorts } from './memory-ports.ts';
import { type ReleasePhaseEnd, runReleasePhase } from './one-off.ts';

let root: string;
let driver: ProcessDriver;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'one-off-'));
  await chmod(root, 0o711);
  await mkdir(join(root, 'slug'));
  driver = await ProcessDriver.open({ folder: join(root, 'dynos'), hangupGraceMs: 200 });
});
after(async () => {
  await driver[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const run = async (
  command: string,
  options: {
    readonly signal?: AbortSignal;
    readonly limitMs?: number;
    readonly seen?: (output: PassThrough) => void;
  } = {},
): Promise<{ readonly end: ReleasePhaseEnd; readonly output: string; readonly lines: readonly string[] }> => {
  const ports = new MemoryPorts();
  const output = new PassThrough();
  options.seen?.(output);
  const written = text(output);
  const end = await runReleasePhase(
    { driver, logs: ports.logs },
    {
      id: randomUUID() as DynoId,
      appId: randomUUID() as AppId,
      uid: 200_031,
      name: 'release.7',
      command,
      size: 'Basic',
      release: { artifact: () => ({ kind: 'slug', folder: join(root, 'slug') }), env: { SAY: 'migrated' } },
    },
    {
      output,
      signal: options.signal ?? new AbortController().signal,
      ...(options.limitMs === undefined ? {} : { limitMs: options.limitMs }),
    },
  );
  output.end();
  return { end, output: await written, lines: ports.texts() };
};

test('a release command gets the config, and its output goes to the stream and the log', async () => {
  const { end, output, lines } = await run('echo "$SAY $DYNO"; read -r x || printf "no input"');
  assert.deepEqual(end, { kind: 'exited', exitCode: 0 });
  assert.equal(output, 'migrated release.7\nno input');
  assert.ok(lines.includes('app[release.7]: migrated release.7'));
  assert.ok(lines.includes('app[release.7]: no input'));
  assert.ok(lines.includes('heroku[release.7]: Process exited with status 0'));
});

test('a release command that fails tells its status', async () => {
  assert.deepEqual((await run('exit 9')).end, { kind: 'exited', exitCode: 9 });
});

test('a release command is ended at the time limit, also when it ignores the hang-up', async () => {
  const { end } = await run("trap '' HUP; while :; do sleep 1; done", { limitMs: 200 });
  assert.deepEqual(end, { kind: 'timed-out', limitMs: 200 });
});

test('a release command is ended on abort', async () => {
  const stop = new AbortController();
  const seen = (output: PassThrough): void => {
    output.once('data', () => stop.abort());
  };
  const { end } = await run('echo ready; exec sleep 1000', { signal: stop.signal, seen });
  assert.deepEqual(end, { kind: 'aborted' });
});
