import { invalidParams } from '../contract/platform-error.ts';
import type { App } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import { domains } from '../store/domains.ts';

/**
 * Makes sure, for as long as the transaction lasts, that an app may have a name: a name belongs to one app, and names
 * below a wildcard to the owner of the wildcard, whichever was there first.
 * @throws PlatformError invalid_params when it is taken.
 */
export const claimHostname = async (tx: Database, app: App, hostname: string): Promise<void> => {
  await domains.lockNames(tx);
  await domains.freeOfRemovedApp(tx, hostname);
  for (const claim of await domains.claims(tx, hostname)) {
    if (claim.hostname === hostname && claim.appId === app.id) {
      throw invalidParams(`${hostname} is already a domain of this app.`);
    }
    if (claim.hostname === hostname && claim.ownerId === app.ownerId) {
      throw invalidParams(
        `${hostname} is currently in use by another app: ${claim.appName}. Remove it there first: heroku domains:remove ${hostname} -a ${claim.appName}`,
      );
    }
    if (claim.ownerId !== app.ownerId) {
      throw invalidParams(`${hostname} is currently in use by another app, which is somebody else's.`);
    }
  }
};
