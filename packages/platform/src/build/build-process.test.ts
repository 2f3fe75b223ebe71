import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

const builder = `
import { runBuildCommand } from ${JSON.stringify(new URL('./build-process.ts', import.meta.url).href)};
const argv = ['sh', '-c', 'sleep 1000 & echo $!; wait'];
const sandbox = { uid: undefined, cgroup: undefined, memoryBytes: 2 ** 30, env: process.env, signal: new AbortController().signal };
await runBuildCommand({ argv, cwd: ${JSON.stringify(tmpdir())}, output: process.stdout }, sandbox);
`;

/** Neither gone nor a zombie that nobody has waited for. */
const isRunning = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) [^ZX]/.test(stat);
};

test('a build does not outlive a Ravine that was killed', async () => {
  const ravine = spawn(process.execPath, ['--input-type=module', '-e', builder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = await once(ravine.stdout, 'data');
  const pid = Number(String(chunk));
  assert.equal(process.kill(pid, 0), true);
  ravine.kill('SIGKILL');
  await once(ravine, 'exit');
  while (await isRunning(pid)) await setImmediate();
});
