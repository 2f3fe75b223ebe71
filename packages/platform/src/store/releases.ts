import { type Insertable, type Selectable, sql } from 'kysely';
import type { AppId, ReleaseId, SlugId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';
import type { Images, ProcessTypes, ReleasedAttachment, ReleasesTable } from './tables.ts';

export type Release = Selectable<ReleasesTable>;

export type NewRelease = Omit<Insertable<ReleasesTable>, 'processTypes' | 'attachments' | 'version'> & {
  readonly processTypes: ProcessTypes;
  readonly attachments: readonly ReleasedAttachment[];
};

export const releases = {
  /** Takes the app's next version; the caller holds the app's lock. */
  insert: (tx: Database, row: NewRelease): Promise<Release> =>
    tx
      .insertInto('releases')
      .values({
        ...row,
        version: sql<number>`(SELECT coalesce(max(version), 0) + 1 FROM releases WHERE app_id = ${row.appId})`,
        processTypes: JSON.stringify(row.processTypes),
        attachments: JSON.stringify(row.attachments),
      })
      .returningAll()
      .executeTakeFirstOrThrow(),

  /** By UUID or version number. */
  find: (db: Database, appId: AppId, idOrVersion: string): Promise<Release | undefined> => {
    const query = db.selectFrom('releases').selectAll().where('appId', '=', appId);
    if (isUuid(idOrVersion)) return query.where('id', '=', idOrVersion as ReleaseId).executeTakeFirst(); // checked beside
    if (/^v?\d{1,9}$/.test(idOrVersion)) {
      return query.where('version', '=', Number(idOrVersion.replace('v', ''))).executeTakeFirst();
    }
    return Promise.resolve(undefined);
  },

  byId: (db: Database, id: ReleaseId): Promise<Release | undefined> =>
    db.selectFrom('releases').selectAll().where('id', '=', id).executeTakeFirst(),

  byRequestKey: (db: Database, requestKey: string): Promise<Release | undefined> =>
    db.selectFrom('releases').selectAll().where('requestKey', '=', requestKey).executeTakeFirst(),

  ofApp: (db: Database, appId: AppId): Promise<Release[]> =>
    db.selectFrom('releases').selectAll().where('appId', '=', appId).orderBy('version').execute(),

  /** The newest succeeded release: what runs. */
  current: (db: Database, appId: AppId): Promise<Release | undefined> =>
    db
      .selectFrom('releases')
      .selectAll()
      .where('appId', '=', appId)
      .where('status', '=', 'succeeded')
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst(),

  /** The current release of every app, without the sealed parts. */
  allCurrent: (db: Database): Promise<Pick<Release, 'id' | 'appId' | 'version' | 'slugId' | 'processTypes'>[]> =>
    db
      .selectFrom('releases')
      .distinctOn('appId')
      .select(['id', 'appId', 'version', 'slugId', 'processTypes'])
      .where('status', '=', 'succeeded')
      .orderBy('appId')
      .orderBy('version', 'desc')
      .execute(),

  /** What the next release builds on: the newest one that has not failed. */
  newest: (db: Database, appId: AppId): Promise<Release | undefined> =>
    db
      .selectFrom('releases')
      .selectAll()
      .where('appId', '=', appId)
      .where('status', 'in', ['pending', 'succeeded'])
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst(),

  /** The newest succeeded release of a slug that was made since a time. */
  ofSlugSince: (db: Database, slugId: SlugId, since: Date): Promise<Release | undefined> =>
    db
      .selectFrom('releases')
      .selectAll()
      .where('slugId', '=', slugId)
      .where('status', '=', 'succeeded')
      .where('createdAt', '>=', since)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst(),

  pending: (db: Database): Promise<Release[]> =>
    db.selectFrom('releases').selectAll().where('status', '=', 'pending').orderBy('createdAt').execute(),

  /** Notes the images that a release command's files went into. */
  keepImages: async (db: Database, id: ReleaseId, images: Images): Promise<void> => {
    await db
      .updateTable('releases')
      .set({ images: JSON.stringify(images) })
      .where('id', '=', id)
      .execute();
  },

  finish: (
    db: Database,
    id: ReleaseId,
    status: 'succeeded' | 'failed',
    failureReason: string | null,
  ): Promise<Release> =>
    db
      .updateTable('releases')
      .set({ status, failureReason, updatedAt: new Date() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),
};
