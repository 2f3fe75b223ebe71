import { useJobRuns } from '../../../api/add-on-queries.ts';
import type { Job, JobRun } from '../../../api/add-on-shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Status } from '../../../parts/status.tsx';
import { TimeAgo } from '../../../parts/time-ago.tsx';
import { Link } from '../../../routing/router.tsx';

interface HistoryProps {
  readonly app: string;
  readonly job: Job;
  readonly onClose: () => void;
}

/** A job's runs, the newest first, each with its lines in the log. */
export const JobHistory = ({ app, job, onClose }: HistoryProps) => {
  const { t } = useWording();
  const { data: runs, error } = useJobRuns(app, job.id);
  return (
    <Dialog title={t('historyOf', { name: job.command })} onClose={onClose}>
      <Problem error={error} />
      {runs?.length === 0 && <p className="soft">{t('noRuns')}</p>}
      <ul className="rows">
        {runs?.map((run) => (
          <li key={run.id} className="row">
            <span className="row-main">
              <TimeAgo time={run.started_at ?? run.due_at} />
              <span className="soft small-text">
                {run.dyno === null ? (
                  run.reason
                ) : (
                  <>
                    <code>{run.dyno}</code> ·{' '}
                    <Link to={`/apps/${app}/logs?dyno=${run.dyno}`} onClick={onClose}>
                      {t('openLog')}
                    </Link>
                  </>
                )}
              </span>
            </span>
            <Outcome run={run} />
          </li>
        ))}
      </ul>
      <div className="actions end">
        <Button onClick={onClose}>{t('close')}</Button>
      </div>
    </Dialog>
  );
};

const Outcome = ({ run: { state, exit_code: code } }: { readonly run: JobRun }) => {
  const { t } = useWording();
  if (state === 'running') return <Status tone="calm">{t('running')}</Status>;
  if (state === 'missed') return <Status tone="warn">{t('runMissed')}</Status>;
  if (state === 'refused') return <Status tone="bad">{t('runRefused')}</Status>;
  if (code === 0 || code === null) return <Status tone="good">{t('succeeded')}</Status>;
  return <Status tone="bad">{t('exitCode', { n: code })}</Status>;
};
