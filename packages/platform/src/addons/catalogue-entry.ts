/** One plan as the catalogue lists it; every plan is free here, and what differs is how much it may take. */
export interface PlanEntry {
  /** Without the service: `essential-0`. */
  readonly name: string;
  readonly humanName: string;
  /** Connections at a time of the add-on's one role; 0 where the service doesn't count them. */
  readonly connections: number;
  /** Of a database its disk, of a cache its memory, of a store its objects; 0 where the service keeps no data. */
  readonly sizeBytes: number;
  /** A name that Heroku no longer sells: accepted, not listed. */
  readonly historic?: true;
}

export interface ServiceEntry {
  readonly name: string;
  readonly humanName: string;
  readonly description: string;
  /** What names of its add-ons begin with: `postgresql-curved-34718`. */
  readonly namePrefix: string;
  /** Name of an app's first attachment, where it differs from that of the others. */
  readonly firstAttachment: string;
  /** Further attachments are called by this and a colour. */
  readonly attachmentPrefix: string;
  /** Entries of its add-ons' config, each a config var of every attachment (contract/config-var-name.ts): `URL`. */
  readonly configSuffixes: readonly string[];
  /** Whether an add-on may go over to another plan of the service: its provider is given the plan at each look. */
  readonly changesPlan: boolean;
  readonly defaultPlan: string;
  /** What the CLI prints after the creation. */
  readonly provisionMessage: string;
  readonly plans: readonly PlanEntry[];
}
