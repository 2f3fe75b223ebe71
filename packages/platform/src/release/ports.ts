import type { App } from '../store/apps.ts';
import type { Release } from '../store/releases.ts';

export type PhaseOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What happens outside the store when releases are made. */
export interface ReleaseEvents {
  /** Runs the release command (Dev Center "Release Phase") in the new release's slug and config, to its end. */
  runPhase(app: App, release: Release, config: Readonly<Record<string, string>>): Promise<PhaseOutcome>;
  /** A release was made, finished or failed; desired state may have changed. */
  onRelease(app: App, release: Release): void;
}
