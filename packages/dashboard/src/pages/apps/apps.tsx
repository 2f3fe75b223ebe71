import { memo, useEffect, useState } from 'react';
import { useAppStates } from '../../api/add-on-queries.ts';
import type { AppState } from '../../api/add-on-shapes.ts';
import { useApps } from '../../api/queries.ts';
import type { App } from '../../api/shapes.ts';
import type { MessageKey } from '../../language/en.data.ts';
import { useWording } from '../../language/language.tsx';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Problem } from '../../parts/problem.tsx';
import { PageHead } from '../../parts/section.tsx';
import { Status, type Tone } from '../../parts/status.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { Link } from '../../routing/router.tsx';
import { useTitle } from '../use-title.ts';
import { CreateApp } from './create-app.tsx';
import { Offers } from './offers.tsx';

/** Rows beyond this many wait until they are asked for, and then come as many at a time. */
const rowsAtOnce = 60;

/** All apps that the account may see. */
export const Apps = () => {
  const { t } = useWording();
  useTitle(t('apps'));
  const { data: apps, error, refetch } = useApps();
  const [text, setText] = useState('');
  const [creating, setCreating] = useState(false);
  const wanted = text.trim().toLowerCase();
  const found = apps?.filter(({ name }) => name.includes(wanted));
  return (
    <>
      <PageHead title={t('apps')}>
        <Button kind="primary" onClick={() => setCreating(true)}>
          <Icon name="add" size={16} />
          {t('createApp')}
        </Button>
      </PageHead>
      <Problem error={error} onRetry={() => void refetch()} />
      <Offers />
      {apps !== undefined && apps.length > 0 && (
        <div className="search">
          <Icon name="search" size={16} />
          <input
            type="search"
            className="input"
            aria-label={t('filterApps')}
            placeholder={t('filterApps')}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      )}
      {found !== undefined && apps !== undefined && <AppList apps={found} any={apps.length > 0} />}
      {creating && <CreateApp onClose={() => setCreating(false)} />}
    </>
  );
};

const AppList = ({ apps, any }: { readonly apps: readonly App[]; readonly any: boolean }) => {
  const { t, number } = useWording();
  const [all, setAll] = useState(false);
  const [count, setCount] = useState(rowsAtOnce);
  const isGrowing = all && count < apps.length;
  useEffect(() => {
    if (!isGrowing) return;
    // `count` says that the last ones are there; between two lots the page can do what is asked of it.
    const timer = window.setTimeout(() => setCount(count + rowsAtOnce));
    return () => window.clearTimeout(timer);
  }, [isGrowing, count]);
  const { data: states } = useAppStates();
  if (!any) return <Empty icon="app" title={t('noApps')} text={t('noAppsText')} command="heroku create" />;
  if (apps.length === 0) return <Empty icon="search" title={t('nothingFound')} />;
  const shown = apps.slice(0, count);
  return (
    <>
      <ul className="rows card">
        {shown.map((app) => (
          <AppRow key={app.id} app={app} state={states?.get(app.id)} />
        ))}
      </ul>
      {shown.length < apps.length && !all && (
        <Button onClick={() => setAll(true)}>{t('showAll', { n: number(apps.length) })}</Button>
      )}
    </>
  );
};

const health = {
  up: ['good', 'healthUp'],
  starting: ['calm', 'healthStarting'],
  crashed: ['bad', 'healthCrashed'],
  idle: ['calm', 'healthIdle'],
} as const satisfies Readonly<Record<AppState['health'], readonly [Tone, MessageKey]>>;

interface AppRowProps {
  readonly app: App;
  readonly state: AppState | undefined;
}

const AppRow = memo(({ app, state }: AppRowProps) => {
  const { t } = useWording();
  return (
    <li className="app-item">
      <Link to={`/apps/${app.name}`} className="row app-row">
        <Icon name="app" />
        <span className="row-main">
          <bdi className="strong">{app.name}</bdi>
          <span className="soft small-text">
            <bdi>{app.buildpack_provided_description ?? app.stack.name}</bdi>
          </span>
        </span>
        {app.maintenance && <Status tone="warn">{t('maintenance')}</Status>}
        {state?.release?.status === 'failed' && <Status tone="bad">{t('releaseFailed')}</Status>}
        {state !== undefined && app.released_at !== null && (
          <Status tone={health[state.health][0]}>{t(health[state.health][1])}</Status>
        )}
        <span className="soft small-text row-time">
          {app.released_at === null ? (
            t('neverReleased')
          ) : (
            <>
              {state?.release != null && <bdi>{`v${state.release.version} · `}</bdi>}
              {t('lastRelease')} <TimeAgo time={state?.release?.created_at ?? app.released_at} />
            </>
          )}
        </span>
      </Link>
    </li>
  );
});
