import { type ComponentType, lazy, useEffect, useRef } from 'react';
import { useApp } from '../../api/queries.ts';
import { ApiError } from '../../api/request.ts';
import { useWording } from '../../language/language.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Link } from '../../routing/router.tsx';
import { NoSuchPage } from '../no-such-page.tsx';
import { useTitle } from '../use-title.ts';
import { AppHeader } from './app-header.tsx';
import type { AppPageProps } from './app-page-props.ts';
import { Overview } from './overview.tsx';
import { tabs } from './tabs.data.ts';

/** Overview is there at once; the others are loaded when they are gone to. */
const pages: Readonly<Record<string, ComponentType<AppPageProps>>> = {
  '': Overview,
  access: lazy(() => import('./access.tsx').then(({ Access }) => ({ default: Access }))),
  activity: lazy(() => import('./activity/activity.tsx').then(({ Activity }) => ({ default: Activity }))),
  console: lazy(() => import('./console/console.tsx').then(({ Console }) => ({ default: Console }))),
  deploy: lazy(() => import('./deploy/deploy.tsx').then(({ Deploy }) => ({ default: Deploy }))),
  logs: lazy(() => import('./logs/logs.tsx').then(({ Logs }) => ({ default: Logs }))),
  metrics: lazy(() => import('./metrics/metrics.tsx').then(({ Metrics }) => ({ default: Metrics }))),
  resources: lazy(() => import('./resources/resources.tsx').then(({ Resources }) => ({ default: Resources }))),
  settings: lazy(() => import('./settings/settings.tsx').then(({ Settings }) => ({ default: Settings }))),
};

interface Place {
  readonly name: string;
  readonly tab: string;
  readonly part: string | undefined;
}

/** An app: its header, its tabs and the page that was asked for. */
export const AppPage = ({ name, tab, part }: Place) => {
  const { t } = useWording();
  const { data: app, error, refetch } = useApp(name);
  const tabBar = useRef<HTMLElement>(null);
  const isThere = app !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is another place on a narrow screen
  useEffect(() => {
    tabBar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [tab, isThere]);
  const label = tab === 'console' ? 'console' : tabs.find(({ path }) => path === (tab === '' ? '' : `/${tab}`))?.label;
  useTitle(...(label === undefined ? [] : [t(label)]), name);
  if (error instanceof ApiError && error.status === 404) return <NoSuchPage />;
  if (app === undefined) return <Problem error={error} onRetry={() => void refetch()} />;
  const Page = pages[tab];
  return (
    <>
      <AppHeader app={app} />
      <nav ref={tabBar} className="tabs" aria-label={t('pagesOf', { name })}>
        {tabs.map(({ path, label: key }) => (
          <Link
            key={path}
            to={`/apps/${name}${path}`}
            aria-current={path === (tab === '' ? '' : `/${tab}`) ? 'page' : undefined}
          >
            {t(key)}
          </Link>
        ))}
      </nav>
      {Page === undefined ? <NoSuchPage /> : <Page app={app} part={part} />}
    </>
  );
};
