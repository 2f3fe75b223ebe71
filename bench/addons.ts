import { memcached } from './addons/memcached.ts';
import type { Result } from './result.ts';

/** What servers of add-ons do beside the programs that people know: one file for each kind. */
export const addons = async (options: { readonly rounds: number; readonly seconds: number }): Promise<Result> => {
  const parts = [await memcached(options)];
  return {
    rows: parts.flatMap(({ rows }) => rows),
    values: Object.assign({}, ...parts.map(({ values }) => values)),
    method: parts.map(({ method }) => method).join('\n'),
  };
};
