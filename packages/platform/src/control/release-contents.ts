import type { DataFolder } from '../domain/data-folder.ts';
import type { Releases } from '../release/releases.ts';
import type { ReleaseContents } from '../runtime/ports.ts';
import type { App } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import type { Release } from '../store/releases.ts';
import { slugs } from '../store/slugs.ts';

/** What every dyno of a release starts from: slug, config vars and Dev Center "Dyno Metadata"; undefined without a slug on disk. */
export const releaseContents = async (
  db: Database,
  releases: Releases,
  data: DataFolder,
  app: App,
  release: Release,
  appHost: string,
): Promise<ReleaseContents | undefined> => {
  const slug = release.slugId === null ? undefined : await slugs.byId(db, release.slugId);
  if (slug?.blobState !== 'present') return undefined;
  return {
    slugFolder: data.slug(slug.id),
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      STACK: release.stack,
      HEROKU_APP_ID: app.id,
      HEROKU_APP_NAME: app.name,
      HEROKU_APP_DEFAULT_DOMAIN_NAME: appHost,
      HEROKU_RELEASE_VERSION: `v${release.version}`,
      HEROKU_RELEASE_CREATED_AT: release.createdAt.toISOString(),
      HEROKU_SLUG_COMMIT: slug.commit ?? '',
      HEROKU_SLUG_DESCRIPTION: slug.commitDescription ?? '',
      ...releases.configOf(release),
    },
  };
};
