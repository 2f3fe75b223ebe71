import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { followEvents } from './api/live.ts';
import { useAccount } from './api/queries.ts';
import type { Account } from './api/shapes.ts';
import { useWording } from './language/language.tsx';
import { PageOf } from './pages/page-of.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Problem } from './parts/problem.tsx';
import { Header } from './shell/header.tsx';

/** The whole dashboard: the sign-in page for strangers, else the page of the address. */
export const Dashboard = () => {
  const { data: account, error, refetch } = useAccount();
  if (account === undefined) return error === null ? null : <Problem error={error} onRetry={() => void refetch()} />;
  return account === null ? <SignIn /> : <SignedIn account={account} />;
};

/** Says whether all that the page has asked for is there. */
const Main = () => (
  <main id="main" className="page" tabIndex={-1} aria-busy={useIsFetching() > 0}>
    <PageOf />
  </main>
);

const SignedIn = ({ account }: { readonly account: Account }) => {
  const { t } = useWording();
  const queries = useQueryClient();
  useEffect(() => {
    const leaving = new AbortController();
    void followEvents(queries, account.id, leaving.signal);
    return () => leaving.abort();
  }, [queries, account.id]);
  return (
    <>
      <a className="skip" href="#main">
        {t('skipToContent')}
      </a>
      <Header account={account} />
      <Main />
    </>
  );
};
