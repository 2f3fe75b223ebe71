import type { DataFolder } from '../domain/data-folder.ts';
import type { Releases } from '../release/releases.ts';
import type { DesiredApp, DesiredPort } from '../runtime/ports.ts';
import { type App, apps } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import { type FormationEntry, formation } from '../store/formation.ts';
import { releases as releaseRows } from '../store/releases.ts';
import { releaseContents } from './release-contents.ts';

type Current = Awaited<ReturnType<typeof releaseRows.allCurrent>>[number];

const desiredApp = (app: App, current: Current | undefined, entries: readonly FormationEntry[]): DesiredApp => ({
  id: app.id,
  uid: app.uid,
  release: current === undefined ? undefined : { id: current.id, version: current.version },
  processTypes: current?.slugId == null ? {} : current.processTypes,
  // The release process type runs in the release phase only (Dev Center "Release Phase").
  formation: entries.filter((entry) => entry.type !== 'release'),
});

/** What shall run, read out of the store. */
export const desiredPort = (
  db: Database,
  releases: Releases,
  data: DataFolder,
  appHost: (name: string) => string,
): DesiredPort => ({
  async apps() {
    const [all, current, entries] = await Promise.all([apps.all(db), releaseRows.allCurrent(db), formation.all(db)]);
    const currentOf = new Map(current.map((release) => [release.appId, release]));
    const formationOf = Map.groupBy(entries, (entry) => entry.appId);
    return all.map((app) => desiredApp(app, currentOf.get(app.id), formationOf.get(app.id) ?? []));
  },

  async app(id) {
    const app = await apps.find(db, id);
    if (app === undefined) return undefined;
    const [current, entries] = await Promise.all([releaseRows.current(db, id), formation.ofApp(db, id)]);
    return desiredApp(app, current, entries);
  },

  async release(id) {
    const release = await releaseRows.byId(db, id);
    const app = release === undefined ? undefined : await apps.find(db, release.appId);
    if (release === undefined || app === undefined) return undefined;
    return releaseContents(db, releases, data, app, release, appHost(app.name));
  },
});
