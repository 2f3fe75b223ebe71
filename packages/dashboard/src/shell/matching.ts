/** Somewhere to go. */
export interface Destination {
  readonly to: string;
  readonly name: string;
  /** What it belongs to; empty when it stands for itself. */
  readonly about: string;
}

/** Rank of a name for what was typed, less is better; undefined when its letters aren't in it in that order. */
const rank = (name: string, text: string): number | undefined => {
  const whole = name.toLowerCase();
  const at = whole.indexOf(text);
  if (at === 0) return 0;
  if (at > 0) return /[^\p{L}\d]/u.test(whole[at - 1] ?? '') ? 1 : 2;
  let from = 0;
  for (const letter of text) {
    const found = whole.indexOf(letter, from);
    if (found < 0) return undefined;
    from = found + 1;
  }
  return 3;
};

/** Destinations that what was typed may mean, the likeliest first; all of them when nothing was typed. */
export const matching = (all: readonly Destination[], typed: string): readonly Destination[] => {
  const text = typed.trim().toLowerCase();
  return all
    .map((destination) => ({ destination, rank: rank(destination.name, text) }))
    .filter((one): one is { destination: Destination; rank: number } => one.rank !== undefined)
    .sort((one, other) => one.rank - other.rank)
    .map(({ destination }) => destination);
};
