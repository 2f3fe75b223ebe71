import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nextRun } from '../addons/scheduler/schedule.ts';
import { type ApiClient, apiClient } from '../api/testing/api-client.ts';
import { releaseCode } from '../api/testing/released-app.ts';
import { startTestPlatform, type TestPlatform } from '../api/testing/test-platform.ts';
import type { LogLine } from '../domain/log-line.ts';
import { dynos } from '../store/dynos.ts';
import { type SchedulerJob, type SchedulerRun, schedulerJobs } from '../store/scheduler-jobs.ts';
import { Scheduler } from './scheduler.ts';

const fixture = fileURLToPath(new URL('./scheduler-process.fixture.ts', import.meta.url));
let platform: TestPlatform;
let ada: ApiClient;
const said: string[] = [];

before(async () => {
  platform = await startTestPlatform();
  ada = apiClient(platform.url, (await platform.account('ada@example.com')).token);
});

after(() => platform.close());

const startScheduler = (): Scheduler => {
  const { db, keyring } = platform.services;
  return new Scheduler({
    db,
    keyring,
    log: (_app: string, lines: readonly Pick<LogLine, 'text'>[]) => void said.push(...lines.map(({ text }) => text)),
    nudge: () => {},
    onFault: (error) => platform.faults.push(error),
  });
};

/** An app with a job whose time was so long ago. */
const dueJob = async (name: string, agoMs: number, withCode = true): Promise<SchedulerJob> => {
  const { db } = platform.services;
  await ada('POST', '/apps', { name });
  if (withCode) await releaseCode(platform, ada, name);
  await ada('POST', `/apps/${name}/addons`, { plan: 'heroku-scheduler' });
  const made = await ada('POST', `/apps/${name}/scheduler/jobs`, {
    command: 'worker --once',
    frequency: 'every-10-minutes',
  });
  const id = made.body.id as SchedulerJob['id']; // the API's ids are the store's
  return schedulerJobs.update(db, id, { nextRunAt: new Date(Date.now() - agoMs) });
};

const runsOf = (job: SchedulerJob): Promise<SchedulerRun[]> => schedulerJobs.runs(platform.services.db, job.id, 10);

/** A scheduler of its own that looks for what is due. */
const startProcess = async (): Promise<ChildProcessByStdio<null, Readable, null>> => {
  const { url, folder } = platform.store;
  const child = spawn(process.execPath, [fixture, url, join(folder, 'secrets')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
};

const kill = async (child: ChildProcessByStdio<null, Readable, null>): Promise<void> => {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
};

const untilRun = async (job: SchedulerJob): Promise<SchedulerRun> => {
  for (;;) {
    const [run] = await runsOf(job);
    if (run !== undefined) return run;
    await sleep(10);
  }
};

test('a job whose time has come gets one dyno, however many schedulers look, and its next time', async () => {
  const { db } = platform.services;
  const job = await dueJob('punctual', 1_000);
  await using _one = startScheduler();
  await using _two = startScheduler();
  const run = await untilRun(job);
  assert.equal(run.state, 'running');
  assert.equal(run.dueAt.getTime(), job.nextRunAt?.getTime());
  const running = await dynos.ofApp(db, job.appId);
  assert.deepEqual(
    running.map((dyno) => [dyno.kind, dyno.type, dyno.command, dyno.attached]),
    [['run', 'scheduler', 'node worker.js --once', false]], // a process type's name stands for its command
  );
  assert.equal(`scheduler.${running[0]?.ordinal}`, run.dynoName);
  const [after] = await schedulerJobs.ofApp(db, job.appId);
  assert.ok((after?.nextRunAt?.getTime() ?? 0) > Date.now());
  assert.equal((await runsOf(job)).length, 1);
  assert.ok(said.some((text) => text.startsWith('Starting process with command `worker --once` by user scheduler@')));
});

test('the end of its dyno is the end of the run, with the status that it ended with', async () => {
  const { db } = platform.services;
  const job = await dueJob('ending', 1_000);
  await using _scheduler = startScheduler();
  const { dynoId } = await untilRun(job);
  assert.ok(dynoId !== null);
  await dynos.update(db, dynoId, { exitCode: 3 });
  await dynos.remove(db, dynoId);
  const [run] = await runsOf(job);
  assert.deepEqual([run?.state, run?.exitCode], ['finished', 3]);
  assert.ok(run?.finishedAt instanceof Date);
});

test('what was due long ago is noted as missed and not made up for; a little late is run once', async () => {
  const missed = await dueJob('slept', 3 * 60 * 60_000);
  const late = await dueJob('dozed', 5 * 60_000);
  await using _scheduler = startScheduler();
  assert.deepEqual([(await untilRun(missed)).state, (await untilRun(late)).state], ['missed', 'running']);
  assert.equal((await dynos.ofApp(platform.services.db, missed.appId)).length, 0);
  assert.deepEqual([(await runsOf(missed)).length, (await runsOf(late)).length], [1, 1]);
});

test('a run that is still going when the next one is due is asked to end', async () => {
  const { db } = platform.services;
  const job = await dueJob('lasting', 1_000);
  await using scheduler = startScheduler();
  const { dynoId } = await untilRun(job);
  await scheduler.runNow(job);
  const all = await dynos.ofApp(db, job.appId);
  assert.equal(all.length, 2);
  assert.equal(all.find((dyno) => dyno.id === dynoId)?.retire, 'stop');
});

test('an app without code has its job refused, and that is said', async () => {
  const job = await dueJob('empty', 1_000, false);
  await using _scheduler = startScheduler();
  const run = await untilRun(job);
  assert.deepEqual([run.state, run.reason], ['refused', 'The app has no code to run yet.']);
});

test('schedulers that are killed with a job due start it once for each time, and the next one goes on', async (t) => {
  const { db } = platform.services;
  const job = await dueJob('killed', 1_000);
  const due = async (): Promise<Date> => {
    const nextRunAt = new Date(Date.now() - 1_000);
    await schedulerJobs.update(db, job.id, { nextRunAt });
    return nextRunAt;
  };
  const times = new Set([(await due()).getTime()]);
  // The first is left alone, to see how long it takes on this machine.
  const first = await startProcess();
  const from = performance.now();
  await once(first.stdout, 'data');
  const tookMs = performance.now() - from;
  await kill(first);
  let kills = 0;
  while (times.size < 4) {
    const at = await due();
    times.add(at.getTime());
    for (let isDue = true; isDue; kills++) {
      const child = await startProcess();
      await sleep(Math.random() * 2.5 * tookMs); // The moment is what varies.
      await kill(child);
      isDue = (await schedulerJobs.ofApp(db, job.appId))[0]?.nextRunAt?.getTime() === at.getTime();
    }
  }
  const runs = (await runsOf(job)).map(({ dueAt }) => dueAt.getTime());
  assert.deepEqual(new Set(runs), times);
  assert.equal(runs.length, times.size);
  const made = (await dynos.ofApp(db, job.appId)).filter(({ type }) => type === 'scheduler');
  assert.equal(made.length, times.size, 'one dyno for each run, and none without');
  assert.equal(made.filter(({ retire }) => retire === null).length, 1, 'a run ends the one before');
  t.diagnostic(`${kills} kills, ${runs.length} runs`);
});

test('a clock that was ahead puts off nothing once it is set back, and what ran already is not run again', async () => {
  const { db } = platform.services;
  const job = await dueJob('ahead', -3 * 24 * 60 * 60_000);
  const [waits] = await schedulerJobs.ofApp(db, job.appId);
  assert.equal(waits?.nextRunAt?.getTime(), job.nextRunAt?.getTime());
  const next = nextRun(job, new Date())?.getTime();
  {
    await using _scheduler = startScheduler();
    while ((await schedulerJobs.ofApp(db, job.appId))[0]?.nextRunAt?.getTime() !== next) await sleep(10);
  }
  // As if it had run already when the clock was set back by seconds: the time after is the next one.
  const after = nextRun(job, new Date(next ?? 0)) ?? null;
  await schedulerJobs.update(db, job.id, { nextRunAt: after });
  const done = { state: 'finished', dynoId: null, dynoName: null, startedAt: null, finishedAt: null } as const;
  await schedulerJobs.noteRun(db, { jobId: job.id, dueAt: new Date(next ?? 0), reason: null, ...done });
  const other = await dueJob('other', 1_000);
  await using _scheduler = startScheduler();
  await untilRun(other);
  const [still] = await schedulerJobs.ofApp(db, job.appId);
  assert.equal(still?.nextRunAt?.getTime(), after?.getTime());
});

test('jobs go with their add-on', async () => {
  const { db } = platform.services;
  const job = await dueJob('leaving', -60_000);
  const addOn = (await ada('GET', '/apps/leaving/addons')).list[0];
  await ada('DELETE', `/apps/leaving/addons/${addOn?.id}`);
  await db.deleteFrom('addOns').where('id', '=', job.addOnId).execute(); // as housekeeping does later
  assert.deepEqual(await schedulerJobs.ofApp(db, job.appId), []);
});
