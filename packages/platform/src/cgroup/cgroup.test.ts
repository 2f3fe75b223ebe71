import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cgroup, cgroupsAt, findCgroup, openCgroup } from './cgroup.ts';
import { findCgroupBase, setIdle } from './cgroup-base.ts';

const skip = (await findCgroupBase()) ? false : 'this machine lets us make no control groups';
const mb = 1024 * 1024;
const limits = { memoryBytes: 64 * mb, maxProcesses: 16, cpuShares: 256 };

const enoughTicks = 30;

/** Of the CPU that a process has had, a hundred a second. */
const ticksOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
};

const open = async () => {
  const group = await openCgroup(`test-${randomUUID()}`, limits);
  assert(group);
  return group;
};

test('a wrapped process is in the group before it starts, and kill ends all of the group', { skip }, async () => {
  const group = await open();
  const [file = '', ...argv] = group.wrap(['sh', '-c', 'sleep 100 & sleep 100 & echo ready; wait']);
  const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  assert.equal(group.pids().length, 3);
  assert(group.memoryBytes() > 0);
  const again = await findCgroup(group.name);
  await again?.kill();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.deepEqual(group.pids(), []);
  assert.equal(group.outOfMemoryKilled(), false);
  group.remove();
  assert.equal(await findCgroup(group.name), undefined);
});

test('a spinning process of an idle group gets next to nothing while another spins', {
  skip,
}, async () => {
  const idle = await openCgroup(`test-${randomUUID()}`, { ...limits, cpuShares: 'idle' });
  const ordinary = await open();
  assert(idle);
  const spin = (group: Cgroup, core: string): number => {
    const [file = '', ...argv] = group.wrap(['taskset', '-c', core, 'sh', '-c', 'while :; do :; done']);
    return spawn(file, argv, { stdio: 'ignore' }).pid ?? 0;
  };
  const pid = spin(idle, '0');
  while (ticksOf(pid) === 0) await sleep(5);
  const other = spin(ordinary, '0');
  while (ticksOf(other) === 0) await sleep(5);
  const [idleBefore, otherBefore] = [ticksOf(pid), ticksOf(other)];
  while (ticksOf(other) - otherBefore < enoughTicks) await sleep(5);
  assert.ok(ticksOf(pid) - idleBefore < enoughTicks / 2, `${ticksOf(pid) - idleBefore} ticks beside ${enoughTicks}`);
  assert.equal((await findCgroup(idle.name))?.pids().includes(pid), true);
  for (const group of [idle, ordinary]) {
    await group.kill();
    group.remove();
  }
  assert.equal(await findCgroup(idle.name), undefined);
});

test('a process that takes more memory than the limit is killed and the group tells so', { skip }, async () => {
  const group = await open();
  const [file = '', ...argv] = group.wrap([process.execPath, '-e', 'Buffer.alloc(200 * 1024 * 1024, 1)']);
  const child = spawn(file, argv, { stdio: 'ignore' });
  await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL');
  assert.equal(group.outOfMemoryKilled(), true);
  await group.kill();
  group.remove();
});

test('a folder of idle groups is set by what the kernel offers there', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-idle-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = (name: string) => join(folder, name);
  const read = () =>
    ['cpu.idle', 'cpu.shares'].map((name) => existsSync(file(name)) && readFileSync(file(name), 'utf8'));
  await writeFile(file('cpu.shares'), '1024');
  setIdle(folder, true);
  assert.deepEqual(read(), [false, '256']);
  await writeFile(file('cpu.idle'), '0');
  await writeFile(file('cpu.shares'), '1024');
  setIdle(folder, true);
  assert.deepEqual(read(), ['1', '1024']);
  setIdle(folder, false);
  assert.deepEqual(read(), ['0', '256']);
});

test('an idle group gets on for as long as its processes are being ended', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'ravine-idle-'));
  t.after(() => rm(root, { recursive: true }));
  const idleFolder = join(root, 'ravine-idle');
  await mkdir(idleFolder);
  await writeFile(join(idleFolder, 'cpu.idle'), '1');
  const idle = () => readFileSync(join(idleFolder, 'cpu.idle'), 'utf8');
  const group = cgroupsAt({ version: 2, folder: join(root, 'ravine'), idleFolder }).open('build', {
    ...limits,
    cpuShares: 'idle',
  });
  const child = spawn('sleep', ['100']);
  const procs = join(idleFolder, 'build', 'cgroup.procs');
  await writeFile(procs, `${child.pid}\n`);
  const killed = group.kill();
  const [, signal] = await once(child, 'exit');
  assert.deepEqual([signal, idle()], ['SIGKILL', '0']);
  await writeFile(procs, '');
  await killed;
  assert.equal(idle(), '1');
});

test('a group name that could leave its folder is refused', async () => {
  await assert.rejects(openCgroup('../other', limits), /group name/);
});
