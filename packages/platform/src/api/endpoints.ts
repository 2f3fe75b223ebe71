import type { ApiSettings } from './api-options.ts';
import { browserLoginEndpoints } from './browser-login/browser-login.ts';
import { dashboardSessionEndpoints } from './dashboard/session-endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import type { Logins } from './logins.ts';
import { accountEndpoints } from './resources/account.ts';
import { acmEndpoints } from './resources/acm.ts';
import { addOnAttachmentEndpoints } from './resources/add-on-attachments.ts';
import { addOnCatalogueEndpoints } from './resources/add-on-catalogue.ts';
import { addOnFactEndpoints } from './resources/add-on-facts.ts';
import { addOnEndpoints } from './resources/add-ons.ts';
import { appNameEndpoints } from './resources/app-names.ts';
import { appStateEndpoints } from './resources/app-states.ts';
import { appTransferEndpoints } from './resources/app-transfers.ts';
import { appEndpoints } from './resources/apps.ts';
import { authorizationEndpoints } from './resources/authorizations.ts';
import { branchEndpoints } from './resources/branches.ts';
import { buildpackInstallationEndpoints } from './resources/buildpack-installations.ts';
import { buildpackRegistryEndpoints } from './resources/buildpack-registry.ts';
import { buildEndpoints } from './resources/builds.ts';
import { collaboratorEndpoints } from './resources/collaborators.ts';
import { configVarEndpoints } from './resources/config-vars.ts';
import { dataMaintenanceEndpoints } from './resources/data-maintenances.ts';
import { domainEndpoints } from './resources/domains.ts';
import { dynoSizeEndpoints } from './resources/dyno-sizes.ts';
import { dynoEndpoints } from './resources/dynos.ts';
import { eventEndpoints } from './resources/events.ts';
import { featureEndpoints } from './resources/features.ts';
import { formationEndpoints } from './resources/formation.ts';
import { keyValueStoreEndpoints } from './resources/key-value-stores.ts';
import { logSessionEndpoints } from './resources/log-sessions.ts';
import { logEndpoints } from './resources/logs.ts';
import { machineEndpoints } from './resources/machine.ts';
import { memcacheEndpoints } from './resources/memcaches.ts';
import { metricEndpoints } from './resources/metrics.ts';
import { absentEndpoints } from './resources/not-available.ts';
import { outputStreamEndpoints } from './resources/output-streams.ts';
import { postgresCredentialEndpoints } from './resources/postgres-credentials.ts';
import { postgresDatabaseEndpoints } from './resources/postgres-databases.ts';
import { postgresSettingEndpoints } from './resources/postgres-settings.ts';
import { postgresTransferEndpoints } from './resources/postgres-transfers.ts';
import { regionEndpoints } from './resources/regions.ts';
import { releaseEndpoints } from './resources/releases.ts';
import { schedulerJobEndpoints } from './resources/scheduler-jobs.ts';
import { slugEndpoints } from './resources/slugs.ts';
import { sniEndpointEndpoints } from './resources/sni-endpoints.ts';
import { sourceEndpoints } from './resources/sources.ts';
import { stackEndpoints } from './resources/stacks.ts';
import { twoFactorEndpoints } from './resources/two-factor.ts';
import type { Services } from './services.ts';
import type { TokenBuckets } from './token-buckets.ts';

/** The whole Platform API, resource by resource. */
export const endpoints = (
  services: Services,
  settings: ApiSettings,
  { logins, limits }: { readonly logins: Logins; readonly limits: TokenBuckets },
): readonly Endpoint[] => [
  ...accountEndpoints(services, limits),
  ...twoFactorEndpoints(logins),
  ...authorizationEndpoints(services, logins),
  ...browserLoginEndpoints(services, logins),
  ...dashboardSessionEndpoints(services, logins),
  ...appEndpoints(services, settings),
  ...appNameEndpoints(services),
  ...appStateEndpoints(services),
  ...appTransferEndpoints(services),
  ...stackEndpoints(),
  ...configVarEndpoints(services),
  ...releaseEndpoints(services),
  ...addOnAttachmentEndpoints(services),
  ...addOnCatalogueEndpoints(),
  ...addOnEndpoints(services, settings),
  ...addOnFactEndpoints(services),
  ...keyValueStoreEndpoints(services),
  ...memcacheEndpoints(services),
  ...schedulerJobEndpoints(services),
  ...branchEndpoints(services),
  ...buildEndpoints(services),
  ...buildpackInstallationEndpoints(services),
  ...buildpackRegistryEndpoints(),
  ...collaboratorEndpoints(services),
  ...dataMaintenanceEndpoints(services),
  ...domainEndpoints(services),
  ...sniEndpointEndpoints(services),
  ...acmEndpoints(services),
  ...dynoSizeEndpoints(),
  ...dynoEndpoints(services),
  ...eventEndpoints(services),
  ...featureEndpoints(services),
  ...formationEndpoints(services),
  ...logSessionEndpoints(services),
  ...logEndpoints(services),
  ...machineEndpoints(services),
  ...metricEndpoints(services),
  ...postgresCredentialEndpoints(services),
  ...postgresDatabaseEndpoints(services),
  ...postgresSettingEndpoints(services),
  ...postgresTransferEndpoints(services),
  ...regionEndpoints(settings),
  ...slugEndpoints(services, settings),
  ...sourceEndpoints(services, settings),
  ...absentEndpoints(),
  ...outputStreamEndpoints(services),
];
