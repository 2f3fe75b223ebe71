import type { Changed, RouteChanges, RouteSnapshot } from './route-snapshot.ts';

/** Values are what JSON can say, and the same ones often the same objects. */
const isSame = (one: unknown, other: unknown): boolean =>
  one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other));

const changed = <Value>(
  before: Readonly<Record<string, Value>> = {},
  after: Readonly<Record<string, Value>> = {},
): Changed<Value> => {
  const changes: Record<string, Value | null> = {};
  for (const [key, value] of Object.entries(after)) {
    if (!Object.hasOwn(before, key) || !isSame(before[key], value)) changes[key] = value;
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changes[key] = null;
  return changes;
};

/** What makes the snapshot `after` of the snapshot `before`. */
export const changesBetween = (before: RouteSnapshot, after: RouteSnapshot): RouteChanges => ({
  from: before.version,
  version: after.version,
  apps: changed(before.apps, after.apps),
  hosts: changed(before.hosts, after.hosts),
  certificates: changed(before.certificates, after.certificates),
  acmeTokens: changed(before.acmeTokens, after.acmeTokens),
  acmeCertificates: changed(before.acmeCertificates, after.acmeCertificates),
});

/** What tells nothing but that a version is known to be up to date. */
export const noChanges = (version: number): RouteChanges => ({
  from: version,
  version,
  apps: {},
  hosts: {},
  certificates: {},
  acmeTokens: {},
  acmeCertificates: {},
});
