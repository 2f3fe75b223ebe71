import type { AppId, ReleaseId } from '../domain/ids.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { type App, apps } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import { type Release, releases } from '../store/releases.ts';
import { openConfig, releaseConfigContext } from './app-config.ts';
import type { PhaseOutcome, ReleaseEvents } from './ports.ts';

/** Runs release commands: at most one of an app at a time, in the order of their releases. */
export class ReleasePhases {
  private readonly last = new Map<AppId, Promise<unknown>>();
  private readonly running = new Map<ReleaseId, Promise<Release>>();
  private readonly db: Database;
  private readonly keyring: Keyring;
  private readonly events: ReleaseEvents;

  constructor(db: Database, keyring: Keyring, events: ReleaseEvents) {
    this.db = db;
    this.keyring = keyring;
    this.events = events;
  }

  /** Takes a pending release to succeeded or failed. */
  start(app: App, release: Release): void {
    const turn = (this.last.get(app.id) ?? Promise.resolve()).then(() => this.run(app, release));
    this.running.set(release.id, turn);
    const settled = turn
      .catch(() => {})
      .then(() => {
        this.running.delete(release.id);
        if (this.last.get(app.id) === settled) this.last.delete(app.id);
      });
    this.last.set(app.id, settled);
  }

  /** Resolves with the release when its phase, if it has one, has ended. */
  async finished(id: ReleaseId): Promise<Release> {
    const release = (await this.running.get(id)) ?? (await releases.byId(this.db, id));
    if (release === undefined) throw new Error(`release ${id} is gone`);
    return release;
  }

  /** Ends phases that a process before this one had begun and could not finish. */
  async failInterrupted(): Promise<void> {
    for (const release of await releases.pending(this.db)) {
      if (this.running.has(release.id)) continue;
      const failed = await releases.finish(
        this.db,
        release.id,
        'failed',
        'Ravine was restarted during the release phase. Release again.',
      );
      const app = await apps.find(this.db, release.appId);
      if (app !== undefined) this.events.onRelease(app, failed);
    }
  }

  private async run(app: App, release: Release): Promise<Release> {
    const config = openConfig(this.keyring, release.sealedConfig, releaseConfigContext(app.id));
    const outcome = await this.events.runPhase(app, release, config).catch(
      (error: unknown): PhaseOutcome => ({
        ok: false,
        reason: error instanceof Error ? error.message : String(error),
      }),
    );
    const done = outcome.ok
      ? await releases.finish(this.db, release.id, 'succeeded', null)
      : await releases.finish(this.db, release.id, 'failed', outcome.reason);
    this.events.onRelease(app, done);
    return done;
  }
}
