/** What counts of a request. */
export interface RequestFacts {
  readonly status: number;
  /** `H12`; undefined of a request that went well. */
  readonly code: string | undefined;
  /** Undefined where no dyno answered. */
  readonly serviceMs: number | undefined;
}

const numberAfter = (line: string, field: string): number | undefined => {
  const at = line.lastIndexOf(field);
  const value = at === -1 ? Number.NaN : Number.parseInt(line.slice(at + field.length, at + field.length + 9), 10);
  return Number.isNaN(value) ? undefined : value;
};

/**
 * Reads a line of the router (Dev Center "HTTP Routing"). Fields are looked for from the end, where nothing is the
 * visitor's, and the code only at the beginning.
 */
export const readRequestLine = (line: string): RequestFacts | undefined => {
  const status = numberAfter(line, ' status=');
  if (status === undefined) return undefined;
  const code = /^(?:sock=\w+ )?at=\w+ code=([A-Z]\d\d) /.exec(line)?.[1];
  return { status, code, serviceMs: numberAfter(line, ' service=') };
};
