import { sql } from 'kysely';
import type { Database } from './database.ts';

/**
 * Releases of an app whose kept images stay: the current one and some before it, from which dynos may still run. A rollback
 * to an older one runs its release command anew, on the images that the build made.
 */
const releasesWithKeptImages = 3;

/** Ids of all images that a release which can still be rolled back to is made from, or runs from. */
export const imagesInUse = async (db: Database): Promise<ReadonlySet<string>> => {
  const built = await db
    .selectFrom('slugs')
    .select('images')
    .where('blobState', '=', 'present')
    .where('images', 'is not', null)
    .execute();
  const kept = await db
    .selectFrom(
      db
        .selectFrom('releases')
        .select([
          'id',
          'images',
          'status',
          sql<number>`rank() OVER (PARTITION BY app_id, status ORDER BY version DESC)`.as('age'),
        ])
        .where('status', 'in', ['pending', 'succeeded'])
        .as('alive'),
    )
    .select('images')
    .where((eb) =>
      eb.or([
        eb('status', '=', 'pending'),
        eb('age', '<=', releasesWithKeptImages),
        eb.exists(eb.selectFrom('dynos').select('dynos.id').whereRef('dynos.releaseId', '=', 'alive.id')),
      ]),
    )
    .execute();
  return new Set([...built, ...kept].flatMap(({ images }) => Object.values(images ?? {})));
};
