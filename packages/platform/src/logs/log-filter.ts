import type { LogLine } from '../domain/log-line.ts';

/** What a reader wants to see; an absent field lets everything through. */
export interface LogFilter {
  /** `app` or `heroku`; anything else matches nothing. */
  readonly source?: string | undefined;
  /** A dyno (`web.1`) or a process type (`web`: all of its dynos). */
  readonly dyno?: string | undefined;
}

export const matches = ({ source, dyno }: LogFilter, line: LogLine): boolean =>
  (source === undefined || line.source === source) &&
  (dyno === undefined || line.dyno === dyno || (line.dyno.startsWith(dyno) && line.dyno[dyno.length] === '.'));
