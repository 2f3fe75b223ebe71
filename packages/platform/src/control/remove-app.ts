import { rm } from 'node:fs/promises';
import type { DataFolder } from '../domain/data-folder.ts';
import type { AppId } from '../domain/ids.ts';
import { addOns } from '../store/add-ons.ts';
import { type App, apps } from '../store/apps.ts';
import { builds } from '../store/builds.ts';
import type { Database } from '../store/database.ts';
import { dynos } from '../store/dynos.ts';
import { imagesInUse } from '../store/images-in-use.ts';
import { releases } from '../store/releases.ts';
import { slugs } from '../store/slugs.ts';
import { transfers } from '../store/transfers.ts';

/** What else forgets an app. */
export interface AppTraces {
  removeLogs(appId: string): Promise<void>;
  /** Ends its build and its release command; answers whether one is still on its way to an end. */
  endWork(appId: AppId): boolean;
  /** Removes images that no other app uses. */
  removeImages(images: ReadonlySet<string>): Promise<void>;
}

/**
 * Removes all that a destroyed app has left, its row last; repeated until it is done.
 * @returns false while dynos, add-ons, a build or a release command of it are still on their way out.
 */
export const removeApp = async (db: Database, data: DataFolder, app: App, traces: AppTraces): Promise<boolean> => {
  if (traces.endWork(app.id)) return false;
  if ((await dynos.ofApp(db, app.id)).length > 0) return false;
  if ((await addOns.liveOfApp(db, app.id)).length > 0) return false;
  const [code, made] = [await slugs.ofApp(db, app.id), await releases.ofApp(db, app.id)];
  const gone = [
    data.repository(app.id),
    data.cache(app.id),
    ...code.map((slug) => data.slug(slug.id)),
    ...(await builds.ofApp(db, app.id)).map((build) => data.buildOutput(build.id)),
    ...(await transfers.ofApp(db, app.id)).map((transfer) => data.backup(transfer.id)),
    ...made.map((release) => data.releaseOutput(release.id)),
  ];
  for (const path of gone) await rm(path, { recursive: true, force: true });
  await traces.removeLogs(app.id);
  await addOns.forgetGone(db, { appId: app.id });
  await apps.remove(db, app.id);
  // Those that release commands wrote to come first: they stand on those that builds made.
  const images = new Set([...made, ...code].flatMap((row) => Object.values(row.images ?? {})));
  if (images.size > 0) await traces.removeImages(images.difference(await imagesInUse(db)));
  return true;
};
