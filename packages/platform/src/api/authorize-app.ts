import { forbidden, notFound } from '../contract/platform-error.ts';
import type { AccountId } from '../domain/ids.ts';
import { type App, apps } from '../store/apps.ts';
import { collaborators } from '../store/collaborators.ts';
import type { Database } from '../store/database.ts';

/**
 * What somebody may do with an app.
 * - `view`: see it, its config vars and its logs
 * - `operate`: scale, restart, run, change config, attach add-ons
 * - `deploy`: push, build, release, roll back
 * - `own`: destroy it, rename it, choose who else has access
 */
export type Ability = 'view' | 'operate' | 'deploy' | 'own';

type Role = 'owner' | 'collaborator';

/** Whatever is not listed is denied. */
const abilities: Readonly<Record<Role, readonly Ability[]>> = {
  owner: ['view', 'operate', 'deploy', 'own'],
  collaborator: ['view', 'operate', 'deploy'],
};

const roleOn = async (db: Database, accountId: AccountId, app: App): Promise<Role | undefined> => {
  if (app.ownerId === accountId) return 'owner';
  return (await collaborators.find(db, app.id, accountId)) === undefined ? undefined : 'collaborator';
};

/**
 * Finds an app by name or UUID for someone who wants to do something with it.
 * @throws PlatformError not_found when there is none or it is no business of theirs; forbidden when they may only see it.
 */
export const authorizeApp = async (
  db: Database,
  account: { readonly id: AccountId },
  idOrName: string,
  ability: Ability,
): Promise<App> => {
  const app = idOrName.includes('\0') ? undefined : await apps.find(db, idOrName);
  const role = app === undefined ? undefined : await roleOn(db, account.id, app);
  if (app === undefined || role === undefined) throw notFound('app');
  if (!abilities[role].includes(ability)) {
    throw forbidden(`Only the owner of ${app.name} may do that. You do not have access to it.`);
  }
  return app;
};
