import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerReach, reachOf } from './container-reach.ts';
import { Engine } from './engine.ts';
import { testEngine } from './testing/test-engine.ts';

test('containers of an engine in a machine or a network of its own are reached on localhost', () => {
  const gateway = '172.17.0.1';
  const rootless = { SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] };
  assert.deepEqual(reachOf({ OperatingSystem: 'Docker Desktop' }, gateway), { kind: 'loopback', rootless: false });
  assert.deepEqual(reachOf(rootless, gateway), { kind: 'loopback', rootless: true });
  assert.deepEqual(reachOf({}, undefined), { kind: 'loopback', rootless: false });
  assert.deepEqual(reachOf({ OperatingSystem: 'Debian GNU/Linux 12', SecurityOptions: null }, gateway), {
    kind: 'bridge',
    gateway,
  });
});

test('those of an engine of this machine are reached at their own addresses', async () => {
  using engine = await testEngine();
  assert.equal((await containerReach(engine)).kind, 'bridge');
});

test('an engine on another machine is refused, with what to do', async () => {
  // An address of the block for documentation (RFC 5737), which no machine has.
  const endpoint = { kind: 'tcp', host: '192.0.2.1', port: 2375 } as const;
  using engine = new Engine(endpoint, { api: '1.41', version: '', isPodman: false });
  await assert.rejects(containerReach(engine), /tcp:\/\/192\.0\.2\.1:2375 is on another machine.+run Ravine there/);
});
