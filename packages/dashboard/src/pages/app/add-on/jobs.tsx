import { useState } from 'react';
import { useJobs } from '../../../api/add-on-queries.ts';
import type { Job, JobRun } from '../../../api/add-on-shapes.ts';
import { useChange } from '../../../api/change.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import { Status } from '../../../parts/status.tsx';
import { describeTimes } from './describe-times.ts';
import { JobForm } from './job-form.tsx';
import { JobHistory } from './job-history.tsx';
import type { OfAddOn } from './of-add-on.ts';

type Asking =
  | { readonly what: 'add' }
  | { readonly what: 'edit' | 'remove' | 'history'; readonly id: string }
  | undefined;

/** What Heroku Scheduler has in a page of its own. */
export const Jobs = ({ addOn: { app: owner } }: OfAddOn) => {
  const { t } = useWording();
  const app = owner.name;
  const { data: jobs, error } = useJobs(app);
  const [asking, setAsking] = useState<Asking>();
  const close = (): void => setAsking(undefined);
  const job = asking === undefined || asking.what === 'add' ? undefined : jobs?.find(({ id }) => id === asking.id);
  return (
    <Card
      title={t('scheduler')}
      action={
        <Button small onClick={() => setAsking({ what: 'add' })}>
          <Icon name="add" size={16} />
          {t('addJob')}
        </Button>
      }
    >
      <Problem error={error} />
      {jobs?.length === 0 && (
        <Empty
          icon="process"
          title={t('noJobs')}
          text={t('noJobsText')}
          command={`ravine scheduler add ${app} 'COMMAND' --daily 13:30`}
        />
      )}
      <ul className="rows">
        {jobs?.map((one) => (
          <JobRow key={one.id} app={app} job={one} onAsk={(what) => setAsking({ what, id: one.id })} />
        ))}
      </ul>
      {asking?.what === 'add' && <JobForm app={app} onClose={close} />}
      {job !== undefined && asking?.what === 'edit' && <JobForm app={app} job={job} onClose={close} />}
      {job !== undefined && asking?.what === 'history' && <JobHistory app={app} job={job} onClose={close} />}
      {job !== undefined && asking?.what === 'remove' && <RemoveJob app={app} job={job} onClose={close} />}
    </Card>
  );
};

interface JobRowProps {
  readonly app: string;
  readonly job: Job;
  readonly onAsk: (what: 'edit' | 'remove' | 'history') => void;
}

const JobRow = ({ app, job, onAsk }: JobRowProps) => {
  const { t, dateTime } = useWording();
  const announce = useAnnounce();
  const run = useChange<JobRun>(app, ({ dyno }) => announce(t('jobStarted', { name: dyno ?? '' })));
  const name = job.command;
  return (
    <li className="row wraps">
      <Icon name="process" />
      <span className="row-main">
        <code className="strong">{name}</code>
        <span className="soft small-text">
          {describeTimes(job, t)} · <bdi>{job.size}</bdi>
          {job.next_run_at !== null && (
            <>
              {' '}
              · {t('nextRun')} <time dateTime={job.next_run_at}>{dateTime(job.next_run_at)}</time>
            </>
          )}
        </span>
      </span>
      {!job.enabled && <Status tone="warn">{t('off')}</Status>}
      <div className="actions">
        <Button
          small
          kind="quiet"
          busy={run.isPending}
          aria-label={t('runNowThis', { name })}
          onClick={() => run.mutate({ method: 'POST', path: `/apps/${app}/scheduler/jobs/${job.id}/actions/run` })}
        >
          {t('runNow')}
        </Button>
        <Button small kind="quiet" aria-label={t('historyOf', { name })} onClick={() => onAsk('history')}>
          {t('history')}
        </Button>
        <button type="button" className="icon-button" aria-label={t('editJob', { name })} onClick={() => onAsk('edit')}>
          <Icon name="edit" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t('removeThis', { name })}
          onClick={() => onAsk('remove')}
        >
          <Icon name="remove" />
        </button>
      </div>
      <Problem error={run.error} />
    </li>
  );
};

interface RemoveProps {
  readonly app: string;
  readonly job: Job;
  readonly onClose: () => void;
}

const RemoveJob = ({ app, job, onClose }: RemoveProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const remove = useChange(app, () => {
    onClose();
    announce(t('jobRemoved'));
  });
  return (
    <FormDialog
      title={t('removeThis', { name: job.command })}
      submit={t('remove')}
      danger
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate({ method: 'DELETE', path: `/apps/${app}/scheduler/jobs/${job.id}` })}
      onClose={onClose}
    >
      <p>{t('removeJobText')}</p>
    </FormDialog>
  );
};
