import { join } from 'node:path';

/** Where everything stands below the data folder; paths only, nothing is made here. */
export const dataFolder = (root: string) => {
  const at = (...parts: string[]) => join(root, ...parts);
  return {
    root,
    /** Sockets, pids and `platform.json`: about the processes that run now. */
    run: at('run'),
    supervisorPid: at('run', 'supervisor.pid'),
    /** {@link PlatformState}, written when the platform is ready. */
    platformState: at('run', 'platform.json'),
    routerSocket: at('run', 'router.sock'),
    platformLog: at('platform.log'),
    routes: at('routes.json'),
    secrets: at('secrets'),
    firstPassword: at('secrets', 'first-login.json'),
    authority: at('ca'),
    /** Keys and chains that the router serves with; made from the store. */
    certificates: at('certificates'),
    store: at('store'),
    repositories: at('git'),
    caches: at('cache'),
    builds: at('builds'),
    slugs: at('slugs'),
    dynos: at('dynos'),
    /** Slugs of dynos that run in containers. */
    containers: at('containers'),
    addOns: at('addons'),
    /** The object store: buckets of all add-ons. */
    objects: at('objects'),
    /** Of the server of all caches: who its tenants are, and the socket by which it is told. */
    memcached: at('memcached'),
    /** Dumps of databases, by the id of their transfer. */
    backups: at('backups'),
    logs: at('logs'),
    /** How apps did, a week long. */
    metrics: at('metrics'),
    /** Sources uploaded for builds, an hour each. */
    sources: at('sources'),
    outputs: at('outputs'),
    runtimes: at('runtimes'),
    repository: (appId: string) => at('git', `${appId}.git`),
    slug: (slugId: string) => at('slugs', slugId),
    cache: (appId: string) => at('cache', appId),
    backup: (transferId: string) => at('backups', `${transferId}.dump`),
    buildOutput: (buildId: string) => at('outputs', `build-${buildId}.log`),
    releaseOutput: (releaseId: string) => at('outputs', `release-${releaseId}.log`),
  };
};

export type DataFolder = ReturnType<typeof dataFolder>;

/** What other commands of this machine need to know of a running platform. */
export interface PlatformState {
  readonly supervisorPid: number;
  readonly apiHost: string;
  readonly apiPort: number;
  readonly routerHost: string;
  readonly routerPort: number;
  readonly appDomain: string;
  readonly authorityFile: string;
  /** The setting `engine`, with DOCKER_HOST in the place of `auto` where that was set. */
  readonly engine: string;
  /** The setting `driver`. */
  readonly driver: string;
}
