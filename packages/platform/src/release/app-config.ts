import type { AppId } from '../domain/ids.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { addOns } from '../store/add-ons.ts';
import { attachments } from '../store/attachments.ts';
import { configVars } from '../store/config-vars.ts';
import type { Database } from '../store/database.ts';
import type { ReleasedAttachment } from '../store/tables.ts';

export type Config = Readonly<Record<string, string>>;

export const configVarContext = (appId: AppId, name: string): string => `app:${appId}:config-var:${name}`;
export const releaseConfigContext = (appId: AppId): string => `app:${appId}:release-config`;
export const addOnConfigContext = (addOnId: string): string => `add-on:${addOnId}:config`;

export interface CurrentParts {
  /** Config vars that the user set. */
  readonly own: Config;
  /** Config vars of attachments, by attachment name: `{DATABASE: {DATABASE_URL: '...'}}`. */
  readonly attached: Readonly<Record<string, Config>>;
  /** Both; attachments win. */
  readonly all: Config;
  readonly attachments: readonly ReleasedAttachment[];
}

/** Opens a sealed config map. */
export const openConfig = (keyring: Keyring, box: Buffer, context: string): Config => keyring.openStrings(box, context);

/** The config vars an attachment sets: `DATABASE` and `{URL}` make `DATABASE_URL`. */
export const attachmentVars = (attachmentName: string, config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([suffix, value]) => [`${attachmentName}_${suffix}`, value]));

/** An app's config and attachments as they are now, which is what its next release gets. */
export const currentParts = async (db: Database, keyring: Keyring, appId: AppId): Promise<CurrentParts> => {
  const own: Record<string, string> = {};
  for (const row of await configVars.ofApp(db, appId)) {
    own[row.name] = keyring.openJson(row.sealedValue, configVarContext(appId, row.name)) as string; // sealed by setConfig as text
  }
  const attached: Record<string, Config> = {};
  const released: ReleasedAttachment[] = [];
  for (const attachment of await attachments.ofApp(db, appId)) {
    const addOn = await addOns.byId(db, attachment.addOnId);
    if (addOn?.sealedConfig == null || addOn.state !== 'provisioned') continue;
    attached[attachment.name] = attachmentVars(
      attachment.name,
      openConfig(keyring, addOn.sealedConfig, addOnConfigContext(addOn.id)),
    );
    released.push({ addOnId: addOn.id, addOnName: addOn.name, plan: addOn.plan, name: attachment.name });
  }
  return { own, attached, all: Object.assign({ ...own }, ...Object.values(attached)), attachments: released };
};
