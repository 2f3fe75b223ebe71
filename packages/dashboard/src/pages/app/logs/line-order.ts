/** What has a place in the log; ids grow. */
interface Placed {
  readonly id: number;
}

/** How many lines come before the first one whose id is at least this. */
export const placeOf = (lines: readonly Placed[], id: number): number => {
  let [from, to] = [0, lines.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((lines[middle]?.id ?? 0) < id) from = middle + 1;
    else to = middle;
  }
  return from;
};

/** By how many lines what is seen has moved down: older ones came before it, or (less than nothing) were let go of. */
export const shiftBetween = (before: readonly Placed[], now: readonly Placed[]): number => {
  const [was, is] = [before[0]?.id, now[0]?.id];
  if (was === undefined || is === undefined) return 0;
  return is < was ? placeOf(now, was) : 0 - placeOf(before, is);
};

/** What a pause shows: the lines that it holds, and the older ones that were asked for since. */
export const heldLines = <Line extends Placed>(held: readonly Line[], lines: readonly Line[]): readonly Line[] => {
  const first = held[0]?.id;
  const older = first === undefined ? 0 : placeOf(lines, first);
  return older === 0 ? held : lines.slice(0, older).concat(held);
};
