import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { cpus } from 'node:os';
import { test } from 'node:test';
import { BuildPace } from './build-pace.ts';

test('a build that gets nothing on a machine that is fully used is given a little, until it ends', async (t) => {
  const spinners = cpus().map(() => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
  const waiting = spawn('sleep', ['1000'], { stdio: 'ignore' });
  t.after(() => {
    for (const child of [...spinners, waiting]) child.kill('SIGKILL');
  });
  const told = new EventEmitter();
  const answers: boolean[] = [];
  const pace = new BuildPace({
    pids: () => [waiting.pid ?? 0],
    yields: (always) => {
      answers.push(always);
      if (!always) told.emit('gets a little');
    },
  });
  await once(told, 'gets a little');
  pace[Symbol.dispose]();
  assert.equal(answers.at(-1), true);
});
