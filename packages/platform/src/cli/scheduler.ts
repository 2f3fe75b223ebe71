import { askApi } from './api-client.ts';
import { type Command, parseFlags, UsageError } from './command.ts';

interface Job {
  readonly id: string;
  readonly command: string;
  readonly size: string;
  readonly frequency: string;
  readonly at: string;
  readonly time_zone: string;
  readonly enabled: boolean;
  readonly next_run_at: string | null;
}

interface Run {
  readonly due_at: string;
  readonly state: string;
  readonly dyno: string | null;
  readonly exit_code: number | null;
  readonly reason: string | null;
}

const verbs = ['list', 'add', 'remove', 'run', 'runs'] as const;
const frequencies = ['every-10-minutes', 'hourly', 'daily', 'cron'];

const describe = ({ frequency, at, time_zone: zone }: Job): string =>
  at === '' ? frequency : `${frequency} ${frequency === 'hourly' ? `:${at.padStart(2, '0')}` : at} ${zone}`;

const listed = (job: Job): string =>
  `${job.id}  ${describe(job)}  ${job.size}  ${job.enabled ? `next ${job.next_run_at}` : 'off'}  ${job.command}\n`;

const told = ({ due_at, state, dyno, exit_code, reason }: Run): string =>
  `${due_at}  ${state}  ${dyno ?? '-'}  ${exit_code ?? '-'}${reason === null ? '' : `  ${reason}`}\n`;

/** `--daily 13:30` and its like. */
const scheduleOf = (flags: Readonly<Record<string, string>>, on: ReadonlySet<string>): Record<string, string> => {
  const given = frequencies.filter((name) => flags[name] !== undefined || on.has(name));
  const [frequency] = given;
  if (frequency === undefined || given.length > 1) {
    throw new UsageError(
      'scheduler add takes one of --every-10-minutes, --hourly MINUTE, --daily HH:MM, --cron EXPRESSION',
    );
  }
  return { frequency, at: flags[frequency] ?? '' };
};

export const scheduler: Command = {
  summary: 'Lists, adds, removes and runs the jobs of an app with heroku-scheduler.',
  help: () => `
  ravine scheduler list APP
  ravine scheduler add APP COMMAND --daily 13:30 [--zone Europe/Berlin] [--size Basic]
                                   (or --every-10-minutes, --hourly 30, --cron '15 6 * * 1-5')
  ravine scheduler remove APP JOB
  ravine scheduler run APP JOB     runs it now
  ravine scheduler runs APP JOB    what became of it
It asks as the account that the heroku CLI is logged in with, on the platform of \`ravine env\`.
`,
  run: async (args) => {
    const { flags, on, words } = parseFlags(args, ['every-10-minutes']);
    const [asked, app, ...rest] = words;
    const verb = verbs.find((one) => one === asked);
    if (verb === undefined || app === undefined) {
      throw new UsageError(`scheduler takes one of ${verbs.join(', ')} and an app: ravine scheduler list my-app`);
    }
    const jobs = `/apps/${encodeURIComponent(app)}/scheduler/jobs`;
    process.stdout.write(await perform(verb, jobs, rest.join(' '), { flags, on }));
    return 0;
  },
};

const perform = async (
  verb: (typeof verbs)[number],
  jobs: string,
  word: string,
  { flags, on }: { flags: Readonly<Record<string, string>>; on: ReadonlySet<string> },
): Promise<string> => {
  if (verb === 'list') return ((await askApi('GET', jobs)) as Job[]).map(listed).join(''); // as docs/api.md has them
  if (word === '')
    throw new UsageError(`scheduler ${verb} takes ${verb === 'add' ? 'a command' : "a job's id"} behind the app`);
  if (verb === 'add') {
    const { zone, size } = flags;
    const body = { command: word, ...scheduleOf(flags, on), ...(zone && { time_zone: zone }), ...(size && { size }) };
    return listed((await askApi('POST', jobs, body)) as Job);
  }
  const job = `${jobs}/${encodeURIComponent(word)}`;
  if (verb === 'runs') return ((await askApi('GET', `${job}/runs`)) as Run[]).map(told).join('');
  if (verb === 'run') return told((await askApi('POST', `${job}/actions/run`, {})) as Run);
  await askApi('DELETE', job);
  return `removed ${word}\n`;
};
