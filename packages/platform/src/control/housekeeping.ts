import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import { addOns } from '../store/add-ons.ts';
import { apps } from '../store/apps.ts';
import { authorizations } from '../store/authorizations.ts';
import type { Database } from '../store/database.ts';
import { events } from '../store/events.ts';
import { imagesInUse } from '../store/images-in-use.ts';
import { logSessions } from '../store/log-sessions.ts';
import { loginRequests } from '../store/login-requests.ts';
import { replays } from '../store/replays.ts';
import { signInLinks } from '../store/sign-in-links.ts';
import { slugs } from '../store/slugs.ts';
import { forgetFirstPassword } from './first-account.ts';
import { type AppTraces, removeApp } from './remove-app.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** As long as metrics are shown, which have dynos' ends and releases as marks. */
const newsMs = 8 * 24 * hourMs;
const tidyEveryMs = minuteMs;
/** A change of an app, such as a release, has the machine to itself for so long, unless that goes on for ever. */
const quietMs = 5_000;
const latestTidyMs = 10 * minuteMs;
/** While an app is on its way out, it is looked at again this often. */
const removalEveryMs = 1_000;

const ago = (ms: number): Date => new Date(Date.now() - ms);

/** Removes what nobody needs any more: destroyed apps, old slugs, expired tokens and sessions. */
export class Housekeeping implements AsyncDisposable {
  private readonly stopping = new AbortController();
  private wake = new AbortController();
  private readonly loop: Promise<void>;
  private readonly db: Database;
  private readonly data: DataFolder;
  private readonly settings: Settings;
  private readonly traces: AppTraces;
  private readonly collectImages: (keep: ReadonlySet<string>) => Promise<void>;
  private readonly onFault: (error: unknown) => void;

  constructor(options: {
    db: Database;
    data: DataFolder;
    settings: Settings;
    traces: AppTraces;
    collectImages: (keep: ReadonlySet<string>) => Promise<void>;
    onFault: (error: unknown) => void;
  }) {
    this.db = options.db;
    this.data = options.data;
    this.settings = options.settings;
    this.traces = options.traces;
    this.collectImages = options.collectImages;
    this.onFault = options.onFault;
    this.loop = this.run();
  }

  /** An app has changed, may be was destroyed: see to that now, and tidy a while later. */
  nudge(): void {
    this.wake.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    let tidyAt = 0;
    while (!this.stopping.signal.aborted) {
      let pending = 0;
      const overdueMs = Date.now() - tidyAt;
      const nudged = this.wake.signal.aborted;
      this.wake = new AbortController();
      try {
        pending = await this.removeApps();
        if (overdueMs >= (nudged ? latestTidyMs : 0)) {
          await this.tidy();
          tidyAt = Date.now() + tidyEveryMs;
        }
      } catch (error) {
        this.onFault(error);
      }
      const signal = AbortSignal.any([this.stopping.signal, this.wake.signal]);
      const untilTidyMs = Math.max(quietMs, tidyAt - Date.now());
      await sleep(pending > 0 ? removalEveryMs : untilTidyMs, undefined, { signal }).catch(() => {});
    }
  }

  /** @returns how many destroyed apps are still on their way out. */
  private async removeApps(): Promise<number> {
    let pending = 0;
    for (const app of await apps.beingRemoved(this.db)) {
      if (!(await removeApp(this.db, this.data, app, this.traces))) pending++;
    }
    return pending;
  }

  private async tidy(): Promise<void> {
    await replays.removeOlderThan(this.db, ago(minuteMs));
    await loginRequests.removeOlderThan(this.db, ago(hourMs));
    await logSessions.removeOlderThan(this.db, ago(24 * hourMs));
    await authorizations.removeExpired(this.db);
    await signInLinks.removeExpired(this.db);
    await events.forget(this.db, { news: ago(newsMs), audit: ago(this.settings.auditDays * 24 * hourMs) });
    await addOns.forgetGone(this.db, { before: ago(hourMs) });
    await forgetFirstPassword(this.db, this.data, this.settings.adminEmail);
    for (const app of await apps.all(this.db)) {
      for (const slug of await slugs.unused(this.db, app.id, this.settings.keptReleases)) {
        // A slug just made may not have its release yet.
        if (slug.createdAt > ago(hourMs)) continue;
        await slugs.markRemoved(this.db, slug.id);
        await rm(this.data.slug(slug.id), { recursive: true, force: true });
      }
    }
    await this.collectImages(await imagesInUse(this.db));
  }
}
