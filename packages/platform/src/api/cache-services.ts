import type { Actor } from '../release/releases.ts';
import type { AddOn } from '../store/add-ons.ts';
import type { SchedulerJob, SchedulerRun } from '../store/scheduler-jobs.ts';

/** A credential of a cache as its owner sees it: the password is told once, when it is made. */
export interface CacheCredential {
  readonly username: string;
  readonly canWrite: boolean;
  readonly canFlush: boolean;
  /** Unix time in ms at which it ends; absent: it stays. */
  readonly endsAtMs?: number;
}

/** What may be set of a key-value store, in the data API's names. */
export interface KeyValueSettings {
  readonly timeout: number;
  readonly maxmemoryPolicy: string;
  readonly notifyKeyspaceEvents: string;
}

export interface KeyValueFacts {
  readonly version: string;
  readonly usedBytes: number;
  readonly maxBytes: number;
  readonly connections: number;
  readonly connectionLimit: number;
  readonly keys: number;
  readonly port: number;
  readonly settings: KeyValueSettings;
}

/** What the API does with caches, key-value stores and schedules beside ordering them; those that ask a server throw when it doesn't answer. */
export interface CacheServices {
  readonly memcachier: {
    statistics(addOn: AddOn): Promise<Readonly<Record<string, unknown>>>;
    flush(addOn: AddOn): Promise<void>;
    credentials(addOn: AddOn): Promise<readonly CacheCredential[]>;
    addCredential(
      addOn: AddOn,
      rights: { readonly canWrite: boolean; readonly canFlush: boolean },
    ): Promise<{ readonly username: string; readonly password: string }>;
    /** @returns whether there was one. */
    removeCredential(addOn: AddOn, username: string): Promise<boolean>;
    /** Another credential for every app that has it attached; the one before ends a few minutes later. */
    rotate(addOn: AddOn, by: Actor): Promise<void>;
  };
  readonly redis: {
    facts(addOn: AddOn): Promise<KeyValueFacts>;
    change(addOn: AddOn, change: Partial<KeyValueSettings>): Promise<KeyValueSettings>;
    resetStatistics(addOn: AddOn): Promise<void>;
    rotate(addOn: AddOn, by: Actor): Promise<void>;
  };
  readonly scheduler: {
    /** There are other jobs, or other times: look now. */
    nudge(): void;
    /** Undefined when it has just been started. */
    runNow(job: SchedulerJob): Promise<SchedulerRun | undefined>;
  };
}
