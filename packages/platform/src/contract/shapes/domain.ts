import type { Domain } from '@heroku-cli/schema';
import { type AcmFacts, acmStatus } from '../acm-status.ts';
import { stableId } from '../stable-id.ts';
import { appRef } from './app.ts';
import { type Complete, type Named, timestamp } from './complete.ts';

export interface DomainFacts extends AcmFacts {
  readonly id: string;
  readonly sniEndpointId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly orderUpdatedAt: Date | null;
}

/** The host name that every app has. */
export const ownDomainShape = (
  app: Named & { readonly createdAt: Date; readonly updatedAt: Date },
  hostname: string,
): Complete<Domain> => ({
  acm_status: null,
  acm_status_reason: null,
  app: appRef(app),
  cname: null,
  created_at: timestamp(app.createdAt),
  hostname,
  id: stableId('domain', `${app.id}:${hostname}`),
  kind: 'heroku',
  sni_endpoint: null,
  status: 'none',
  updated_at: timestamp(app.updatedAt),
});

/** A domain of the user's own. @param cname what its DNS record is to point at */
export const domainShape = (
  domain: DomainFacts,
  app: Named & { readonly acm: boolean },
  cname: string,
): Complete<Domain> => {
  const acm = acmStatus(app.acm, domain);
  const { endpointName, orderUpdatedAt, sniEndpointId, updatedAt } = domain;
  return {
    acm_status: acm.status,
    acm_status_reason: acm.reason,
    app: appRef(app),
    cname,
    created_at: timestamp(domain.createdAt),
    hostname: domain.hostname,
    id: domain.id,
    kind: 'custom',
    sni_endpoint: sniEndpointId === null || endpointName === null ? null : { id: sniEndpointId, name: endpointName },
    // The router has it before the answer leaves.
    status: 'none',
    updated_at: timestamp(orderUpdatedAt !== null && orderUpdatedAt > updatedAt ? orderUpdatedAt : updatedAt),
  };
};
