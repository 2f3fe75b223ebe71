import { openedExtensions } from './opened-extensions.data.ts';

/** Lines of postgresql.conf; strings are quoted when written. */
export type ServerSettings = Readonly<Record<string, string | number | boolean>>;

/** For a small server: five processes, some 6 MB when idle. Durability is PostgreSQL's default: fsync, full pages, synchronous commit. */
const small: ServerSettings = {
  shared_buffers: '8MB',
  // Reads by the backend itself: saves three io workers.
  io_method: 'sync',
  huge_pages: false,
  max_worker_processes: 2,
  max_parallel_workers: 2,
  max_parallel_workers_per_gather: 0,
  max_logical_replication_workers: 0,
  autovacuum_worker_slots: 2,
  autovacuum_max_workers: 1,
  jit: false,
  min_wal_size: '8MB',
  max_wal_size: '64MB',
  maintenance_work_mem: '16MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  log_checkpoints: false,
};

/** Tuning of the platform's own store: a few connections of one client, over a Unix socket. */
export const storeSettings: ServerSettings = {
  ...small,
  shared_buffers: '16MB',
  max_connections: 40,
  max_wal_senders: 2,
  max_replication_slots: 2,
};

/** Connections beside the plan's: three kept for superusers, and room for those of the plan that are just closing. */
export const besidePlan = 5;

/** Extensions that a database's own role can make. */
const ownExtensions: string = [
  ...Object.keys(openedExtensions),
  ...['btree_gin', 'btree_gist', 'citext', 'cube', 'dict_int', 'fuzzystrmatch', 'hstore', 'intarray', 'isn', 'lo'],
  ...['ltree', 'pg_trgm', 'pgcrypto', 'plpgsql', 'seg', 'tablefunc', 'tcn', 'tsm_system_rows', 'tsm_system_time'],
  ...['unaccent', 'uuid-ossp'],
]
  .toSorted()
  .join(',');

/** Tuning of a customer's database that serves up to `connections` clients. */
export const addOnSettings = (connections: number): ServerSettings => ({
  ...small,
  max_connections: connections + besidePlan,
  // Who waits for a lock, or works on a long statement, would otherwise not notice that its client has gone.
  client_connection_check_interval: '2s',
  // Loads of much data at once would otherwise checkpoint, and log whole pages anew, every 32 MB.
  max_wal_size: '256MB',
  // Followers, and two for a base backup.
  max_wal_senders: 8,
  max_replication_slots: 8,
  // What `heroku pg:extensions` asks for, on plans of the Essential tier the second.
  'extwlist.extensions': ownExtensions,
  'rds.allowed_extensions': ownExtensions,
  // For `heroku pg:outliers` and `pg:calls`, once the extension of this name is made.
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.max': 1000,
  track_io_timing: true,
  // A follower that stays away for more of the log than this has to be made anew, instead of filling its leader's disk.
  max_slot_wal_keep_size: '4GB',
});

/** What makes a server archive its write-ahead log into a folder, file by file, and at least once a minute in use. */
export const archiveSettings = (inbox: string): ServerSettings => ({
  archive_mode: true,
  archive_library: 'basic_archive',
  'basic_archive.archive_directory': inbox,
  archive_timeout: '60s',
});
