import { useQuery } from '@tanstack/react-query';
import { refetchInterval } from './live.ts';
import { ApiError, ask, list } from './request.ts';
import type {
  Account,
  AddOn,
  AddOnService,
  App,
  Attachment,
  Authorization,
  Branch,
  Build,
  BuildpackInstallation,
  ChangeEvent,
  Collaborator,
  ConfigVars,
  Domain,
  Dyno,
  DynoSize,
  Formation,
  NameCheck,
  Named,
  Plan,
  Release,
  Session,
} from './shapes.ts';

/** What one answer holds at most; docs/api.md. */
const partSize = { list: 1000, audit: 200 } as const;

const newest = (property: string, most: number): string =>
  `${property} ..; max=${Math.min(most, partSize.list)}, order=desc`;

/** Who is signed in; null is nobody. */
export const useAccount = () =>
  useQuery({
    queryKey: ['account'],
    queryFn: () =>
      ask<Account>('GET', '/account').catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Something that belongs to the account; changes of it are rare. */
const useOfAccount = <Item>(key: string, path: string) =>
  useQuery({ queryKey: ['account', key], queryFn: ({ signal }) => list<Item>(path, '', signal) });

export const useSessions = () => useOfAccount<Session>('sessions', '/oauth/sessions');
export const useAuthorizations = () => useOfAccount<Authorization>('authorizations', '/oauth/authorizations');

/** What the platform offers; the same until it is upgraded. */
const useCatalogue = <Item>(key: string, path: string, enabled = true) =>
  useQuery({
    queryKey: ['catalogue', key],
    queryFn: ({ signal }) => list<Item>(path, 'name ..; max=1000', signal),
    staleTime: Number.POSITIVE_INFINITY,
    enabled,
  });

export const useStacks = () => useCatalogue<Named>('stacks', '/stacks');
export const useDynoSizes = () => useCatalogue<DynoSize>('sizes', '/dyno-sizes');
export const useAddOnServices = () => useCatalogue<AddOnService>('services', '/addon-services');
export const usePlans = (service: string) =>
  useCatalogue<Plan>(`plans of ${service}`, `/addon-services/${service}/plans`, service !== '');

export const useApps = () =>
  useQuery({
    queryKey: ['apps'],
    queryFn: ({ signal }) => list<App>('/apps', 'name ..; max=1000', signal),
    refetchInterval,
  });

export const useApp = (name: string) =>
  useQuery({ queryKey: ['app', name], queryFn: () => ask<App>('GET', `/apps/${name}`), refetchInterval });

/** A list that belongs to an app. */
const useOfApp = <Item>(app: string, part: string, range = '') =>
  useQuery({
    queryKey: ['app', app, part],
    queryFn: ({ signal }) => list<Item>(`/apps/${app}/${part}`, range, signal),
    refetchInterval,
  });

/** The newest of a list that belongs to an app; those that are there stay while more are asked for. */
const useNewestOfApp = <Item>(app: string, part: string, property: string, most: number) =>
  useQuery({
    queryKey: ['app', app, part, most],
    queryFn: ({ signal }) => list<Item>(`/apps/${app}/${part}`, newest(property, most), signal, most),
    refetchInterval,
    placeholderData: (before) => before,
  });

export const useReleases = (app: string, most = 50) => useNewestOfApp<Release>(app, 'releases', 'version', most);
export const useBuilds = (app: string, most = 50) => useNewestOfApp<Build>(app, 'builds', 'created_at', most);
export const useFormation = (app: string) => useOfApp<Formation>(app, 'formation', 'type ..; max=1000');
export const useDynos = (app: string) => useOfApp<Dyno>(app, 'dynos', 'name ..; max=1000');
export const useAddOns = (app: string) => useOfApp<AddOn>(app, 'addons');
export const useAttachments = (app: string) => useOfApp<Attachment>(app, 'addon-attachments');
export const useCollaborators = (app: string) => useOfApp<Collaborator>(app, 'collaborators');
export const useDomains = (app: string) => useOfApp<Domain>(app, 'domains', 'hostname ..; max=1000');
/** Those that were pushed to the app's repository. */
export const useBranches = (app: string) =>
  useQuery({
    queryKey: ['app', app, 'branches'],
    queryFn: ({ signal }) => ask<readonly Branch[]>('GET', `/apps/${app}/branches`, undefined, { signal }),
    refetchInterval,
  });

/** Whether an app can be called so; names of apps that one can't see count. */
export const useNameCheck = (name: string, enabled: boolean) =>
  useQuery({
    queryKey: ['app-name', name],
    queryFn: ({ signal }) => ask<NameCheck>('GET', `/app-names/${name}`, undefined, { signal }),
    enabled,
    gcTime: 0,
  });

export const useBuildpacks = (app: string) => useOfApp<BuildpackInstallation>(app, 'buildpack-installations');

export const useChanges = (app: string, most: number) =>
  useQuery({
    queryKey: ['app', app, 'audit-events', most],
    queryFn: ({ signal }) => newestChanges(app, most, signal),
    refetchInterval,
    placeholderData: (before) => before,
  });

/** As many of the newest changes as wanted, part by part. */
const newestChanges = async (app: string, most: number, signal: AbortSignal): Promise<readonly ChangeEvent[]> => {
  const found: ChangeEvent[] = [];
  for (;;) {
    const limit = Math.min(most - found.length, partSize.audit);
    const before = found.length === 0 ? '' : `&before=${found.at(-1)?.id}`;
    const path = `/apps/${app}/audit-events?limit=${limit}${before}`;
    const part = await ask<readonly ChangeEvent[]>('GET', path, undefined, { signal });
    found.push(...part);
    if (part.length < limit || found.length >= most) return found;
  }
};

/** What a release had set; secret, so it is forgotten when it is no longer shown. */
export const useReleasedVars = (app: string, version: number) =>
  useQuery({
    queryKey: ['app', app, 'config-vars', version],
    queryFn: () => ask<ConfigVars>('GET', `/apps/${app}/releases/${version}/config-vars`),
    gcTime: 0,
    enabled: version > 0,
  });

/** Values are asked for when they are to be shown, and forgotten when they are hidden again. */
export const useConfigVars = (app: string) =>
  useQuery({
    queryKey: ['app', app, 'config-vars'],
    queryFn: () => ask<ConfigVars>('GET', `/apps/${app}/config-vars`),
    gcTime: 0,
  });
