import type { ColumnType, Generated } from 'kysely';
import type { AcmeChallenge, OrderStage } from '../domain/certificate-order.ts';
import type {
  AccountId,
  AddOnId,
  AppId,
  AttachmentId,
  BuildId,
  DomainId,
  DynoId,
  ReleaseId,
  SlugId,
  SniEndpointId,
} from '../domain/ids.ts';
import type { AppTransfersTable } from './app-transfers.ts';
import type { CredentialsTable } from './credential-tables.ts';
import type { SchedulerJobsTable, SchedulerRunsTable } from './scheduler-tables.ts';
import type { TransferSchedulesTable, TransfersTable } from './transfer-tables.ts';

/** A column with a default, read as T. */
type Defaulted<T> = ColumnType<T, T | undefined, T>;
/** A jsonb column: written as JSON text, read as T. */
type Json<T> = ColumnType<T, string | undefined, string>;

export interface Stamps {
  readonly createdAt: Defaulted<Date>;
  readonly updatedAt: Defaulted<Date>;
}

export interface AccountsTable extends Stamps {
  readonly id: Generated<AccountId>;
  readonly email: string;
  readonly name: string | null;
  readonly passwordHash: string;
  readonly administrator: Defaulted<boolean>;
  readonly lastLogin: Date | null;
  readonly twoFactor: Defaulted<boolean>;
  readonly sealedTotpSecret: Buffer | null;
  readonly totpStep: Defaulted<number>;
}

export interface RecoveryCodesTable {
  readonly accountId: AccountId;
  readonly codeHash: Buffer;
}

export interface AuthorizationsTable extends Stamps {
  readonly id: Generated<string>;
  readonly accountId: AccountId;
  readonly description: string;
  readonly scope: string[];
  readonly tokenHash: Buffer;
  readonly tokenPrefix: string;
  readonly tokenSuffix: string;
  readonly expiresAt: Date | null;
  readonly browser: Defaulted<boolean>;
}

export interface SignInLinksTable {
  readonly tokenHash: Buffer;
  readonly accountId: AccountId;
  readonly expiresAt: Date;
}

export interface LoginRequestsTable {
  readonly id: Generated<string>;
  readonly secretHash: Buffer;
  readonly browserSecretHash: Buffer;
  readonly description: string;
  readonly state: Defaulted<'waiting' | 'granted' | 'denied' | 'used'>;
  readonly accountId: AccountId | null;
  readonly createdAt: Defaulted<Date>;
}

export interface AppsTable extends Stamps {
  readonly id: Generated<AppId>;
  readonly name: string;
  readonly ownerId: AccountId;
  readonly region: string;
  readonly stack: string;
  readonly buildStack: string;
  readonly maintenance: Defaulted<boolean>;
  readonly acm: Defaulted<boolean>;
  readonly buildpackProvidedDescription: string | null;
  readonly repoSize: Defaulted<number>;
  readonly uid: Generated<number>;
  readonly requestKey: string | null;
  readonly releasedAt: Date | null;
  readonly deletedAt: Date | null;
}

export interface CollaboratorsTable extends Stamps {
  readonly id: Generated<string>;
  readonly appId: AppId;
  readonly accountId: AccountId;
}

export interface AppFeaturesTable {
  readonly appId: AppId;
  readonly name: string;
  readonly enabled: boolean;
  readonly updatedAt: Defaulted<Date>;
}

export interface AccountFeaturesTable {
  readonly accountId: AccountId;
  readonly name: string;
  readonly enabled: boolean;
  readonly updatedAt: Defaulted<Date>;
}

export interface BuildpackInstallationsTable {
  readonly appId: AppId;
  readonly ordinal: number;
  readonly url: string;
}

export type AddOnState = 'provisioning' | 'provisioned' | 'deprovisioning' | 'deprovisioned';

export interface AddOnsTable extends Stamps {
  readonly id: Generated<AddOnId>;
  readonly appId: AppId;
  readonly name: string;
  readonly service: string;
  readonly plan: string;
  readonly state: AddOnState;
  readonly resource: Json<Record<string, unknown>>;
  readonly sealedConfig: Buffer | null;
  readonly failureReason: string | null;
  readonly requestKey: string | null;
  readonly options: Json<Readonly<Record<string, string>>>;
}

export interface AddOnAttachmentsTable extends Stamps {
  readonly id: Generated<AttachmentId>;
  readonly addOnId: AddOnId;
  readonly appId: AppId;
  readonly name: string;
  readonly namespace: string | null;
}

export interface ConfigVarsTable {
  readonly appId: AppId;
  readonly name: string;
  readonly sealedValue: Buffer;
}

/** Process type -> command. */
export type ProcessTypes = Readonly<Record<string, string>>;

/** Process type -> image id (`sha256:…`). */
export type Images = Readonly<Record<string, string>>;

export interface SlugsTable extends Stamps {
  readonly id: Generated<SlugId>;
  readonly appId: AppId;
  readonly commit: string | null;
  readonly commitDescription: string | null;
  readonly checksum: string | null;
  readonly images: Json<Images | null>;
  readonly sourceDigest: string | null;
  readonly sizeBytes: number | null;
  readonly processTypes: Json<ProcessTypes>;
  readonly stack: string;
  readonly buildpackProvidedDescription: string | null;
  readonly blobState: Defaulted<'pending' | 'present' | 'removed'>;
}

export type ReleaseStatus = 'pending' | 'succeeded' | 'failed' | 'expired';

/** An add-on as a release had it attached. */
export interface ReleasedAttachment {
  readonly addOnId: AddOnId;
  readonly addOnName: string;
  readonly plan: string;
  readonly name: string;
}

export interface ReleasesTable extends Stamps {
  readonly id: Generated<ReleaseId>;
  readonly appId: AppId;
  readonly version: number;
  readonly status: ReleaseStatus;
  readonly description: string;
  readonly accountId: AccountId | null;
  readonly accountEmail: string;
  readonly slugId: SlugId | null;
  readonly stack: string;
  readonly processTypes: Json<ProcessTypes>;
  readonly images: Json<Images>;
  readonly sealedConfig: Buffer;
  readonly sealedOwnConfig: Buffer;
  readonly attachments: Json<readonly ReleasedAttachment[]>;
  readonly outputSecret: string | null;
  readonly failureReason: string | null;
  readonly requestKey: string | null;
}

export interface BuildsTable extends Stamps {
  readonly id: Generated<BuildId>;
  readonly appId: AppId;
  readonly accountId: AccountId | null;
  readonly accountEmail: string;
  readonly status: Defaulted<'pending' | 'succeeded' | 'failed'>;
  readonly stack: string;
  readonly commit: string | null;
  readonly commitDescription: string | null;
  readonly sourceUrl: string | null;
  readonly buildpacks: Json<readonly string[]>;
  readonly outputSecret: string;
  readonly slugId: SlugId | null;
  readonly releaseId: ReleaseId | null;
  readonly failureReason: string | null;
  readonly requestKey: string | null;
}

export interface FormationTable extends Stamps {
  readonly id: Generated<string>;
  readonly appId: AppId;
  readonly type: string;
  readonly quantity: number;
  readonly size: string;
}

export type DynoState = 'starting' | 'up' | 'crashed' | 'down' | 'idle' | 'stopping';

export interface DynosTable extends Stamps {
  readonly id: Generated<DynoId>;
  readonly appId: AppId;
  readonly releaseId: ReleaseId;
  readonly releaseVersion: number;
  readonly kind: 'formation' | 'run' | 'release';
  readonly type: string;
  readonly ordinal: number;
  readonly size: string;
  readonly command: string;
  readonly state: DynoState;
  readonly retire: 'restart' | 'stop' | 'remove' | null;
  readonly attached: Defaulted<boolean>;
  readonly sealedEnv: Buffer | null;
  readonly attachSecretHash: Buffer | null;
  readonly terminal: Json<{ columns: number; rows: number; term: string } | null>;
  readonly host: string | null;
  readonly port: number | null;
  readonly exitCode: number | null;
  readonly crashCount: Defaulted<number>;
  readonly nextStartAt: Date | null;
  readonly outputPosition: string | null;
  readonly requestKey: string | null;
}

export interface LogSessionsTable {
  readonly id: Generated<string>;
  readonly appId: AppId;
  readonly secretHash: Buffer;
  readonly lines: number;
  readonly tail: boolean;
  readonly source: string | null;
  readonly dyno: string | null;
  readonly createdAt: Defaulted<Date>;
}

export interface ReplaysTable {
  readonly key: string;
  readonly requestKey: Generated<string>;
  readonly status: number | null;
  readonly headers: Json<Record<string, string>>;
  readonly body: Buffer | null;
  readonly createdAt: Defaulted<Date>;
}

export interface SniEndpointsTable extends Stamps {
  readonly id: Generated<SniEndpointId>;
  readonly appId: AppId;
  readonly name: string;
  readonly acm: boolean;
  readonly certificateChain: string;
  readonly sealedKey: Buffer;
  readonly fingerprint: string;
  readonly certDomains: string[];
  readonly issuer: string;
  readonly subject: string;
  readonly startsAt: Date;
  readonly expiresAt: Date;
  readonly selfSigned: boolean;
  readonly caSigned: boolean;
  readonly requestKey: string | null;
}

export interface DomainsTable extends Stamps {
  readonly id: Generated<DomainId>;
  readonly appId: AppId;
  readonly hostname: string;
  readonly sniEndpointId: SniEndpointId | null;
  readonly requestKey: string | null;
}

export interface AcmeAccountsTable {
  readonly directoryUrl: string;
  readonly sealedKey: Buffer;
  readonly accountUrl: string | null;
}

export interface CertificateOrdersTable {
  readonly domainId: DomainId;
  readonly stage: Defaulted<OrderStage>;
  readonly directoryUrl: string | null;
  readonly orderUrl: string | null;
  readonly sealedKey: Buffer | null;
  readonly challenge: Json<AcmeChallenge | null>;
  readonly failures: Defaulted<number>;
  readonly problem: string | null;
  readonly nextAttemptAt: Defaulted<Date>;
  readonly updatedAt: Defaulted<Date>;
}

export interface EventsTable {
  readonly id: Generated<number>;
  /** PostgreSQL's number of the transaction; a string of digits. */
  readonly xact: Generated<string>;
  readonly at: Defaulted<Date>;
  readonly resource: string;
  readonly action: 'create' | 'update' | 'destroy';
  readonly resourceId: string | null;
  readonly appId: AppId | null;
  readonly appName: string | null;
  readonly accountId: AccountId | null;
  readonly actorId: AccountId | null;
  readonly actorEmail: string | null;
  readonly via: string | null;
  readonly audit: boolean;
  readonly data: Json<Readonly<Record<string, unknown>>>;
}

export interface Tables {
  readonly accounts: AccountsTable;
  readonly events: EventsTable;
  readonly recoveryCodes: RecoveryCodesTable;
  readonly authorizations: AuthorizationsTable;
  readonly loginRequests: LoginRequestsTable;
  readonly signInLinks: SignInLinksTable;
  readonly apps: AppsTable;
  readonly collaborators: CollaboratorsTable;
  readonly appFeatures: AppFeaturesTable;
  readonly accountFeatures: AccountFeaturesTable;
  readonly buildpackInstallations: BuildpackInstallationsTable;
  readonly addOns: AddOnsTable;
  readonly addOnAttachments: AddOnAttachmentsTable;
  readonly credentials: CredentialsTable;
  readonly configVars: ConfigVarsTable;
  readonly slugs: SlugsTable;
  readonly releases: ReleasesTable;
  readonly builds: BuildsTable;
  readonly formation: FormationTable;
  readonly dynos: DynosTable;
  readonly sniEndpoints: SniEndpointsTable;
  readonly domains: DomainsTable;
  readonly acmeAccounts: AcmeAccountsTable;
  readonly certificateOrders: CertificateOrdersTable;
  readonly logSessions: LogSessionsTable;
  readonly replays: ReplaysTable;
  readonly transfers: TransfersTable;
  readonly appTransfers: AppTransfersTable;
  readonly transferSchedules: TransferSchedulesTable;
  readonly schedulerJobs: SchedulerJobsTable;
  readonly schedulerRuns: SchedulerRunsTable;
}
