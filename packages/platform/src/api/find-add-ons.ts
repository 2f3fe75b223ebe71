import { notFound } from '../contract/platform-error.ts';
import type { AccountId } from '../domain/ids.ts';
import { type AddOn, addOns } from '../store/add-ons.ts';
import { type App, apps } from '../store/apps.ts';
import { type Attachment, attachments } from '../store/attachments.ts';
import type { Database } from '../store/database.ts';
import { type Ability, authorizeApp } from './authorize-app.ts';

/** An attachment with both of its ends. */
export interface Attached {
  readonly attachment: Attachment;
  readonly addOn: AddOn;
  readonly app: App;
}

/** Every attachment on the apps that somebody can see, or on one of them. */
const attachedOn = async (db: Database, on: readonly App[]): Promise<Attached[]> => {
  const found: Attached[] = [];
  for (const app of on) {
    for (const attachment of await attachments.ofApp(db, app.id)) {
      const addOn = await addOns.byId(db, attachment.addOnId);
      if (addOn !== undefined) found.push({ attachment, addOn, app });
    }
  }
  return found;
};

/** `DATABASE`, `database` and `DATABASE_URL` name the same attachment. */
const isNamed = (attachment: Attachment, name: string): boolean => {
  const upper = name.toUpperCase();
  return attachment.name === upper || `${attachment.name}_URL` === upper;
};

/** Splits `app::name`, by which the CLI names something of another app. */
const split = (reference: string): { app: string | undefined; name: string } => {
  const at = reference.indexOf('::');
  return at < 0 ? { app: undefined, name: reference } : { app: reference.slice(0, at), name: reference.slice(at + 2) };
};

const scopeOf = async (db: Database, account: { id: AccountId }, app: string | undefined): Promise<App[]> =>
  app === undefined ? apps.ofAccount(db, account.id) : [await authorizeApp(db, account, app, 'view')];

const serves = (addOn: AddOn, service: string | undefined): boolean =>
  service === undefined || addOn.service === service;

const unique = (all: readonly AddOn[]): AddOn[] => [...new Map(all.map((addOn) => [addOn.id, addOn])).values()];

/**
 * Add-ons that a name may mean to somebody: its own name or id, the name of an attachment, that of a service or plan.
 * @param appName null looks at all apps; with an app, names of add-ons elsewhere are found too
 */
export const resolveAddOns = async (
  db: Database,
  account: { id: AccountId },
  reference: string,
  appName: string | undefined,
  service: string | undefined,
): Promise<AddOn[]> => {
  const { app, name } = split(reference);
  const attached = (await attachedOn(db, await scopeOf(db, account, app ?? appName))).filter((one) =>
    serves(one.addOn, service),
  );
  const isIt = (addOn: AddOn) => addOn.name === name || addOn.id === name;
  const direct = await findVisible(db, account, name);
  if (direct !== undefined && serves(direct, service) && app === undefined) return [direct];
  const named = attached.filter(
    ({ attachment, addOn }) => isIt(addOn) || ((appName ?? app) !== undefined && isNamed(attachment, name)),
  );
  if (named.length > 0) return unique(named.map((one) => one.addOn));
  return unique(attached.filter(({ addOn }) => addOn.service === name || addOn.plan === name).map((one) => one.addOn));
};

/** Attachments that a name may mean to somebody; as {@link resolveAddOns}, but an app's own only. */
export const resolveAttachments = async (
  db: Database,
  account: { id: AccountId },
  reference: string,
  appName: string | undefined,
  service: string | undefined,
): Promise<Attached[]> => {
  const { app, name } = split(reference);
  const attached = (await attachedOn(db, await scopeOf(db, account, app ?? appName))).filter((one) =>
    serves(one.addOn, service),
  );
  const scoped = (app ?? appName) !== undefined;
  const named = attached.filter(({ attachment }) => attachment.id === name || (scoped && isNamed(attachment, name)));
  if (named.length > 0) return named;
  return attached.filter(({ addOn }) => addOn.name === name || addOn.id === name);
};

const findVisible = async (db: Database, account: { id: AccountId }, idOrName: string): Promise<AddOn | undefined> => {
  const addOn = idOrName.includes('\0') ? undefined : await addOns.find(db, idOrName);
  if (addOn === undefined) return undefined;
  const mine = await apps.ofAccount(db, account.id);
  const where = new Set([addOn.appId, ...(await attachments.ofAddOn(db, addOn.id)).map((one) => one.appId)]);
  return mine.some((app) => where.has(app.id)) ? addOn : undefined;
};

/** @throws PlatformError not_found when it isn't on any app that they can see. */
export const seeAddOn = async (db: Database, account: { id: AccountId }, idOrName: string): Promise<AddOn> => {
  const addOn = await findVisible(db, account, idOrName);
  if (addOn === undefined) throw notFound('add_on', "Couldn't find that add-on.");
  return addOn;
};

/** The add-on and the app that owns it, for someone who wants to change it. */
export const authorizeAddOn = async (
  db: Database,
  account: { id: AccountId },
  idOrName: string,
  ability: Ability,
): Promise<{ addOn: AddOn; app: App }> => {
  const addOn = await seeAddOn(db, account, idOrName);
  return { addOn, app: await authorizeApp(db, account, addOn.appId, ability) };
};
