import type { QueryClient, QueryFilters } from '@tanstack/react-query';

/**
 * Asks anew for all that is shown of what these filters find, because it has changed. An answer under way may be of before the
 * change: one that replaces another is called off, the first one is shown when it comes and is asked for once more.
 */
export const askAnew = async (queries: QueryClient, filters: QueryFilters = {}): Promise<void> => {
  const kept = queries
    .getQueryCache()
    .findAll({ ...filters, fetchStatus: 'fetching' })
    .filter((query) => query.state.data === undefined || !query.isActive());
  await Promise.all([
    queries.invalidateQueries(filters),
    ...kept.map(async ({ promise, queryKey }) => {
      await promise?.catch(() => {}); // told where it was asked for
      await queries.invalidateQueries({ queryKey, exact: true });
    }),
  ]);
};
