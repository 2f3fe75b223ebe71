/** `ok`; `note`: works with less; `missing`: Ravine can't do its main job. */
export interface FindingShape {
  readonly level: 'ok' | 'note' | 'missing';
  readonly text: string;
}

export interface MachineShape {
  readonly versions: {
    readonly ravine: string;
    readonly node: string;
    readonly store: string;
    readonly system: string;
  };
  /** When control began; dynos and databases may be older. */
  readonly started_at: string;
  readonly data_folder: string;
  readonly cpu: { readonly count: number; readonly load_avg: readonly number[] };
  /** In bytes; `control` is what this process of Ravine's uses. */
  readonly memory: { readonly total: number; readonly available: number; readonly control: number };
  /** Of the disk that the data folder is on, in bytes. */
  readonly disk: { readonly total: number; readonly available: number };
  readonly engine: { readonly answers: boolean; readonly text: string };
  readonly driver: string;
  readonly store: { readonly size: number };
  readonly router: { readonly workers: number; readonly connected: number };
  readonly counts: Readonly<Record<string, number>>;
  /** The first to expire first. */
  readonly certificates: readonly {
    readonly app: { readonly name: string };
    readonly domains: readonly string[];
    readonly acm: boolean;
    readonly expires_at: string;
    readonly problem: string | null;
  }[];
  /** Of the first hundred by name: how it stands about having them back. */
  readonly databases: readonly {
    readonly app: { readonly name: string };
    readonly addon: { readonly name: string };
    /** When the newest base backup was finished. */
    readonly backed_up_at: string | null;
    /** Every moment from this one on can be restored. */
    readonly restorable_since: string | null;
    /** Why there is no backup now. */
    readonly trouble: string | null;
    /** The last restore drill. */
    readonly drill: { readonly succeeded: boolean; readonly finished_at: string; readonly detail: string } | null;
  }[];
}
