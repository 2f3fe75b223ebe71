import { fingerprintedNames, type Manifest } from '../manifest.ts';

/**
 * The fingerprinted names of earlier releases that stay beside the current ones, latest release first.
 * Collecting the same files again is no new release.
 */
export const keptReleases = (
  previous: Manifest | undefined,
  current: ReadonlySet<string>,
  releases: number,
): readonly (readonly string[])[] => {
  if (previous === undefined) return [];
  const before = fingerprintedNames(previous);
  const same = before.length === current.size && before.every((name) => current.has(name));
  const history = same ? previous.kept : [before, ...previous.kept];
  const seen = new Set(current);
  const kept = history.slice(0, releases).map((names) => {
    const fresh = names.filter((name) => !seen.has(name)).sort();
    for (const name of fresh) seen.add(name);
    return fresh;
  });
  return kept;
};
