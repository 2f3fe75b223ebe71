/** One line of an app's log, as `heroku logs` prints it: `AT SOURCE[DYNO]: TEXT`. */
export interface LogLine {
  /** Unix time in microseconds. */
  readonly atUs: number;
  /** `app` for what the app itself wrote and for `app[api]` events; `heroku` for router and platform lines. */
  readonly source: 'app' | 'heroku';
  /** `web.1`, `run.4321`, `router`, `api`, `release.7`, `postgres`. */
  readonly dyno: string;
  /** Without the line end. */
  readonly text: string;
  /** How far its writer had come with this line, for the writer itself after a restart: kept with the line, shown to nobody. No blanks. */
  readonly mark?: string;
}

/** Where lines about an app go; never blocks, never throws. */
export type LogSink = (appId: string, lines: readonly LogLine[]) => void;

/** Now, in the microseconds of {@link LogLine.atUs}. */
export const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);
