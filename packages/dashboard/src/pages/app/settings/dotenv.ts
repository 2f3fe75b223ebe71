/** What keeps a line of a bulk edit from being read. */
export interface LineProblem {
  readonly line: number;
  readonly text: string;
}

/** Config vars as lines `NAME=value`; a value with line ends is quoted as in JSON. */
export const writeLines = (vars: Readonly<Record<string, string>>): string =>
  Object.entries(vars)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${/[\n\r]|^["\s]|\s$/.test(value) ? JSON.stringify(value) : value}`)
    .join('\n');

/** Reads what {@link writeLines} writes; blank lines and lines that begin with # are left out. */
export const readLines = (text: string): { vars: Record<string, string>; problem: LineProblem | undefined } => {
  const vars: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, value] = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/.exec(line) ?? [];
    const read = value === undefined ? undefined : readValue(value);
    if (name === undefined || read === undefined) return { vars, problem: { line: index + 1, text: line } };
    vars[name] = read;
  }
  return { vars, problem: undefined };
};

const readValue = (text: string): string | undefined => {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
};

/** The PATCH that leads from one set of config vars to another: null removes. */
export const patchBetween = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Record<string, string | null> => {
  const patch: Record<string, string | null> = {};
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch[name] = null;
  for (const [name, value] of Object.entries(after)) if (before[name] !== value) patch[name] = value;
  return patch;
};
