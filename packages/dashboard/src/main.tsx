import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/pages.css';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/request.ts';
import { Dashboard } from './dashboard.tsx';
import { initialLanguage, loadWords, WordingProvider } from './language/language.tsx';
import { Announcements } from './parts/announcements.tsx';
import { applyTheme } from './styles/theme.ts';

applyTheme();

/** Whoever is refused as a stranger gets the sign-in page. */
const onError = (error: Error): void => {
  if (error instanceof ApiError && error.status === 401) queries.setQueryData(['account'], null);
};

const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    // The platform may be on this very machine: a browser that believes itself to be without a network asks all the same.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 2000,
      retry: (failures, error) => failures < 3 && (!(error instanceof ApiError) || [0, 503].includes(error.status)),
    },
  },
});

const language = initialLanguage();
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <WordingProvider language={language} words={await loadWords(language)}>
        <Announcements>
          <Dashboard />
        </Announcements>
      </WordingProvider>
    </QueryClientProvider>
  </StrictMode>,
);
