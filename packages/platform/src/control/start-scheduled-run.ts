import { randomInt, randomUUID } from 'node:crypto';
import { resolveCommand } from '../api/run-one-off.ts';
import { dynoEnvContext } from '../contract/seal-contexts.ts';
import type { DynoId } from '../domain/ids.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { Database } from '../store/database.ts';
import { dynos } from '../store/dynos.ts';
import { releases } from '../store/releases.ts';
import { type SchedulerJob, type SchedulerRun, schedulerJobs } from '../store/scheduler-jobs.ts';

const type = 'scheduler';

/**
 * Notes a run of a job and its dyno, in the caller's transaction: both are there, or neither. A dyno of the run before
 * is asked to end, since none runs longer than until the next one (Dev Center "Heroku Scheduler").
 * @returns undefined when there is a run for that time already.
 */
export const startScheduledRun = async (
  tx: Database,
  keyring: Keyring,
  job: SchedulerJob,
  dueAt: Date,
): Promise<SchedulerRun | undefined> => {
  const release = await releases.current(tx, job.appId);
  const blank = { jobId: job.id, dueAt, dynoId: null, dynoName: null, startedAt: null };
  if (release === undefined || release.slugId === null) {
    const reason = 'The app has no code to run yet.';
    return schedulerJobs.noteRun(tx, { ...blank, state: 'refused', reason, finishedAt: new Date() });
  }
  const taken = await dynos.ofApp(tx, job.appId);
  const [last] = await schedulerJobs.runs(tx, job.id, 1);
  const before = taken.find((dyno) => dyno.id === last?.dynoId);
  if (before !== undefined) await dynos.retire(tx, job.appId, 'stop', { id: before.id });
  const id = randomUUID() as DynoId; // the row's own id, chosen here because its env is sealed to it
  const ordinal = freeOrdinal(new Set(taken.filter((dyno) => dyno.type === type).map((dyno) => dyno.ordinal)));
  const run = await schedulerJobs.noteRun(tx, {
    ...blank,
    state: 'running',
    reason: null,
    dynoId: id,
    dynoName: `${type}.${ordinal}`,
    startedAt: new Date(),
  });
  if (run === undefined) return undefined;
  await dynos.insert(tx, {
    id,
    appId: job.appId,
    releaseId: release.id,
    releaseVersion: release.version,
    kind: 'run',
    type,
    ordinal,
    size: job.size,
    command: resolveCommand(job.command, release),
    state: 'starting',
    retire: null,
    attached: false,
    sealedEnv: keyring.sealJson({}, dynoEnvContext(id)),
    terminal: JSON.stringify(null),
    attachSecretHash: null,
    host: null,
    port: null,
    exitCode: null,
    nextStartAt: null,
    outputPosition: null,
    requestKey: null,
  });
  return run;
};

const freeOrdinal = (taken: ReadonlySet<number>): number => {
  for (;;) {
    const ordinal = randomInt(1000, 10_000);
    if (!taken.has(ordinal)) return ordinal;
  }
};
