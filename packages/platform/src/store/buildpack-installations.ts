import type { AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';

export const buildpackInstallations = {
  /** Buildpack URLs or names, in the order they run. */
  ofApp: async (db: Database, appId: AppId): Promise<string[]> => {
    const rows = await db
      .selectFrom('buildpackInstallations')
      .select('url')
      .where('appId', '=', appId)
      .orderBy('ordinal')
      .execute();
    return rows.map((row) => row.url);
  },

  replace: async (tx: Database, appId: AppId, urls: readonly string[]): Promise<void> => {
    await tx.deleteFrom('buildpackInstallations').where('appId', '=', appId).execute();
    if (urls.length === 0) return;
    await tx
      .insertInto('buildpackInstallations')
      .values(urls.map((url, ordinal) => ({ appId, ordinal, url })))
      .execute();
  },
};
