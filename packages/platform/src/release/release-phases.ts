import type { AppId, ReleaseId } from '../domain/ids.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { type App, apps } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import { type Release, releases } from '../store/releases.ts';
import { openConfig, releaseConfigContext } from './app-config.ts';
import { becomeCurrent, type FormationWish } from './next-release.ts';
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

  /** Takes a pending release to succeeded or failed; with success the app gets its process types. */
  start(app: App, release: Release, wanted: FormationWish): void {
    const turn = (this.last.get(app.id) ?? Promise.resolve()).then(() => this.run(app, release, wanted));
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

  /** Whether a phase of the app runs, or waits for its turn. */
  isBusy(appId: AppId): boolean {
    return this.last.has(appId);
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

  private async run(app: App, release: Release, wanted: FormationWish): Promise<Release> {
    const config = openConfig(this.keyring, release.sealedConfig, releaseConfigContext(app.id));
    const outcome = await this.events.runPhase(app, release, config).catch(
      (error: unknown): PhaseOutcome => ({
        ok: false,
        reason: error instanceof Error ? error.message : String(error),
      }),
    );
    const done = outcome.ok
      ? await this.succeed(app, release, wanted)
      : await releases.finish(this.db, release.id, 'failed', outcome.reason);
    this.events.onRelease(app, done);
    return done;
  }

  private succeed(app: App, release: Release, wanted: FormationWish): Promise<Release> {
    return this.db.transaction().execute(async (tx) => {
      await apps.lock(tx, app.id);
      const done = await releases.finish(tx, release.id, 'succeeded', null);
      const current = await releases.current(tx, app.id);
      // One that was overtaken, by code without a release command, never runs.
      if (current?.id === done.id) await becomeCurrent(tx, app, done, wanted);
      return done;
    });
  }
}
