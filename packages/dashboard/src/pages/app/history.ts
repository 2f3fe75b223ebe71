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

/** So long apart, changes of dynos are still one deed: `heroku ps:restart` asks dyno by dyno. */
const oneDeedMs = 3000;

const dynoName = ({ data }: ChangeEvent): string => `${String(data.type)}.${String(data.ordinal)}`;

const isSameDeed = (one: ChangeEvent, other: ChangeEvent): boolean =>
  one.resource === 'dyno' &&
  other.resource === 'dyno' &&
  one.action === 'update' &&
  other.action === 'update' &&
  one.data.retire === other.data.retire &&
  one.actor?.email === other.actor?.email &&
  Math.abs(Date.parse(one.at) - Date.parse(other.at)) <= oneDeedMs;

/** Changes, the newest first, in which dynos that somebody restarted or stopped together are one, with all their `names`. */
export const joinDynos = (changes: readonly ChangeEvent[]): readonly ChangeEvent[] => {
  const joined: ChangeEvent[] = [];
  for (const change of changes) {
    const last = joined.at(-1);
    if (last === undefined || !isSameDeed(last, change)) {
      joined.push(change);
      continue;
    }
    const names = Array.isArray(last.data.names) ? last.data.names : [dynoName(last)];
    const all = [...names, dynoName(change)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    joined[joined.length - 1] = { ...last, data: { ...last.data, names: all } };
  }
  return joined;
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
    ...joinDynos(changes).map((change): Happening => ({ kind: 'change', at: change.at, change })),
  ].sort((one, other) => versionOrder(one, other) || (one.at < other.at ? 1 : -1));
};

/**
 * What of a history is whole: of a list that has as many as were asked for, older ones may be missing, and a history that had the
 * older ones of only the others would be wrong.
 * @param most how many of each list were asked for
 */
export const wholePart = (
  history: readonly Happening[],
  most: number,
  ...lists: readonly (readonly string[])[]
): { readonly part: readonly Happening[]; readonly more: boolean } => {
  const cut = lists.filter((times) => times.length >= most).map((times) => times.at(-1) ?? '');
  const since = cut.sort().at(-1) ?? '';
  return { part: history.filter(({ at }) => at >= since), more: cut.length > 0 };
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
