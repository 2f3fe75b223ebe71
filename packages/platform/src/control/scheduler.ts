import { setTimeout as sleep } from 'node:timers/promises';
import { nextRun } from '../addons/scheduler/schedule.ts';
import type { AppId } from '../domain/ids.ts';
import { type LogSink, nowUs } from '../domain/log-line.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { Database } from '../store/database.ts';
import { type SchedulerJob, type SchedulerRun, schedulerJobs } from '../store/scheduler-jobs.ts';
import { startScheduledRun } from './start-scheduled-run.ts';

/** What was due while the platform was down runs late, once, within this; later it is noted as missed. */
const latestMs = 10 * 60_000;
/** Clocks are set and rows change: looked at anew this often, though nothing is due. */
const lookEveryMs = 30_000;
const keptMs = 30 * 24 * 60 * 60_000;
const retryMs = 2_000;

export interface SchedulerParts {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly log: LogSink;
  /** Dynos of the app were asked for. */
  readonly nudge: (appId: AppId) => void;
  readonly onFault: (error: unknown) => void;
}

/**
 * Starts jobs at their times. A run, its dyno and the job's next time are one transaction: killed anywhere, a time is
 * either not yet dealt with or dealt with once.
 */
export class Scheduler implements AsyncDisposable {
  readonly #parts: SchedulerParts;
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  #wake = new AbortController();

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#loop = this.#run();
  }

  /** There are other jobs, or other times, than before: look now. */
  nudge(): void {
    this.#wake.abort();
  }

  /** Runs a job now, beside its times. */
  async runNow(job: SchedulerJob): Promise<SchedulerRun | undefined> {
    const { db, keyring } = this.#parts;
    const run = await db.transaction().execute((tx) => startScheduledRun(tx, keyring, job, new Date()));
    this.#announce(job, run);
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const either = AbortSignal.any([signal, this.#wake.signal]);
      let waitMs = retryMs;
      try {
        await takeBack(this.#parts.db, new Date());
        while (!signal.aborted && (await this.#startOne()));
        await schedulerJobs.forgetRunsBefore(this.#parts.db, new Date(Date.now() - keptMs));
        const next = await schedulerJobs.nextRunAt(this.#parts.db);
        waitMs = Math.min(lookEveryMs, Math.max(100, (next?.getTime() ?? Number.POSITIVE_INFINITY) - Date.now()));
      } catch (error) {
        if (!signal.aborted) this.#parts.onFault(error);
      }
      await sleep(waitMs, undefined, { signal: either }).catch(() => {});
    }
  }

  /** @returns whether there was one whose time had come. */
  async #startOne(): Promise<boolean> {
    const { db, keyring } = this.#parts;
    const now = new Date();
    const done = await db.transaction().execute(async (tx) => {
      const job = await schedulerJobs.lockDue(tx, now);
      if (job?.nextRunAt == null) return undefined;
      const dueAt = job.nextRunAt;
      const isLate = now.getTime() - dueAt.getTime() > latestMs;
      const run = isLate ? await noteMissed(tx, job, dueAt) : await startScheduledRun(tx, keyring, job, dueAt);
      await schedulerJobs.update(tx, job.id, { nextRunAt: nextRun(job, now) ?? null });
      return { job, run };
    });
    if (done !== undefined) this.#announce(done.job, done.run);
    return done !== undefined;
  }

  #announce(job: SchedulerJob, run: SchedulerRun | undefined): void {
    if (run === undefined) return;
    const text =
      run.state === 'running'
        ? `Starting process with command \`${job.command}\` by user scheduler@addons.heroku.com`
        : `Scheduler could not run \`${job.command}\`: ${run.reason}`;
    this.#parts.log(job.appId, [{ atUs: nowUs(), source: 'app', dyno: 'api', text }]);
    if (run.state === 'running') this.#parts.nudge(job.appId);
  }
}

/** A clock that was ahead has put jobs off until it is there again; they are due as now has it, if they did not run then. */
const takeBack = async (db: Database, now: Date): Promise<void> => {
  for (const job of await schedulerJobs.waiting(db)) {
    const next = nextRun(job, now);
    if (next === undefined || job.nextRunAt === null || job.nextRunAt <= next) continue;
    if (!(await schedulerJobs.hasRun(db, job.id, next))) await schedulerJobs.update(db, job.id, { nextRunAt: next });
  }
};

const noteMissed = (tx: Database, job: SchedulerJob, dueAt: Date): Promise<SchedulerRun | undefined> =>
  schedulerJobs.noteRun(tx, {
    jobId: job.id,
    dueAt,
    state: 'missed',
    dynoId: null,
    dynoName: null,
    startedAt: null,
    finishedAt: new Date(),
    reason: 'The platform was not running at its time.',
  });
