import { useQuery } from '@tanstack/react-query';
import { ask } from '../../api/request.ts';

interface Named {
  readonly name: string;
}

export interface MachineCertificate {
  readonly app: Named;
  readonly domains: readonly string[];
  readonly acm: boolean;
  readonly expires_at: string;
  readonly problem: string | null;
}

export interface MachineDatabase {
  readonly app: Named;
  readonly addon: Named;
  readonly backed_up_at: string | null;
  readonly restorable_since: string | null;
  readonly trouble: string | null;
  readonly drill: { readonly succeeded: boolean; readonly finished_at: string; readonly detail: string } | null;
}

/** Sizes are in bytes; docs/api.md, "Machine". */
export interface MachineReport {
  readonly versions: {
    readonly ravine: string;
    readonly node: string;
    readonly store: string;
    readonly system: string;
  };
  readonly started_at: string;
  readonly data_folder: string;
  readonly cpu: { readonly count: number; readonly load_avg: readonly number[] };
  readonly memory: { readonly total: number; readonly available: number; readonly control: number };
  readonly disk: { readonly total: number; readonly available: number };
  readonly engine: { readonly answers: boolean; readonly text: string };
  readonly driver: string;
  readonly store: { readonly size: number };
  readonly router: { readonly workers: number; readonly connected: number };
  readonly counts: {
    readonly accounts: number;
    readonly apps: number;
    readonly dynos: number;
    readonly addons: number;
  };
  readonly certificates: readonly MachineCertificate[];
  readonly databases: readonly MachineDatabase[];
}

export interface Finding {
  readonly level: 'ok' | 'note' | 'missing';
  readonly text: string;
}

/** Nothing tells of a machine's memory or disk as it changes: it is asked for. */
const everyMs = 20_000;

export const useMachine = () =>
  useQuery({
    queryKey: ['machine'],
    queryFn: ({ signal }) => ask<MachineReport>('GET', '/machine', undefined, { signal }),
    refetchInterval: everyMs,
  });

export const useFindings = () =>
  useQuery({
    queryKey: ['machine', 'findings'],
    queryFn: ({ signal }) => ask<readonly Finding[]>('GET', '/machine/findings', undefined, { signal }),
    staleTime: 60_000,
  });
