import { memcached } from './addons/memcached.ts';
import { s3 } from './addons/s3.ts';
import type { Result } from './result.ts';

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  /** Names below; empty: all. */
  readonly only: readonly string[];
}

const servers = { memcached, s3 };

/** What servers of add-ons do beside the programs that people know: one file for each kind. */
export const addons = async ({ only, ...options }: Options): Promise<Result> => {
  const parts: Result[] = [];
  for (const [name, measure] of Object.entries(servers))
    if (only.length === 0 || only.includes(name)) parts.push(await measure(options));
  return {
    rows: parts.flatMap(({ rows }) => rows),
    values: Object.assign({}, ...parts.map(({ values }) => values)),
    method: parts.map(({ method }) => method).join('\n'),
  };
};
