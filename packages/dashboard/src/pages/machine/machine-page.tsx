import '../../styles/machine.css';
import { ApiError } from '../../api/request.ts';
import { useWording } from '../../language/language.tsx';
import { Problem } from '../../parts/problem.tsx';
import { PageHead } from '../../parts/section.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { NoSuchPage } from '../no-such-page.tsx';
import { useTitle } from '../use-title.ts';
import { Backups, Certificates } from './due.tsx';
import { Findings } from './findings.tsx';
import { Health } from './health.tsx';
import { useMachine } from './report.ts';

/** How the machine does, for those who look after it. */
export const MachinePage = () => {
  const { t } = useWording();
  useTitle(t('machine'));
  const { data: machine, error, refetch } = useMachine();
  if (error instanceof ApiError && error.status === 403) return <NoSuchPage />;
  if (machine === undefined) return <Problem error={error} onRetry={() => void refetch()} />;
  const { versions } = machine;
  return (
    <>
      <PageHead title={t('machine')}>
        <p className="soft">
          {t('upSince')} <TimeAgo time={machine.started_at} />
        </p>
      </PageHead>
      <div className="stack-l">
        <Health machine={machine} />
        <Backups databases={machine.databases} />
        <Certificates certificates={machine.certificates} />
        <Findings />
        <p className="soft small-text machine-versions" dir="ltr">
          Ravine {versions.ravine} · Node.js {versions.node} · PostgreSQL {versions.store} · {versions.system}
        </p>
      </div>
    </>
  );
};
