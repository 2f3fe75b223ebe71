import type { Build, Release } from '../../api/shapes.ts';

/** Something that happened to an app. */
export type Happening =
  | { readonly kind: 'release'; readonly at: string; readonly release: Release }
  | { readonly kind: 'build'; readonly at: string; readonly build: Build };

/**
 * Releases and builds in one list, the newest first. A build that became a release is told by that release; one that
 * runs or failed stands for itself.
 */
export const historyOf = (releases: readonly Release[], builds: readonly Build[]): readonly Happening[] => {
  const released = new Set(releases.map(({ id }) => id));
  return [
    ...releases.map((release): Happening => ({ kind: 'release', at: release.created_at, release })),
    ...builds
      .filter(({ release }) => release === null || !released.has(release.id))
      .map((build): Happening => ({ kind: 'build', at: build.created_at, build })),
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
    const { email } = happening.kind === 'release' ? happening.release.user : happening.build.user;
    const known = byEmail.get(email);
    if (known === undefined) byEmail.set(email, { email, count: 1, last: happening.at });
    else known.count += 1;
  }
  return [...byEmail.values()];
};
