/** What the pages of add-ons and certificates read of the API's answers; docs/api.md, and Heroku's data API. */

/** How full an add-on is; docs/api.md, "Add-ons". */
export interface AddOnFacts {
  readonly available: boolean;
  readonly problem: string | null;
  readonly version: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly size_limit: number | null;
  readonly connections: number | null;
  readonly connection_limit: number | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly bucket: string | null;
  readonly backups: {
    readonly since: string | null;
    readonly last_base: { readonly finished_at: string; readonly size: number } | null;
    readonly trouble: string | null;
    readonly drill: { readonly succeeded: boolean; readonly finished_at: string; readonly detail: string } | null;
  } | null;
}

/** A backup, a restore or a copy. */
export interface Transfer {
  readonly uuid: string;
  readonly num: number;
  readonly from_name: string;
  readonly from_type: string;
  readonly to_name: string;
  readonly to_type: string;
  readonly to_url: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly canceled_at: string | null;
  readonly succeeded: boolean | null;
  readonly processed_bytes: number;
}

export interface BackupSchedule {
  readonly uuid: string;
  readonly name: string;
  readonly hour: number;
  readonly timezone: string;
}

/** docs/api.md, "Scheduler". */
export interface Job {
  readonly id: string;
  readonly command: string;
  readonly frequency: Frequency;
  readonly at: string;
  readonly time_zone: string;
  readonly size: string;
  readonly enabled: boolean;
  readonly next_run_at: string | null;
}

export type Frequency = 'every-10-minutes' | 'hourly' | 'daily' | 'cron';

export interface JobRun {
  readonly id: string;
  readonly due_at: string;
  readonly state: 'running' | 'finished' | 'refused' | 'missed';
  readonly dyno: string | null;
  readonly exit_code: number | null;
  readonly reason: string | null;
  readonly started_at: string | null;
}

export interface SniEndpoint {
  readonly id: string;
  readonly name: string;
  /** Ids. */
  readonly domains: readonly string[];
  readonly ssl_cert: {
    readonly acm: boolean;
    readonly 'ca_signed?': boolean;
    readonly 'self_signed?': boolean;
    readonly cert_domains: readonly string[];
    readonly issuer: string;
    readonly starts_at: string;
    readonly expires_at: string;
  };
}

export interface AppTransfer {
  readonly id: string;
  readonly state: 'pending' | 'accepted' | 'declined';
  readonly app: { readonly id: string; readonly name: string };
  readonly owner: { readonly email: string };
  readonly recipient: { readonly email: string };
}

/** How an app is, at a glance; docs/api.md, "How apps are". */
export interface AppState {
  readonly id: string;
  readonly health: 'up' | 'starting' | 'crashed' | 'idle';
  readonly release: { readonly version: number; readonly status: string; readonly created_at: string } | null;
}
