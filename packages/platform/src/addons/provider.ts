import type { AddOnId } from '../domain/ids.ts';
import type { Plan } from './catalogue.ts';

/** What a provider has to remember of an add-on; kept in clear, so never a secret. */
export type Resource = Readonly<Record<string, string | number | boolean>>;

export interface AddOnRequest {
  readonly id: AddOnId;
  /** `postgresql-curved-34718`. */
  readonly name: string;
  readonly plan: Plan;
  /** What it was asked for beside the plan, as the service understands it; absent for most. */
  readonly options?: AddOnOptions;
}

/** What a service was asked for beside the plan, checked when it was asked; kept in clear, so never a secret. */
export type AddOnOptions = Readonly<Record<string, string>>;

export interface Provisioned {
  readonly resource: Resource;
  /** Entries as the catalogue names them for the service (`URL`) -> value; secret. */
  readonly config: Readonly<Record<string, string>>;
}

/** Other secrets in the place of those that an add-on's config has; both are good until the others are retired. */
export interface Rotation {
  readonly config: Provisioned['config'];
  /** To be called when everybody has the config: the others end a little later. */
  retireOthers(): Promise<void>;
}

/** `reason` is fit for the add-on's user. */
export type AddOnHealth =
  | { readonly kind: 'starting' }
  | { readonly kind: 'up' }
  | { readonly kind: 'down'; readonly reason: string };

/**
 * Makes add-ons of one service and keeps them running. What it runs outlives the process; a later one adopts it.
 * Calls about one add-on don't overlap: its caller sees to that.
 */
export interface AddOnProvider extends AsyncDisposable {
  /** `heroku-postgresql`. */
  readonly service: string;
  /**
   * Makes the add-on and waits until it can be used. Repeated for the same id it finishes what was begun, and secrets
   * of the answer before are no longer valid.
   * @throws with a reason fit for the user when it can't be made now.
   */
  provision(request: AddOnRequest, signal: AbortSignal): Promise<Provisioned>;
  /** Stops it and removes all it holds; no-op when there is nothing. */
  deprovision(id: AddOnId): Promise<void>;
  /**
   * From now on starts the add-on whenever it doesn't run; returns how it is without waiting for it to be up.
   * Called again and again. `plan` is the one that it shall have now, undefined when the catalogue has it no more.
   */
  ensureRunning(id: AddOnId, resource: Resource, plan: Plan | undefined): Promise<AddOnHealth>;
  /** Calls back after the health of one has changed. Returns the way to stop. */
  onChange(listener: (id: AddOnId) => void): () => void;
  /** Stops every add-on that it keeps running, for the shutdown of a whole platform; they start again with the next one. */
  stopAll(): Promise<void>;
  /** Lets go of all, which run on. */
  close(): Promise<void>;
}
