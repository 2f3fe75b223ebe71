/** The terminal a client sits at; it never changes its size during a session. */
export interface SessionTerminal {
  readonly columns: number;
  readonly rows: number;
  readonly term: string;
}

const maxSide = 1000;

/**
 * Tells from a one-off dyno's request whether to give it a terminal. The official client sends COLUMNS and LINES only when its
 * output goes to a screen; without them output stays exactly what the program wrote, fit for a file or a pipe.
 */
export const requestedTerminal = (
  env: Readonly<Record<string, unknown>>,
  forceNoTty: boolean,
): SessionTerminal | undefined => {
  const [columns, rows] = [side(env.COLUMNS), side(env.LINES)];
  if (forceNoTty || columns === undefined || rows === undefined) return undefined;
  const term = env.TERM;
  return { columns, rows, term: typeof term === 'string' && /^[\w.+-]{1,64}$/.test(term) ? term : 'xterm' };
};

const side = (value: unknown): number | undefined => {
  const cells = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isInteger(cells) && cells > 0 ? Math.min(cells, maxSide) : undefined;
};
