import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { findCgroup, openCgroup } from './cgroup.ts';
import { findCgroupBase } from './cgroup-base.ts';

const skip = (await findCgroupBase()) ? false : 'this machine lets us make no control groups';
const mb = 1024 * 1024;
const limits = { memoryBytes: 64 * mb, maxProcesses: 16, cpuShares: 256 };

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

test('a group name that could leave its folder is refused', async () => {
  await assert.rejects(openCgroup('../other', limits), /group name/);
});
