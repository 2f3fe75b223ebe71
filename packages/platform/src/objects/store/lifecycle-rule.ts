import type { ObjectRecord, Tags } from './records.ts';

/** One rule of a bucket's lifecycle configuration. */
export interface LifecycleRule {
  readonly id: string;
  readonly enabled: boolean;
  readonly prefix: string;
  readonly tags: Tags;
  readonly largerThan?: number | undefined;
  readonly smallerThan?: number | undefined;
  /** Objects expire so many days after they were made, at the next midnight (UTC). */
  readonly expireDays?: number | undefined;
  /** Unix time from which on they expire. */
  readonly expireAtMs?: number | undefined;
  readonly abortUploadDays?: number | undefined;
  /** Whether `prefix` was given outside a Filter, as clients of old do. */
  readonly bare?: true | undefined;
}

const dayMs = 24 * 60 * 60 * 1000;

/** When something that was made at `fromMs` has lasted `days`: the midnight after. */
export const dueMs = (fromMs: number, days: number): number => Math.ceil((fromMs + days * dayMs) / dayMs) * dayMs;

const covers = (rule: LifecycleRule, { key, size, about }: ObjectRecord): boolean =>
  key.startsWith(rule.prefix) &&
  size > (rule.largerThan ?? -1) &&
  size < (rule.smallerThan ?? Number.POSITIVE_INFINITY) &&
  Object.entries(rule.tags).every(([name, value]) => about.tags[name] === value);

/** The rule by which an object expires first, and when (Unix time); undefined when none does. */
export const expiryOf = (
  rules: readonly LifecycleRule[],
  object: ObjectRecord,
): { readonly rule: LifecycleRule; readonly atMs: number } | undefined =>
  rules
    .filter((rule) => rule.enabled && covers(rule, object))
    .flatMap((rule) => {
      const atMs = rule.expireDays === undefined ? rule.expireAtMs : dueMs(object.modifiedMs, rule.expireDays);
      return atMs === undefined ? [] : [{ rule, atMs }];
    })
    .sort((a, b) => a.atMs - b.atMs)[0];
