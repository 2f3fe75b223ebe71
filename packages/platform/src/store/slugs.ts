import type { Insertable, Selectable } from 'kysely';
import type { AppId, SlugId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import type { Images, ProcessTypes, SlugsTable } from './tables.ts';

export type Slug = Selectable<SlugsTable>;

export const slugs = {
  insert: (
    db: Database,
    row: Omit<Insertable<SlugsTable>, 'processTypes'> & { processTypes: ProcessTypes },
  ): Promise<Slug> =>
    db
      .insertInto('slugs')
      .values({ ...row, processTypes: JSON.stringify(row.processTypes) })
      .returningAll()
      .executeTakeFirstOrThrow(),

  byId: (db: Database, id: SlugId): Promise<Slug | undefined> =>
    db.selectFrom('slugs').selectAll().where('id', '=', id).executeTakeFirst(),

  /** Sizes of what runs, by app; apps without code are left out. */
  currentSizes: async (db: Database, appIds: readonly AppId[]): Promise<ReadonlyMap<AppId, number | null>> => {
    if (appIds.length === 0) return new Map();
    const found = await db
      .selectFrom('releases')
      .leftJoin('slugs', 'slugs.id', 'releases.slugId')
      .distinctOn('releases.appId')
      .select(['releases.appId', 'slugs.sizeBytes'])
      .where('releases.appId', 'in', appIds)
      .where('releases.status', '=', 'succeeded')
      .orderBy('releases.appId')
      .orderBy('releases.version', 'desc')
      .execute();
    return new Map(found.map(({ appId, sizeBytes }) => [appId, sizeBytes]));
  },

  markPresent: (db: Database, id: SlugId, change: { sizeBytes: number; checksum?: string }): Promise<Slug> =>
    db
      .updateTable('slugs')
      .set({ ...change, blobState: 'present', updatedAt: new Date() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),

  /** The files of a build are in place. */
  finish: (
    db: Database,
    id: SlugId,
    {
      processTypes,
      images,
      ...made
    }: { sizeBytes: number; processTypes: ProcessTypes; buildpackProvidedDescription: string; images?: Images },
  ): Promise<Slug> =>
    db
      .updateTable('slugs')
      .set({
        ...made,
        processTypes: JSON.stringify(processTypes),
        ...(images === undefined ? {} : { images: JSON.stringify(images) }),
        blobState: 'present',
        updatedAt: new Date(),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),

  /** Gives a slug that is used again the name of the commit that it is used for. */
  relabel: (db: Database, id: SlugId, to: { commit: string | null; commitDescription: string | null }): Promise<Slug> =>
    db
      .updateTable('slugs')
      .set({ ...to, updatedAt: new Date() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),

  /** Slugs of builds that never ended; those that clients upload have no digest. */
  unfinished: (db: Database): Promise<Slug[]> =>
    db
      .selectFrom('slugs')
      .selectAll()
      .where('blobState', '=', 'pending')
      .where('sourceDigest', 'is not', null)
      .execute(),

  /** A slug made from exactly this input and still on disk. */
  byDigest: (db: Database, appId: AppId, sourceDigest: string): Promise<Slug | undefined> =>
    db
      .selectFrom('slugs')
      .selectAll()
      .where('appId', '=', appId)
      .where('sourceDigest', '=', sourceDigest)
      .where('blobState', '=', 'present')
      .orderBy('createdAt', 'desc')
      .limit(1)
      .executeTakeFirst(),

  /** Present slugs that none of the app's newest `keep` releases uses, oldest first. */
  unused: (db: Database, appId: AppId, keep: number): Promise<Slug[]> =>
    db
      .selectFrom('slugs')
      .selectAll()
      .where('appId', '=', appId)
      .where('blobState', '=', 'present')
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom(
                eb
                  .selectFrom('releases')
                  .select(['slugId', 'version'])
                  .where('appId', '=', appId)
                  .where('status', 'in', ['succeeded', 'pending'])
                  .orderBy('version', 'desc')
                  .limit(keep)
                  .as('kept'),
              )
              .select('kept.version')
              .whereRef('kept.slugId', '=', 'slugs.id'),
          ),
        ),
      )
      .orderBy('createdAt')
      .execute(),

  ofApp: (db: Database, appId: AppId): Promise<Slug[]> =>
    db.selectFrom('slugs').selectAll().where('appId', '=', appId).execute(),

  markRemoved: async (db: Database, id: SlugId): Promise<void> => {
    await db.updateTable('slugs').set({ blobState: 'removed', updatedAt: new Date() }).where('id', '=', id).execute();
  },
};
