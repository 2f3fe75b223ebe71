import { appRef } from './app.ts';
import { type Named, timestamp } from './complete.ts';

export interface SniEndpointFacts {
  readonly id: string;
  readonly name: string;
  readonly acm: boolean;
  readonly certDomains: readonly string[];
  readonly issuer: string;
  readonly subject: string;
  readonly startsAt: Date;
  readonly expiresAt: Date;
  readonly selfSigned: boolean;
  readonly caSigned: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly domainIds: readonly string[];
}

/** The schema package has no type of it; Platform API reference, "SNI Endpoint". Keys never leave. */
export const sniEndpointShape = (endpoint: SniEndpointFacts, app: Named) => ({
  app: appRef(app),
  created_at: timestamp(endpoint.createdAt),
  display_name: null,
  domains: [...endpoint.domainIds],
  id: endpoint.id,
  name: endpoint.name,
  ssl_cert: {
    acm: endpoint.acm,
    'ca_signed?': endpoint.caSigned,
    cert_domains: [...endpoint.certDomains],
    expires_at: timestamp(endpoint.expiresAt),
    id: endpoint.id,
    issuer: endpoint.issuer,
    'self_signed?': endpoint.selfSigned,
    starts_at: timestamp(endpoint.startsAt),
    subject: endpoint.subject,
  },
  updated_at: timestamp(endpoint.updatedAt),
});
