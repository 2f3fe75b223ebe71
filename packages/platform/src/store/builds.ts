import type { Insertable, Selectable } from 'kysely';
import type { AppId, BuildId, ReleaseId, SlugId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import type { BuildsTable } from './tables.ts';

export type Build = Selectable<BuildsTable>;

export const builds = {
  insert: (
    db: Database,
    row: Omit<Insertable<BuildsTable>, 'buildpacks'> & { buildpacks: readonly string[] },
  ): Promise<Build> =>
    db
      .insertInto('builds')
      .values({ ...row, buildpacks: JSON.stringify(row.buildpacks) })
      .returningAll()
      .executeTakeFirstOrThrow(),

  byId: (db: Database, appId: AppId, id: string): Promise<Build | undefined> =>
    db
      .selectFrom('builds')
      .selectAll()
      .where('appId', '=', appId)
      .where('id', '=', id as BuildId)
      .executeTakeFirst(), // compared only

  byRequestKey: (db: Database, requestKey: string): Promise<Build | undefined> =>
    db.selectFrom('builds').selectAll().where('requestKey', '=', requestKey).executeTakeFirst(),

  ofApp: (db: Database, appId: AppId): Promise<Build[]> =>
    db.selectFrom('builds').selectAll().where('appId', '=', appId).orderBy('createdAt').execute(),

  pending: (db: Database): Promise<Build[]> =>
    db.selectFrom('builds').selectAll().where('status', '=', 'pending').execute(),

  /** The build has its slug; what is left is the release. */
  noteSlug: async (db: Database, id: BuildId, slugId: SlugId): Promise<void> => {
    await db.updateTable('builds').set({ slugId, updatedAt: new Date() }).where('id', '=', id).execute();
  },

  finish: (
    db: Database,
    id: BuildId,
    change:
      | { status: 'succeeded'; slugId: SlugId; releaseId: ReleaseId | null }
      | { status: 'failed'; failureReason: string; slugId?: SlugId; releaseId?: ReleaseId },
  ): Promise<Build> =>
    db
      .updateTable('builds')
      .set({ ...change, updatedAt: new Date() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),
};
