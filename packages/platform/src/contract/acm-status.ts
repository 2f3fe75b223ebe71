import { failuresUntilFailed, type OrderStage } from '../domain/certificate-order.ts';
import { isWildcard } from './hostname.ts';

/** What decides what the API says of a domain's certificate. */
export interface AcmFacts {
  readonly hostname: string;
  readonly endpointName: string | null;
  readonly endpointAcm: boolean | null;
  readonly stage: OrderStage | null;
  readonly failures: number | null;
  readonly problem: string | null;
}

export interface AcmStatus {
  /** As the official CLI knows them; null is shown as "Waiting". */
  readonly status: 'dns-verified' | 'verified' | 'cert issued' | 'failing' | 'failed' | null;
  readonly reason: string | null;
}

const wildcardReason =
  'A certificate for a wildcard can only be had by a change in DNS, which ACM does not make. Upload one: heroku certs:add.';

/**
 * How a domain stands with automated certificate management (Dev Center "Automated Certificate Management").
 * A domain that its user gave an uploaded certificate has what it needs, and is left alone.
 */
export const acmStatus = (enabled: boolean, domain: AcmFacts): AcmStatus => {
  if (!enabled) return { status: null, reason: null };
  if (domain.endpointAcm === false) {
    return { status: 'cert issued', reason: `Uses the uploaded certificate ${domain.endpointName}.` };
  }
  if (isWildcard(domain.hostname)) return { status: 'failed', reason: wildcardReason };
  if (domain.problem !== null) {
    return { status: (domain.failures ?? 0) >= failuresUntilFailed ? 'failed' : 'failing', reason: domain.problem };
  }
  if (domain.endpointAcm === true) return { status: 'cert issued', reason: null };
  return { status: domain.stage === 'waiting' ? null : domain.stage, reason: null };
};
