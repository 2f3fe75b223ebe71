/** One row of a benchmark's table. */
export interface Row {
  readonly what: string;
  /** NaN where nothing could be measured; the note says why. */
  readonly value: number;
  readonly unit: string;
  /** Not to be exceeded; shown beside the value. */
  readonly goal?: number;
  /** To be reached; shown beside the value. */
  readonly least?: number;
  /** Shown beside the value. */
  readonly note?: string;
}

/** What a benchmark found. */
export interface Result {
  readonly rows: readonly Row[];
  /** For `--json`. */
  readonly values: Readonly<Record<string, number>>;
  /** How it was measured, in a sentence or two. */
  readonly method: string;
}

/** The value below which this part of the (unsorted) values lies; 0.5 is the median. */
export const quantile = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
};

/** As written to JSON: four decimals, never rounded up to a goal. */
export const cutOff = (value: number): number => Math.floor(value * 1e4) / 1e4;

/** To two decimals, as shown. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;

export const tableOf = ({ rows, method }: Result): string => {
  const widest = Math.max(...rows.map(({ what }) => what.length));
  const lines = rows.map((row) => {
    const value = (Number.isNaN(row.value) ? '-' : rounded(row.value).toFixed(2)).padStart(10);
    return `  ${row.what.padEnd(widest)}  ${value} ${[row.unit, row.note, verdictOn(row)].filter(Boolean).join('   ')}`;
  });
  return `${lines.join('\n')}\n\n${method}\n`;
};

const verdictOn = ({ value, unit, goal, least }: Row): string => {
  if (goal !== undefined) return `goal: at most ${goal} ${unit}${value <= goal ? '' : '   MISSED'}`;
  if (least !== undefined) return `goal: at least ${least} ${unit}${value >= least ? '' : '   MISSED'}`;
  return '';
};
