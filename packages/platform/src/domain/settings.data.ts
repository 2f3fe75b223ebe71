/** One setting: its name in code, where it can be given, its default, what it accepts and what the docs say. */
export interface Setting {
  /** Long flag of `ravine up`, without the dashes. */
  readonly flag: string;
  readonly env: `RAVINE_${string}`;
  readonly kind:
    | 'text'
    | 'choice'
    | 'port'
    | 'count'
    | 'url'
    | 'folder'
    | 'https-url'
    | 'file'
    | 'server'
    | 'megabytes'
    | 'days'
    | 'seconds'
    | 'port-range';
  /** Of kind `choice`: what it may be. */
  readonly choices?: readonly string[];
  /** Undefined: the doc line says what then happens. */
  readonly default: string | undefined;
  readonly doc: string;
  /** Never printed. */
  readonly secret?: true;
}

/** Every setting of Ravine; the help of `ravine up`, its validation and docs/configuration.md come from here. */
export const settings = {
  dataFolder: {
    flag: 'data',
    env: 'RAVINE_DATA',
    kind: 'folder',
    default: undefined,
    doc: "Folder for everything that Ravine keeps. Default: `~/.local/share/ravine` (or below `XDG_DATA_HOME`); for root `/var/lib/ravine`, since databases and dynos then run as other users, who may not enter root's home.",
  },
  apiHost: {
    flag: 'api-host',
    env: 'RAVINE_API_HOST',
    kind: 'text',
    default: '127.0.0.1',
    doc: 'Address that API, git and dashboard listen on.',
  },
  apiPort: {
    flag: 'api-port',
    env: 'RAVINE_API_PORT',
    kind: 'port',
    default: '5100',
    doc: 'Port of API, git and dashboard, http and https. 0: any free one.',
  },
  routerHost: {
    flag: 'router-host',
    env: 'RAVINE_ROUTER_HOST',
    kind: 'text',
    default: '127.0.0.1',
    doc: 'Address that apps are served on. `0.0.0.0` opens them to the network.',
  },
  routerPort: {
    flag: 'router-port',
    env: 'RAVINE_ROUTER_PORT',
    kind: 'port',
    default: '8080',
    doc: 'Port that apps are served on, http and https. 0: any free one.',
  },
  routerTlsPort: {
    flag: 'router-tls-port',
    env: 'RAVINE_ROUTER_TLS_PORT',
    kind: 'port',
    default: undefined,
    doc: 'Second port that apps are served on, 443 beside a `--router-port` of 80. Addresses of apps then begin with https and name this port. Default: none, the other port speaks https too.',
  },
  routerWorkers: {
    flag: 'router-workers',
    env: 'RAVINE_ROUTER_WORKERS',
    kind: 'count',
    default: '2',
    doc: 'Router processes. Two, so that one can fail without a gap; more on machines with more cores.',
  },
  appDomain: {
    flag: 'app-domain',
    env: 'RAVINE_APP_DOMAIN',
    kind: 'text',
    default: 'localhost',
    doc: 'Apps are served as `NAME.` and this domain. Names below `localhost` reach this machine in browsers and curl without any set-up.',
  },
  databaseUrl: {
    flag: 'database-url',
    env: 'RAVINE_DATABASE_URL',
    kind: 'url',
    default: undefined,
    secret: true,
    doc: 'PostgreSQL 14 or newer to use as the store. Default: an embedded one in the data folder. Give it by environment, not by flag: arguments can be seen by other users.',
  },
  adminEmail: {
    flag: 'admin-email',
    env: 'RAVINE_ADMIN_EMAIL',
    kind: 'text',
    default: 'admin@localhost',
    doc: 'E-mail address of the account made on the first start.',
  },
  acmeDirectory: {
    flag: 'acme-directory',
    env: 'RAVINE_ACME_DIRECTORY',
    kind: 'https-url',
    default: 'https://acme-v02.api.letsencrypt.org/directory',
    doc: "Directory of the ACME authority that certificates come from (`heroku certs:auto:enable`, which accepts its terms). Let's Encrypt's unless set.",
  },
  acmeEmail: {
    flag: 'acme-email',
    env: 'RAVINE_ACME_EMAIL',
    kind: 'text',
    default: undefined,
    doc: 'E-mail address that the ACME authority is told. Default: none.',
  },
  acmeCa: {
    flag: 'acme-ca',
    env: 'RAVINE_ACME_CA',
    kind: 'file',
    default: undefined,
    doc: "PEM file of the authority that signed the certificate of the ACME directory itself, for one of one's own. Default: those that this machine trusts.",
  },
  acmeDns: {
    flag: 'acme-dns',
    env: 'RAVINE_ACME_DNS',
    kind: 'server',
    default: undefined,
    doc: 'DNS server, as `ADDRESS` or `ADDRESS:PORT`, that is asked whether a domain has an address before a certificate is ordered. Default: as every program of this machine asks.',
  },
  engine: {
    flag: 'engine',
    env: 'RAVINE_ENGINE',
    kind: 'text',
    default: 'auto',
    doc: 'Container engine for the container stack: `auto` takes DOCKER_HOST, or the Docker or Podman socket of this machine; `none` does without; else an address as in DOCKER_HOST.',
  },
  driver: {
    flag: 'driver',
    env: 'RAVINE_DRIVER',
    kind: 'choice',
    choices: ['process', 'docker'],
    default: 'process',
    doc: 'What runs the dynos of buildpack stacks: `process`, processes of this machine; `docker`, containers on its engine. Dynos that run stay as they are until they are restarted.',
  },
  stackImage: {
    flag: 'stack-image',
    env: 'RAVINE_STACK_IMAGE',
    kind: 'text',
    default: 'ravine-stack:24',
    doc: 'Image that slugs run in with `--driver docker`: glibc and libraries as on this machine, bash, and the same Python for slugs that use it. The default is built on the first start; another is pulled when it is not there.',
  },
  dynoPorts: {
    flag: 'dyno-ports',
    env: 'RAVINE_DYNO_PORTS',
    kind: 'port-range',
    default: '20000-29999',
    doc: 'Loopback ports that dynos are given as PORT.',
  },
  databasePorts: {
    flag: 'database-ports',
    env: 'RAVINE_DATABASE_PORTS',
    kind: 'port-range',
    default: '15432-19999',
    doc: 'Loopback ports that add-on databases listen on.',
  },
  buildSeconds: {
    flag: 'build-timeout',
    env: 'RAVINE_BUILD_TIMEOUT',
    kind: 'seconds',
    default: '900',
    doc: 'A build that takes longer is ended.',
  },
  buildMemoryMb: {
    flag: 'build-memory',
    env: 'RAVINE_BUILD_MEMORY',
    kind: 'megabytes',
    default: '2048',
    doc: 'Memory of one build, in MB, where the machine lets Ravine make cgroups.',
  },
  slugMb: {
    flag: 'slug-limit',
    env: 'RAVINE_SLUG_LIMIT',
    kind: 'megabytes',
    default: '1024',
    doc: 'Largest slug, in MB on disk.',
  },
  cacheMb: {
    flag: 'cache-limit',
    env: 'RAVINE_CACHE_LIMIT',
    kind: 'megabytes',
    default: '2048',
    doc: 'Largest build cache of one app, in MB; a larger one is dropped after the build.',
  },
  keptReleases: {
    flag: 'kept-releases',
    env: 'RAVINE_KEPT_RELEASES',
    kind: 'count',
    default: '20',
    doc: 'Releases whose slugs are kept for rollback; older slugs are removed.',
  },
  logMb: {
    flag: 'log-limit',
    env: 'RAVINE_LOG_LIMIT',
    kind: 'megabytes',
    default: '64',
    doc: 'Log kept of one app, in MB.',
  },
  logDays: {
    flag: 'log-days',
    env: 'RAVINE_LOG_DAYS',
    kind: 'days',
    default: '7',
    doc: 'Log lines older than this are removed.',
  },
  auditDays: {
    flag: 'audit-days',
    env: 'RAVINE_AUDIT_DAYS',
    kind: 'days',
    default: '90',
    doc: 'Audit events, which say who changed what, are kept this long.',
  },
  bootSeconds: {
    flag: 'boot-timeout',
    env: 'RAVINE_BOOT_TIMEOUT',
    kind: 'seconds',
    default: '60',
    doc: 'A web dyno that has not bound its PORT by then is ended (R10).',
  },
  stopSeconds: {
    flag: 'stop-timeout',
    env: 'RAVINE_STOP_TIMEOUT',
    kind: 'seconds',
    default: '30',
    doc: 'Time between SIGTERM and SIGKILL when a dyno is stopped (R12).',
  },
  requestsPerHour: {
    flag: 'rate-limit',
    env: 'RAVINE_RATE_LIMIT',
    kind: 'count',
    default: '4500',
    doc: 'API requests that one account may make in an hour; they refill evenly.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
