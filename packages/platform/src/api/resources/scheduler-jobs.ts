import { nextRun, type Schedule, scheduleProblem } from '../../addons/scheduler/schedule.ts';
import { sizeNamed } from '../../contract/dyno-size-rule.ts';
import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { schedulerJobShape, schedulerRunShape } from '../../contract/shapes/scheduler-job.ts';
import { defaultDynoSize } from '../../domain/dyno-size.data.ts';
import { addOns } from '../../store/add-ons.ts';
import { attachments } from '../../store/attachments.ts';
import { type SchedulerJob, schedulerJobs } from '../../store/scheduler-jobs.ts';
import { created, list, ok } from '../answer.ts';
import type { CacheServices } from '../cache-services.ts';
import { type AppCall, type Endpoint, onApp, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

type Uses = Pick<Services, 'db' | 'now'> & { readonly caches: Pick<CacheServices, 'scheduler'> };

const frequencies = ['every-10-minutes', 'hourly', 'daily', 'cron'] as const;
const maxJobs = 100;
const maxCommandLength = 50_000;
const maxRuns = 200;

/** Jobs of heroku-scheduler, which on Heroku only its web page can change (docs/api.md, "Scheduler"). */
export const schedulerJobEndpoints = ({ db, now, caches: { scheduler } }: Uses): Endpoint[] => {
  const find = async (call: AppCall): Promise<SchedulerJob> => {
    const job = await schedulerJobs.find(db, call.app.id, param(call, 'job'));
    if (job === undefined) throw notFound('scheduler_job', "Couldn't find that scheduler job.");
    return job;
  };

  const create = async (call: AppCall): Promise<SchedulerJob> => {
    const wanted = read(call.body, { command: '', size: defaultDynoSize, enabled: true, timeZone: 'UTC' });
    const addOnId = await schedulerOf(call);
    if ((await schedulerJobs.ofApp(db, call.app.id)).length >= maxJobs) {
      throw invalidParams(`${call.app.name} has ${maxJobs} scheduler jobs, which is the limit. Remove one first.`);
    }
    const nextRunAt = wanted.enabled ? (nextRun(wanted, now()) ?? null) : null;
    return schedulerJobs.insert(db, { ...wanted, addOnId, appId: call.app.id, nextRunAt });
  };

  const schedulerOf = async (call: AppCall) => {
    for (const attachment of await attachments.ofApp(db, call.app.id)) {
      const addOn = await addOns.byId(db, attachment.addOnId);
      if (addOn?.service === 'heroku-scheduler' && addOn.appId === call.app.id) return addOn.id;
    }
    throw invalidParams(
      `${call.app.name} has no scheduler. Create one: heroku addons:create heroku-scheduler -a ${call.app.name}`,
    );
  };

  return [
    onApp('GET', '/apps/:app/scheduler/jobs', 'view', async (call) => {
      const all = await schedulerJobs.ofApp(db, call.app.id);
      return list(
        call.headers.range,
        all.map((job) => schedulerJobShape(job, call.app)),
        ['id'],
      );
    }),
    onApp('POST', '/apps/:app/scheduler/jobs', 'operate', async (call) => {
      const job = await create(call);
      scheduler.nudge();
      return created(schedulerJobShape(job, call.app));
    }),
    onApp('GET', '/apps/:app/scheduler/jobs/:job', 'view', async (call) =>
      ok(schedulerJobShape(await find(call), call.app)),
    ),
    onApp('PATCH', '/apps/:app/scheduler/jobs/:job', 'operate', async (call) => {
      const job = await find(call);
      const wanted = read(call.body, job);
      const nextRunAt = wanted.enabled ? (nextRun(wanted, now()) ?? null) : null;
      const changed = await schedulerJobs.update(db, job.id, { ...wanted, nextRunAt });
      scheduler.nudge();
      return ok(schedulerJobShape(changed, call.app));
    }),
    onApp('DELETE', '/apps/:app/scheduler/jobs/:job', 'operate', async (call) => {
      const job = await find(call);
      await schedulerJobs.remove(db, job.id);
      return ok(schedulerJobShape(job, call.app));
    }),
    onApp('POST', '/apps/:app/scheduler/jobs/:job/actions/run', 'operate', async (call) => {
      const run = await scheduler.runNow(await find(call));
      if (run === undefined) throw invalidParams('The job has just been started.');
      if (run.state === 'refused') throw invalidParams(`${run.reason} Deploy it first: git push heroku main.`);
      return created(schedulerRunShape(run));
    }),
    onApp('GET', '/apps/:app/scheduler/jobs/:job/runs', 'view', async (call) => {
      const limit = new Fields(call.query).integer('limit', 1, maxRuns) ?? 50;
      const runs = await schedulerJobs.runs(db, (await find(call)).id, limit);
      return ok(runs.map(schedulerRunShape));
    }),
  ];
};

type Wanted = Schedule & Pick<SchedulerJob, 'command' | 'size' | 'enabled'>;

/** What a request asks for, over what there is. @throws PlatformError in the terms of the field that is wrong. */
const read = (
  body: unknown,
  before: Pick<Wanted, 'command' | 'size' | 'enabled' | 'timeZone'> & Partial<Schedule>,
): Wanted => {
  const fields = new Fields(body);
  const command = (fields.text('command') ?? before.command).trim();
  if (command === '') throw invalidParams('command is required: expected a string.');
  if (command.length > maxCommandLength) {
    throw invalidParams(`command: expected at most ${maxCommandLength} characters, got ${command.length}.`);
  }
  const asked = fields.text('frequency') ?? before.frequency;
  const frequency = frequencies.find((one) => one === asked);
  if (frequency === undefined) {
    throw invalidParams(`frequency: expected one of ${frequencies.join(', ')}; got ${JSON.stringify(asked ?? null)}.`);
  }
  const kept = frequency === before.frequency ? before.at : undefined;
  const at = (
    fields.text('at') ??
    kept ??
    (frequency === 'hourly' ? '0' : frequency === 'daily' ? '00:00' : '')
  ).trim();
  const schedule: Schedule = { frequency, at, timeZone: fields.text('time_zone') ?? before.timeZone };
  const problem = scheduleProblem(schedule);
  if (problem !== undefined) throw invalidParams(problem);
  const size = fields.reference('size');
  return {
    ...schedule,
    command,
    size: size === undefined ? before.size : sizeNamed(size),
    enabled: fields.flag('enabled') ?? before.enabled,
  };
};
