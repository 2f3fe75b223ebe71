import { configVarName, isWholeName } from '../contract/config-var-name.ts';
import { credentialOf } from '../contract/credential-namespace.ts';
import type { AddOnId, AppId } from '../domain/ids.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { addOns } from '../store/add-ons.ts';
import { attachments } from '../store/attachments.ts';
import { configVars } from '../store/config-vars.ts';
import { credentials } from '../store/credentials.ts';
import type { Database } from '../store/database.ts';
import type { ReleasedAttachment } from '../store/tables.ts';

export type Config = Readonly<Record<string, string>>;

export const configVarContext = (appId: AppId, name: string): string => `app:${appId}:config-var:${name}`;
export const releaseConfigContext = (appId: AppId): string => `app:${appId}:release-config`;
export const addOnConfigContext = (addOnId: string): string => `add-on:${addOnId}:config`;
export const credentialContext = (addOnId: string, name: string): string => `add-on:${addOnId}:credential:${name}`;

export interface CurrentParts {
  /** Config vars that the user set. */
  readonly own: Config;
  /** Config vars of attachments that nobody else may set, by attachment name: `{DATABASE: {DATABASE_URL: '...'}}`. */
  readonly attached: Readonly<Record<string, Config>>;
  /** All of both; attachments win, except with names that yield. */
  readonly all: Config;
  readonly attachments: readonly ReleasedAttachment[];
}

/** Opens a sealed config map. */
export const openConfig = (keyring: Keyring, box: Buffer, context: string): Config => keyring.openStrings(box, context);

/** The config vars an attachment sets, those that yield to the user's apart. */
const attachmentVars = (attachmentName: string, config: Config): { own: Config; yielding: Config } => {
  const vars = (entries: readonly (readonly [string, string])[]): Config =>
    Object.fromEntries(entries.map(([entry, value]) => [configVarName(attachmentName, entry), value]));
  const all = Object.entries(config);
  return {
    own: vars(all.filter(([entry]) => !isWholeName(entry))),
    yielding: vars(all.filter(([entry]) => isWholeName(entry))),
  };
};

/** What an add-on gives to attachments of a namespace; undefined when it has no such credential. */
export const configUnder = async (
  db: Database,
  keyring: Keyring,
  addOn: { readonly id: AddOnId; readonly sealedConfig: Buffer },
  namespace: string | null,
): Promise<Config | undefined> => {
  const name = credentialOf(namespace);
  if (name === undefined) return openConfig(keyring, addOn.sealedConfig, addOnConfigContext(addOn.id));
  const credential = await credentials.find(db, addOn.id, name);
  return credential && openConfig(keyring, credential.sealedConfig, credentialContext(addOn.id, name));
};

/** An app's config and attachments as they are now, which is what its next release gets. */
export const currentParts = async (db: Database, keyring: Keyring, appId: AppId): Promise<CurrentParts> => {
  const own: Record<string, string> = {};
  for (const row of await configVars.ofApp(db, appId)) {
    own[row.name] = keyring.openJson(row.sealedValue, configVarContext(appId, row.name)) as string; // sealed by setConfig as text
  }
  const attached: Record<string, Config> = {};
  const yielding: Config[] = [];
  const released: ReleasedAttachment[] = [];
  for (const attachment of await attachments.ofApp(db, appId)) {
    const addOn = await addOns.byId(db, attachment.addOnId);
    if (addOn?.sealedConfig == null || addOn.state !== 'provisioned') continue;
    const config = await configUnder(db, keyring, { ...addOn, sealedConfig: addOn.sealedConfig }, attachment.namespace);
    if (config === undefined) continue;
    const vars = attachmentVars(attachment.name, config);
    attached[attachment.name] = vars.own;
    yielding.push(vars.yielding);
    released.push({ addOnId: addOn.id, addOnName: addOn.name, plan: addOn.plan, name: attachment.name });
  }
  // Of two attachments that set the same name the first one does, so that a further add-on changes nothing that works.
  const all: Config = Object.assign({}, ...yielding.reverse(), own, ...Object.values(attached));
  return { own, attached, all, attachments: released };
};
