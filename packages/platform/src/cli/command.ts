/** One command of `ravine`. */
export interface Command {
  /** One line for `ravine help`. */
  readonly summary: string;
  /** What `ravine help NAME` prints below the summary. */
  readonly help?: () => string;
  /** @returns the exit status. @throws UsageError, SettingError or any Error, whose message is printed with status 1. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/** The words after `ravine` don't make sense; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Splits arguments into flags and words: `--name value`, `--name=value`.
 * @param switches flags that take no value.
 */
export const parseFlags = (
  args: readonly string[],
  switches: readonly string[] = [],
): { flags: Record<string, string>; on: ReadonlySet<string>; words: string[] } => {
  const flags: Record<string, string> = {};
  const on = new Set<string>();
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (!arg.startsWith('--')) {
      words.push(arg);
      continue;
    }
    const [name = '', inline] = [
      arg.slice(2).split('=')[0],
      arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : undefined,
    ];
    if (switches.includes(name)) {
      on.add(name);
      continue;
    }
    const value = inline ?? args[++i];
    if (value === undefined) throw new UsageError(`--${name} needs a value`);
    flags[name] = value;
  }
  return { flags, on, words };
};
