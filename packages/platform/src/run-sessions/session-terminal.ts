/** In character cells. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The terminal a client sits at, as it was when the dyno was asked for. */
export interface SessionTerminal extends TerminalSize {
  readonly term: string;
  /** Calls back with each other size, at once with the last one. The official client never changes its size. */
  readonly onResize?: (listener: (size: TerminalSize) => void) => void;
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
  const size = terminalSize(env.COLUMNS, env.LINES);
  if (forceNoTty || size === undefined) return undefined;
  const term = env.TERM;
  return { ...size, term: typeof term === 'string' && /^[\w.+-]{1,64}$/.test(term) ? term : 'xterm' };
};

/** A size that a client sent, or undefined if it is none. */
export const terminalSize = (columns: unknown, rows: unknown): TerminalSize | undefined => {
  const [wide, high] = [side(columns), side(rows)];
  return wide === undefined || high === undefined ? undefined : { columns: wide, rows: high };
};

const side = (value: unknown): number | undefined => {
  const cells = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isInteger(cells) && cells > 0 ? Math.min(cells, maxSide) : undefined;
};
