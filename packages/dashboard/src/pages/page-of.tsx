import { lazy, Suspense, useEffect, useRef } from 'react';
import { usePath } from '../routing/router.tsx';
import { AppPage } from './app/app-page.tsx';
import { Apps } from './apps/apps.tsx';
import { NoSuchPage } from './no-such-page.tsx';

const AccountPage = lazy(() => import('./account/account-page.tsx').then((page) => ({ default: page.AccountPage })));

const TwoFactorPage = lazy(() =>
  import('./account/two-factor/two-factor-page.tsx').then((page) => ({ default: page.TwoFactorPage })),
);
const MachinePage = lazy(() => import('./machine/machine-page.tsx').then((page) => ({ default: page.MachinePage })));

/** The page of an address: `/`, `/apps/NAME/TAB`, `/account`, `/account/two-factor`, `/machine`. */
export const PageOf = () => {
  const path = usePath();
  useFocusOnHeading(path);
  const [first = '', name, tab = '', ...rest] = path.split('/').slice(1);
  if (first === '' || (first === 'apps' && name === undefined)) return <Apps />;
  const known = first === 'apps' && name !== undefined && /^[a-z0-9-]+$/.test(name) && rest.length <= 1;
  return (
    <Suspense fallback={<div aria-busy="true" />}>
      {known ? (
        <AppPage key={name} name={name} tab={tab} part={rest[0]} />
      ) : first === 'account' && name === undefined ? (
        <AccountPage />
      ) : first === 'account' && name === 'two-factor' && tab === '' ? (
        <TwoFactorPage />
      ) : first === 'machine' && name === undefined ? (
        <MachinePage />
      ) : (
        <NoSuchPage />
      )}
    </Suspense>
  );
};

/** After a change of page, readers of the screen hear where they are; the first page is announced by the browser. */
const useFocusOnHeading = (path: string): void => {
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    return focusOnHeading();
  }, [path]);
};

/** Gives the focus to the heading as soon as the page has one, unless somebody goes elsewhere before. */
const focusOnHeading = (): (() => void) => {
  const over = new AbortController();
  const { signal } = over;
  let frame = 0;
  const focus = (): void => {
    const heading = document.querySelector<HTMLElement>('main h1');
    if (heading === null || signal.aborted) return;
    heading.focus();
    // A menu that is just closing lets nothing beside it have the focus yet.
    if (document.activeElement === heading) over.abort();
    else frame = requestAnimationFrame(focus);
  };
  const observer = new MutationObserver(focus);
  frame = requestAnimationFrame(() => {
    focus();
    const main = document.querySelector('main');
    if (signal.aborted || main === null) return;
    observer.observe(main, { childList: true, subtree: true });
    for (const kind of ['keydown', 'pointerdown'])
      window.addEventListener(kind, () => over.abort(), { capture: true, signal });
  });
  signal.addEventListener('abort', () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
  });
  return () => over.abort();
};
