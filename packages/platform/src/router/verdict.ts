import type { RouterCodeName } from './router-codes.data.ts';

/**
 * What a stage says: go on; try another dyno; `settle` will tell later; the answer has been passed on; or why there
 * is none. `nowhere` is a host that no app has: it has a page but no log, and so has `challenge`, the answer to a
 * certificate authority's question.
 */
export type Verdict =
  | { readonly kind: 'next' }
  | { readonly kind: 'another dyno' }
  | { readonly kind: 'under way' }
  | { readonly kind: 'answered' }
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'challenge'; readonly text: string }
  | {
      readonly kind: 'failed';
      readonly code: RouterCodeName;
      readonly side?: 'client' | 'backend';
      readonly cause?: string;
    };

export const next: Verdict = { kind: 'next' };
export const anotherDyno: Verdict = { kind: 'another dyno' };
export const underWay: Verdict = { kind: 'under way' };
export const answered: Verdict = { kind: 'answered' };
export const nowhere: Verdict = { kind: 'nowhere' };
export const failed = (code: RouterCodeName, side?: 'client' | 'backend', cause?: string): Verdict => ({
  kind: 'failed',
  code,
  ...(side ? { side } : {}),
  ...(cause ? { cause } : {}),
});

/** What works on an exchange at the moment and can be told of events from elsewhere. */
export interface Worker {
  /** Ends with this verdict. */
  interrupt(verdict: Verdict): void;
  /** Looks whether it has been silent for too long. */
  checkTime(nowMs: number): void;
  /** The visitor can take more. */
  visitorDrained(): void;
}
