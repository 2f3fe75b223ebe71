import type { AddOnId } from '../domain/ids.ts';
import type { AddOnOptions, Provisioned, Resource } from './provider.ts';

/** One row of add_ons that still has something to run or to remove. */
export interface AddOnRecord {
  readonly id: AddOnId;
  readonly name: string;
  /** `heroku-postgresql`. */
  readonly service: string;
  /** With or without the service. */
  readonly plan: string;
  readonly state: 'provisioning' | 'provisioned' | 'deprovisioning';
  readonly resource: Resource;
  readonly options?: AddOnOptions;
  readonly failureReason: string | null;
}

/** The rows as the reconciler needs them; each change is one transaction and is made only from the state that it names. */
export interface AddOnRecords {
  live(): Promise<readonly AddOnRecord[]>;
  /** provisioning -> provisioned: keeps resource and (sealed) config, clears the reason, releases the config vars. */
  provisioned(id: AddOnId, made: Provisioned): Promise<void>;
  /** provisioning -> deprovisioning, with the reason; what is half made gets removed next. */
  abandoned(id: AddOnId, reason: string): Promise<void>;
  /** deprovisioning -> deprovisioned: nothing of it is left. */
  deprovisioned(id: AddOnId): Promise<void>;
  /** Notes why it can't run or can't be removed now, or null when it is well again; the state stays. */
  noteFailure(id: AddOnId, reason: string | null): Promise<void>;
}
