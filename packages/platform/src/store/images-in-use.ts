import type { Database } from './database.ts';

/** Ids of all images that a release which can still be rolled back to runs from. */
export const imagesInUse = async (db: Database): Promise<ReadonlySet<string>> => {
  const built = await db
    .selectFrom('slugs')
    .select('images')
    .where('blobState', '=', 'present')
    .where('images', 'is not', null)
    .execute();
  const kept = await db
    .selectFrom('releases')
    .innerJoin('slugs', 'slugs.id', 'releases.slugId')
    .select('releases.images')
    .where('slugs.blobState', '=', 'present')
    .where('slugs.images', 'is not', null)
    .execute();
  return new Set([...built, ...kept].flatMap(({ images }) => Object.values(images ?? {})));
};
