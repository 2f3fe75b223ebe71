import type { ManagedDomain } from './ports.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Before a certificate's end, but never more than a third of its life. */
const renewalMs = 30 * dayMs;

/**
 * After so many failures in a row. An authority such as Let's Encrypt allows five failed validations of a name in an
 * hour; these are four.
 */
const afterFailuresMs = [minuteMs, 5 * minuteMs, 15 * minuteMs, hourMs, 6 * hourMs, dayMs];
/** Asking DNS costs nobody anything. */
const mostForDnsMs = 10 * minuteMs;
/** When the fault is the authority's or the network's. */
const afterTroubleMs = 5 * minuteMs;
const jitter = 0.2;

/** When a certificate is to be renewed. */
export const renewalAt = ({ startsAt, expiresAt }: NonNullable<ManagedDomain['certificate']>): Date => {
  const lifeMs = expiresAt.getTime() - startsAt.getTime();
  return new Date(expiresAt.getTime() - Math.min(renewalMs, lifeMs / 3));
};

/** When a domain is next to be seen to. */
export const dueAt = ({ certificate, order }: ManagedDomain): Date => {
  if (order !== undefined) return order.nextAttemptAt;
  return certificate === undefined ? new Date(0) : renewalAt(certificate);
};

/**
 * How long to wait after a failure, in ms; spread by a fifth, so that domains that failed together don't come back together.
 * @param failures in a row, this one included
 */
export const backOffMs = (kind: 'domain' | 'dns' | 'authority', failures: number, random: () => number): number => {
  const ladder = afterFailuresMs[Math.min(failures, afterFailuresMs.length) - 1] ?? minuteMs;
  const base = { domain: ladder, dns: Math.min(ladder, mostForDnsMs), authority: afterTroubleMs }[kind];
  return Math.round(base * (1 - jitter / 2 + random() * jitter));
};
