import { type Selectable, sql } from 'kysely';
import type { AccountId, AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import type { EventsTable } from './tables.ts';

export type StoredEvent = Selectable<EventsTable>;

/** A place between two events; `after` and `before` of a list. Nothing ever appears in front of one that was reached. */
export interface EventPosition {
  /** Digits: PostgreSQL's transaction number. */
  readonly xact: string;
  readonly id: number;
}

/** Whose events: all those of one app, or what one account may see, which for an administrator is everything. */
export type EventScope =
  | { readonly kind: 'app'; readonly appId: AppId }
  | { readonly kind: 'account'; readonly accountId: AccountId }
  | { readonly kind: 'all' };

const within = (scope: EventScope) => {
  if (scope.kind === 'all') return sql<boolean>`true`;
  if (scope.kind === 'app') return sql<boolean>`app_id = ${scope.appId}`;
  const { accountId } = scope;
  return sql<boolean>`(account_id = ${accountId}
    OR app_id IN (SELECT id FROM apps WHERE owner_id = ${accountId})
    OR app_id IN (SELECT app_id FROM collaborators WHERE account_id = ${accountId}))`;
};

const behind = ({ xact, id }: EventPosition) => sql<boolean>`(xact, id) > (${xact}::text::xid8, ${id}::bigint)`;
const ahead = ({ xact, id }: EventPosition) => sql<boolean>`(xact, id) < (${xact}::text::xid8, ${id}::bigint)`;

const mostMarks = 1000;

const isMarkOfDyno = sql<boolean>`(resource = 'dyno' AND data ->> 'kind' = 'formation' AND (
  (data -> 'changed' ? 'state' AND data ->> 'state' IN ('up', 'crashed'))
  OR (data -> 'changed' ? 'retire' AND data ->> 'retire' IS NOT NULL)))`;

const isOtherMark = sql<boolean>`((resource = 'release' AND data ->> 'status' <> 'pending')
  OR (resource = 'formation' AND action = 'update')
  OR (resource = 'app' AND data -> 'changed' ? 'maintenance'))`;

export const events = {
  /** As far as everything is there to be read, and whether there is more that a transaction still holds up. */
  end: async (db: Database): Promise<{ end: EventPosition; more: boolean }> => {
    const { rows } = await sql<{ least: string; more: boolean }>`
      SELECT open.least::text AS least, EXISTS (SELECT FROM events WHERE events.xact >= open.least) AS more
      FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS least) AS open`.execute(db);
    const { least = '0', more = false } = rows[0] ?? {};
    return { end: { xact: least, id: 0 }, more };
  },

  /** Whether an event at or before a position has been forgotten since, as far as one can tell. */
  reachesBackTo: async (db: Database, position: EventPosition): Promise<boolean> => {
    const known = await db
      .selectFrom('events')
      .select('id')
      .where(({ not }) => not(behind(position)))
      .limit(1)
      .executeTakeFirst();
    return known !== undefined;
  },

  /** The oldest first, between two positions. */
  between: (
    db: Database,
    scope: EventScope,
    after: EventPosition,
    end: EventPosition,
    limit: number,
  ): Promise<StoredEvent[]> =>
    db
      .selectFrom('events')
      .selectAll()
      .where(within(scope))
      .where(behind(after))
      .where(ahead(end))
      .orderBy('xact')
      .orderBy('id')
      .limit(limit)
      .execute(),

  /** What somebody decided, the newest first. */
  audit: (
    db: Database,
    scope: EventScope,
    { before, resource, limit }: { before?: EventPosition; resource?: string; limit: number },
  ): Promise<StoredEvent[]> => {
    let query = db.selectFrom('events').selectAll().where(within(scope)).where('audit', '=', true);
    if (before !== undefined) query = query.where(ahead(before));
    if (resource !== undefined) query = query.where('resource', '=', resource);
    return query.orderBy('xact', 'desc').orderBy('id', 'desc').limit(limit).execute();
  },

  /**
   * What marks the charts of an app between two times, the oldest first: releases that came into force or failed, dynos that came up,
   * crashed or were asked to end, and changes of formation and of maintenance. At most the newest 1,000 of dynos and as many others,
   * so that dynos which crash all day hide no release.
   */
  marks: async (db: Database, appId: AppId, since: Date, until: Date): Promise<StoredEvent[]> => {
    const newest = (kind: ReturnType<typeof sql<boolean>>) =>
      db
        .selectFrom('events')
        .selectAll()
        .where('appId', '=', appId)
        .where('at', '>=', since)
        .where('at', '<', until)
        .where(kind)
        .orderBy('at', 'desc')
        .limit(mostMarks)
        .execute();
    const found = await Promise.all([newest(isMarkOfDyno), newest(isOtherMark)]);
    return found.flat().sort((one, other) => one.at.getTime() - other.at.getTime() || one.id - other.id);
  },

  /** Lets go of what policy no longer keeps, and takes in what a store restored from a dump brought of other transactions. */
  forget: async (db: Database, before: { news: Date; audit: Date }): Promise<void> => {
    await sql`UPDATE events SET xact = '0' WHERE xact > pg_snapshot_xmax(pg_current_snapshot())`.execute(db);
    await db
      .deleteFrom('events')
      .where((eb) =>
        eb.or([eb('at', '<', before.audit), eb.and([eb('audit', '=', false), eb('at', '<', before.news)])]),
      )
      .execute();
  },
};
