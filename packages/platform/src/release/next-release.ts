import { defaultDynoSize } from '../domain/dyno-size.data.ts';
import type { SlugId } from '../domain/ids.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { type App, apps } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import { formation } from '../store/formation.ts';
import { type Release, releases } from '../store/releases.ts';
import { slugs } from '../store/slugs.ts';
import type { ProcessTypes } from '../store/tables.ts';
import { currentParts, releaseConfigContext } from './app-config.ts';

/** Who makes a release, as shown in `heroku releases`. */
export interface Actor {
  readonly id: Release['accountId'] & string;
  readonly email: string;
}

/** Quantity and size by process type, as app.json gives them. */
export type FormationWish = Readonly<Record<string, { readonly quantity?: number; readonly size?: string }>>;

export interface NextRelease {
  readonly by: Actor;
  readonly description: string;
  /** Undefined keeps the code of the release before. */
  readonly slugId?: SlugId;
  readonly requestKey?: string | null;
  readonly outputSecret: string;
  /** Quantities for process types that the app did not have before; web starts with 1, all others with 0. */
  readonly formation?: FormationWish;
  /** Whether only config vars of an add-on change, for which Heroku runs no release command (Dev Center "Release Phase"). */
  readonly addOnConfigOnly?: boolean;
}

/**
 * Makes the app's next release out of what the store says now; the caller holds the app's lock and has applied the change.
 * With a release command it starts as `pending` and becomes current only when that has succeeded.
 */
export const nextRelease = async (tx: Database, keyring: Keyring, app: App, next: NextRelease): Promise<Release> => {
  const before = await releases.newest(tx, app.id);
  const slugId = next.slugId ?? before?.slugId ?? null;
  const slug = slugId === null ? undefined : await slugs.byId(tx, slugId);
  const parts = await currentParts(tx, keyring, app.id);
  const processTypes = slug?.processTypes ?? {};
  // Code whose own release command has not ended yet must not go live without it.
  const skipsPhase = next.addOnConfigOnly === true && before?.status === 'succeeded';
  const hasPhase = slug !== undefined && processTypes.release !== undefined && !skipsPhase;
  const context = releaseConfigContext(app.id);
  const release = await releases.insert(tx, {
    appId: app.id,
    status: hasPhase ? 'pending' : 'succeeded',
    description: next.description,
    accountId: next.by.id,
    accountEmail: next.by.email,
    slugId,
    stack: slug?.stack ?? app.stack,
    processTypes,
    sealedConfig: keyring.sealJson(parts.all, context),
    sealedOwnConfig: keyring.sealJson(parts.own, context),
    attachments: parts.attachments,
    outputSecret: hasPhase ? next.outputSecret : null,
    failureReason: null,
    requestKey: next.requestKey ?? null,
    // What the release command has written stays with the code.
    images: JSON.stringify(skipsPhase ? before.images : {}),
  });
  if (!hasPhase) await becomeCurrent(tx, app, release, next.formation ?? {});
  return release;
};

/** What changes when a release goes live: the process types that can be scaled, and what the app shows of its code. */
export const becomeCurrent = async (tx: Database, app: App, release: Release, wanted: FormationWish): Promise<void> => {
  const slug = release.slugId === null ? undefined : await slugs.byId(tx, release.slugId);
  if (slug !== undefined) await syncFormation(tx, app, release.processTypes, wanted);
  await apps.update(tx, app.id, {
    releasedAt: release.updatedAt,
    ...(slug === undefined
      ? {}
      : { stack: slug.stack, buildpackProvidedDescription: slug.buildpackProvidedDescription }),
  });
};

/** Types new to the app get their first quantity, types that went are forgotten, all others stay as the user scaled them. */
const syncFormation = async (
  tx: Database,
  app: App,
  processTypes: ProcessTypes,
  wanted: FormationWish,
): Promise<void> => {
  const known = new Set((await formation.ofApp(tx, app.id)).map((entry) => entry.type));
  await formation.keepOnly(tx, app.id, Object.keys(processTypes));
  for (const type of Object.keys(processTypes).filter((name) => !known.has(name))) {
    const quantity = wanted[type]?.quantity ?? (type === 'web' ? 1 : 0);
    await formation.set(tx, app.id, type, quantity, wanted[type]?.size ?? defaultDynoSize);
  }
};
