import { useQuery } from '@tanstack/react-query';
import type {
  AddOnFacts,
  AppState,
  AppTransfer,
  BackupSchedule,
  Job,
  JobRun,
  SniEndpoint,
  Transfer,
} from './add-on-shapes.ts';
import { refetchInterval } from './live.ts';
import { ask, list } from './request.ts';
import type { AddOn, Attachment } from './shapes.ts';

/** No event tells how full an add-on is, or how far a backup has come. */
const factsMs = 15_000;
const underWayMs = 1500;

export const useAddOn = (app: string, name: string) =>
  useQuery({
    queryKey: ['app', app, 'addons', name],
    queryFn: () => ask<AddOn>('GET', `/apps/${app}/addons/${name}`),
    refetchInterval,
  });

/** Of all apps that the account can see. */
export const useAllAddOns = () =>
  useQuery({ queryKey: ['apps', 'addons'], queryFn: ({ signal }) => list<AddOn>('/addons', '', signal) });

/** Of one add-on, on all apps that the account can see. */
export const useAttachmentsOf = (app: string, addOn: string) =>
  useQuery({
    queryKey: ['app', app, 'attachments of', addOn],
    queryFn: ({ signal }) => list<Attachment>(`/addons/${addOn}/addon-attachments`, '', signal),
    refetchInterval,
  });

export const useAddOnFacts = (app: string, addOn: string) =>
  useQuery({
    queryKey: ['app', app, 'facts of', addOn],
    queryFn: () => ask<AddOnFacts>('GET', `/addons/${addOn}/facts`),
    refetchInterval: factsMs,
  });

/** Suffix to value; secret, so it is asked for when it is shown, and forgotten then. */
export const useAddOnConfig = (app: string, addOn: string) =>
  useQuery({
    queryKey: ['app', app, 'config of', addOn],
    queryFn: () => ask<readonly { readonly name: string; readonly value: string }[]>('GET', `/addons/${addOn}/config`),
    gcTime: 0,
  });

export const useTransfers = (app: string) =>
  useQuery({
    queryKey: ['app', app, 'transfers'],
    queryFn: () => ask<readonly Transfer[]>('GET', `/client/v11/apps/${app}/transfers`),
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ finished_at: end }) => end === null) ? underWayMs : factsMs,
  });

export const useBackupSchedules = (app: string, addOn: string) =>
  useQuery({
    queryKey: ['app', app, 'schedules of', addOn],
    queryFn: () => ask<readonly BackupSchedule[]>('GET', `/client/v11/databases/${addOn}/transfer-schedules`),
  });

export const useJobs = (app: string) =>
  useQuery({
    queryKey: ['app', app, 'jobs'],
    queryFn: ({ signal }) => list<Job>(`/apps/${app}/scheduler/jobs`, '', signal),
    refetchInterval,
  });

export const useJobRuns = (app: string, job: string) =>
  useQuery({
    queryKey: ['app', app, 'jobs', job, 'runs'],
    queryFn: () => ask<readonly JobRun[]>('GET', `/apps/${app}/scheduler/jobs/${job}/runs?limit=50`),
    refetchInterval,
  });

export const useCertificates = (app: string) =>
  useQuery({
    queryKey: ['app', app, 'sni-endpoints'],
    queryFn: ({ signal }) => list<SniEndpoint>(`/apps/${app}/sni-endpoints`, 'name ..; max=1000', signal),
    refetchInterval,
  });

export const useAppTransfers = () =>
  useQuery({
    queryKey: ['apps', 'transfers'],
    queryFn: ({ signal }) => list<AppTransfer>('/account/app-transfers', '', signal),
  });

/** By the app's id. */
export const useAppStates = () =>
  useQuery({
    queryKey: ['apps', 'states'],
    queryFn: async ({ signal }) => {
      const all = await list<AppState>('/app-states', 'name ..; max=1000', signal);
      return new Map(all.map((state) => [state.id, state]));
    },
    refetchInterval,
  });
