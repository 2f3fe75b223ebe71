import { sql } from 'kysely';
import type { AccountId, AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';

/** How an app is: what shall run, what runs, and its newest release. */
export interface AppState {
  readonly id: AppId;
  readonly name: string;
  /** Dynos that the formation asks for. */
  readonly wanted: number;
  readonly up: number;
  readonly starting: number;
  readonly crashed: number;
  /** Null while there is none. */
  readonly version: number | null;
  readonly description: string;
  readonly status: string;
  readonly releasedAt: Date;
}

/** Of every app that the account can see, by name: one question to the store, however many there are. */
export const appStatesOf = async (db: Database, accountId: AccountId): Promise<readonly AppState[]> => {
  const { rows } = await sql<AppState>`
    WITH mine AS MATERIALIZED (
      SELECT id, name FROM apps
      WHERE deleted_at IS NULL
        AND (owner_id = ${accountId} OR id IN (SELECT app_id FROM collaborators WHERE account_id = ${accountId}))
    ), shall AS (
      SELECT app_id, sum(quantity)::integer AS wanted FROM formation WHERE type <> 'release' GROUP BY app_id
    ), runs AS (
      SELECT app_id,
        count(*) FILTER (WHERE state = 'up')::integer AS up,
        count(*) FILTER (WHERE state = 'starting')::integer AS starting,
        count(*) FILTER (WHERE state = 'crashed')::integer AS crashed
      FROM dynos WHERE kind = 'formation' AND retire IS NULL GROUP BY app_id
    )
    SELECT mine.id, mine.name,
      coalesce(wanted, 0) AS wanted, coalesce(up, 0) AS up,
      coalesce(starting, 0) AS starting, coalesce(crashed, 0) AS crashed,
      newest.version, newest.description, newest.status, newest.created_at AS "releasedAt"
    FROM mine
    LEFT JOIN shall ON shall.app_id = mine.id
    LEFT JOIN runs ON runs.app_id = mine.id
    LEFT JOIN LATERAL (
      SELECT version, description, status, created_at FROM releases
      WHERE app_id = mine.id ORDER BY version DESC LIMIT 1
    ) newest ON true
    ORDER BY mine.name`.execute(db);
  return rows;
};
