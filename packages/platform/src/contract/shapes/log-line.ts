/** A kept line, as the API shows it. */
export interface LogLineShape {
  /** Grows along the log; a line's address for as long as it is kept. */
  readonly id: number;
  /** With microseconds. */
  readonly at: string;
  readonly source: string;
  readonly dyno: string;
  /** What it seems to be by its text. */
  readonly level: string;
  readonly text: string;
}
