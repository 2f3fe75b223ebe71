/** A switch of an app (`heroku features`). */
export interface FeatureEntry {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly createdAt: Date;
}

/** Dev Center "Session Affinity". */
export const sessionAffinity = 'http-session-affinity';

/** Dev Center "HTTP Routing". */
export const endToEndContinue = 'http-end-to-end-continue';
export const noDynoKeepAlive = 'http-disable-keepalive-to-dyno';

/** Dev Center "Log Runtime Metrics". */
export const logRuntimeMetrics = 'log-runtime-metrics';

export const appFeatures: readonly FeatureEntry[] = [
  {
    name: 'runtime-dyno-metadata',
    displayName: 'Dyno metadata',
    description: 'Gives dynos HEROKU_APP_NAME, HEROKU_RELEASE_VERSION, HEROKU_SLUG_COMMIT and their like',
    createdAt: new Date('2026-01-01T00:00:00Z'),
  },
  {
    name: logRuntimeMetrics,
    displayName: 'Log runtime metrics',
    description: "Writes each dyno's memory and load into the app's log every 20 seconds",
    createdAt: new Date('2026-01-01T00:00:00Z'),
  },
  {
    name: sessionAffinity,
    displayName: 'Session affinity',
    description: 'Sends all requests of one visitor to the same dyno while it is there',
    createdAt: new Date('2026-01-01T00:00:00Z'),
  },
  {
    name: endToEndContinue,
    displayName: 'End-to-end continue',
    description: 'Lets dynos answer Expect: 100-continue, in place of the router',
    createdAt: new Date('2026-11-01T00:00:00Z'),
  },
  {
    name: noDynoKeepAlive,
    displayName: 'No keep-alive to dynos',
    description: 'Gives each request a connection of its own from the router to the dyno',
    createdAt: new Date('2026-11-01T00:00:00Z'),
  },
];
