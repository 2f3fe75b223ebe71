/** A text of the API, `{names}` standing for what differs, and the same in another language. */
export type Saying = readonly [english: string, other: string];

interface Pattern {
  readonly matcher: RegExp;
  readonly names: readonly string[];
  readonly other: string;
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

const compile = ([english, other]: Saying): Pattern => {
  const parts = english.split(/\{(\w+)\}/);
  const source = parts.map((part, n) => (n % 2 === 0 ? escaped(part) : '(.+?)')).join('');
  return { matcher: new RegExp(`^${source}$`), names: parts.filter((_, n) => n % 2 === 1), other };
};

/**
 * Says in another language what the API says in English, line by line; a line that is none of the sayings stays as it is.
 * Of two that fit, the one that stands first is taken.
 */
export const translator = (sayings: readonly Saying[]): ((text: string) => string) => {
  let patterns: readonly Pattern[] | undefined;
  /** Some sayings have another one in them. */
  const within = (name: string, text: string): string => (name === 'what' || name === 'reason' ? line(text) : text);
  const line = (text: string): string => {
    patterns ??= sayings.map(compile);
    for (const { matcher, names, other } of patterns) {
      const match = matcher.exec(text);
      if (match === null) continue;
      const values = new Map(names.map((name, n) => [name, within(name, match[n + 1] ?? '')]));
      return other.replace(/\{(\w+)\}/g, (whole, name: string) => values.get(name) ?? whole);
    }
    return text;
  };
  return (text) => text.split('\n').map(line).join('\n');
};
