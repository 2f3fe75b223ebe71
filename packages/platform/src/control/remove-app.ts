import { rm } from 'node:fs/promises';
import type { DataFolder } from '../domain/data-folder.ts';
import type { AppId } from '../domain/ids.ts';
import { addOns } from '../store/add-ons.ts';
import { type App, apps } from '../store/apps.ts';
import { builds } from '../store/builds.ts';
import type { Database } from '../store/database.ts';
import { dynos } from '../store/dynos.ts';
import { releases } from '../store/releases.ts';
import { slugs } from '../store/slugs.ts';
import { transfers } from '../store/transfers.ts';

/** What else forgets an app. */
export interface AppTraces {
  removeLogs(appId: string): Promise<void>;
  /** Whether a build of it is still running, which is then on its way to an end. */
  cancelBuild(appId: AppId): boolean;
}

/**
 * Removes all that a destroyed app has left, its row last; repeated until it is done.
 * @returns false while dynos, add-ons or a build of it are still on their way out.
 */
export const removeApp = async (db: Database, data: DataFolder, app: App, traces: AppTraces): Promise<boolean> => {
  if (traces.cancelBuild(app.id)) return false;
  if ((await dynos.ofApp(db, app.id)).length > 0) return false;
  if ((await addOns.liveOfApp(db, app.id)).length > 0) return false;
  const gone = [
    data.repository(app.id),
    data.cache(app.id),
    ...(await slugs.ofApp(db, app.id)).map((slug) => data.slug(slug.id)),
    ...(await builds.ofApp(db, app.id)).map((build) => data.buildOutput(build.id)),
    ...(await transfers.ofApp(db, app.id)).map((transfer) => data.backup(transfer.id)),
    ...(await releases.ofApp(db, app.id)).map((release) => data.releaseOutput(release.id)),
  ];
  for (const path of gone) await rm(path, { recursive: true, force: true });
  await traces.removeLogs(app.id);
  await addOns.forgetGone(db, { appId: app.id });
  await apps.remove(db, app.id);
  return true;
};
