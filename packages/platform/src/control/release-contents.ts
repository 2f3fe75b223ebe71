import type { DataFolder } from '../domain/data-folder.ts';
import type { Releases } from '../release/releases.ts';
import type { Artifact } from '../runtime/driver.ts';
import type { ReleaseContents } from '../runtime/ports.ts';
import type { App } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import type { Release } from '../store/releases.ts';
import { type Slug, slugs } from '../store/slugs.ts';

/** A folder for slugs; on the container stack each process type's own image, `web`'s where it has none. */
const artifactOf = (data: DataFolder, slug: Slug, release: Release): ((processType: string) => Artifact) => {
  if (slug.images === null) return () => ({ kind: 'slug', folder: data.slug(slug.id) });
  const images = { ...slug.images, ...release.images };
  const fallback = images.web ?? Object.values(images)[0] ?? '';
  return (processType) => ({ kind: 'image', image: images[processType] ?? fallback });
};

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
    artifact: artifactOf(data, slug, release),
    env: {
      // An image says these by itself.
      ...(slug.images === null ? { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' } : {}),
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
