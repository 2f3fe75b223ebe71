import '../../../styles/logs.css';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { navigate, useSearch } from '../../../routing/router.tsx';
import type { AppPageProps } from '../app-page-props.ts';
import { AroundLine } from './around-line.tsx';
import { KeptFor } from './kept-for.tsx';
import { LiveLog } from './live-log.tsx';
import { type LogFilter, readFilter, writeFilter } from './log-filter.ts';
import { LogFilters } from './log-filters.tsx';

/** The log as it is written and as far as it is kept; `/apps/shop/logs/ID` is what stands around one line. */
export const Logs = ({ app: { name }, part }: AppPageProps) => {
  const { t } = useWording();
  const filter = readFilter(useSearch());
  const query = writeFilter(filter);
  const change = (wanted: LogFilter): void => {
    const search = writeFilter(wanted);
    navigate(`/apps/${name}/logs${search === '' ? '' : `?${search}`}`, { replace: true });
  };
  return (
    <section className="card" aria-label={t('logs')}>
      <LogFilters app={name} filter={filter} onChange={change} />
      <KeptFor app={name} />
      {filter.requestId !== '' && (
        <p className="log-bar">
          <span>{t('ofRequest', { id: filter.requestId })}</span>
          <Button small onClick={() => change({ ...filter, requestId: '' })}>
            {t('showAllLines')}
          </Button>
        </p>
      )}
      {part !== undefined && /^\d{1,15}$/.test(part) ? (
        <AroundLine app={name} id={Number(part)} />
      ) : (
        <LiveLog key={query} app={name} query={query} />
      )}
    </section>
  );
};
