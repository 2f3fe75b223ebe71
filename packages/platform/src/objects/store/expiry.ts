import type { LifecycleRule } from './lifecycle-rule.ts';
import type { ObjectRecord } from './records.ts';

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
