import type { Build, ChangeEvent, Release } from '../../api/shapes.ts';

/** Something that happened to an app. */
export type Happening =
  | { readonly kind: 'release'; readonly at: string; readonly release: Release }
  | { readonly kind: 'build'; readonly at: string; readonly build: Build }
  | { readonly kind: 'change'; readonly at: string; readonly change: ChangeEvent };

/** One text for each, for lists. */
export const keyOf = (happening: Happening): string => {
  if (happening.kind === 'release') return happening.release.id;
  return happening.kind === 'build' ? happening.build.id : happening.change.id;
};

/**
 * Releases, builds and other changes in one list, the newest first. A build that became a release is told by that release; one that
 * runs or failed stands for itself.
 */
export const historyOf = (
  releases: readonly Release[],
  builds: readonly Build[],
  changes: readonly ChangeEvent[] = [],
): readonly Happening[] => {
  const released = new Set(releases.map(({ id }) => id));
  return [
    ...releases.map((release): Happening => ({ kind: 'release', at: release.created_at, release })),
    ...builds
      .filter(({ release }) => release === null || !released.has(release.id))
      .map((build): Happening => ({ kind: 'build', at: build.created_at, build })),
    ...changes.map((change): Happening => ({ kind: 'change', at: change.at, change })),
  ].sort((one, other) => versionOrder(one, other) || (one.at < other.at ? 1 : -1));
};

/** Times are whole seconds; of two releases the version decides. */
const versionOrder = (one: Happening, other: Happening): number =>
  one.kind === 'release' && other.kind === 'release' ? other.release.version - one.release.version : 0;

/** Who has changed an app, the latest first, with how often and when last. */
export const contributorsOf = (
  happenings: readonly Happening[],
): readonly { readonly email: string; readonly count: number; readonly last: string }[] => {
  const byEmail = new Map<string, { email: string; count: number; last: string }>();
  for (const happening of happenings) {
    if (happening.kind === 'change') continue;
    const { email } = happening.kind === 'release' ? happening.release.user : happening.build.user;
    const known = byEmail.get(email);
    if (known === undefined) byEmail.set(email, { email, count: 1, last: happening.at });
    else known.count += 1;
  }
  return [...byEmail.values()];
};
