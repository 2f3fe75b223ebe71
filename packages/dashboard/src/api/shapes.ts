/** What the dashboard reads of the Platform API's answers; Platform API reference. */

export interface Named {
  readonly id: string;
  readonly name: string;
}

interface Person {
  readonly id: string | null;
  readonly email: string;
}

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly two_factor_authentication: boolean;
  /** Looks after the machine. */
  readonly administrator: boolean;
}

export interface App extends Named {
  readonly owner: Person;
  readonly region: Named;
  readonly stack: Named;
  readonly build_stack: Named;
  readonly maintenance: boolean;
  readonly acm: boolean;
  readonly git_url: string;
  readonly web_url: string;
  readonly buildpack_provided_description: string | null;
  readonly slug_size: number | null;
  readonly repo_size: number | null;
  readonly created_at: string;
  readonly released_at: string | null;
}

export interface Release {
  readonly id: string;
  readonly version: number;
  readonly description: string;
  readonly status: 'pending' | 'succeeded' | 'failed' | 'expired';
  readonly current: boolean;
  readonly eligible_for_rollback: boolean;
  readonly output_stream_url: string | null;
  readonly created_at: string;
  readonly user: Person;
}

export interface Build {
  readonly id: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly failure_reason: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly output_stream_url: string;
  readonly release: { readonly id: string } | null;
  readonly source_blob: { readonly version: string | null; readonly version_description: string | null };
  readonly user: Person;
}

/** docs/api.md, "Deploying a branch again". */
export interface Branch {
  readonly name: string;
  readonly commit: string;
  readonly description: string;
  readonly committed_at: string;
}

/** docs/api.md, "Names of apps". */
export interface NameCheck {
  readonly available: boolean;
  readonly problem: 'rule' | 'taken' | null;
  readonly message: string | null;
}

export interface Formation {
  readonly id: string;
  readonly type: string;
  readonly command: string;
  readonly quantity: number;
  readonly size: string;
}

export interface Dyno {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly command: string;
  readonly state: string;
  readonly size: string;
  readonly updated_at: string;
  readonly release: { readonly version: number };
}

export interface DynoSize extends Named {
  /** GB. */
  readonly memory: number;
}

export interface AddOnService extends Named {
  readonly human_name: string;
}

export interface Plan extends Named {
  readonly human_name: string;
  readonly default: boolean;
}

export interface AddOn extends Named {
  readonly state: 'provisioning' | 'provisioned' | 'deprovisioning' | 'deprovisioned';
  readonly addon_service: AddOnService;
  readonly plan: Plan;
  readonly app: Named;
  readonly config_vars: readonly string[];
}

export interface Attachment extends Named {
  readonly addon: Named & { readonly app: Named };
  readonly app: Named;
}

export interface Collaborator {
  readonly id: string;
  readonly role: 'owner' | 'collaborator';
  readonly user: Person;
  readonly created_at: string;
}

export interface Domain {
  readonly id: string;
  readonly hostname: string;
  readonly kind: 'heroku' | 'custom';
  readonly cname: string | null;
  readonly acm_status: string | null;
  readonly acm_status_reason: string | null;
  readonly sni_endpoint: Named | null;
}

export interface Session {
  readonly id: string;
  readonly description: string;
  readonly current: boolean;
  readonly created_at: string;
}

export interface Authorization {
  readonly id: string;
  readonly description: string;
  readonly created_at: string;
  readonly access_token: { readonly token: string; readonly expires_in: number | null };
}

export interface BuildpackInstallation {
  readonly ordinal: number;
  readonly buildpack: { readonly url: string; readonly name: string };
}

/** A change that somebody made; docs/api.md says what `data` holds. */
export interface ChangeEvent {
  readonly id: string;
  readonly at: string;
  readonly resource: string;
  readonly action: 'create' | 'update' | 'destroy';
  readonly actor: { readonly email: string | null } | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Name to value. */
export type ConfigVars = Readonly<Record<string, string>>;
