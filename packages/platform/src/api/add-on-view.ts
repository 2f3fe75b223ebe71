import { findPlan } from '../addons/catalogue.ts';
import { configVarName } from '../contract/config-var-name.ts';
import { addOnShape, attachmentShape, type PlanFacts } from '../contract/shapes/add-on.ts';
import type { Named } from '../contract/shapes/complete.ts';
import { stableId } from '../contract/stable-id.ts';
import { type AddOn, addOns } from '../store/add-ons.ts';
import { apps } from '../store/apps.ts';
import { type Attachment, attachments } from '../store/attachments.ts';
import type { Database } from '../store/database.ts';

/** The plan of an add-on, also when the catalogue has none of that name any more. */
export const planOf = (addOn: Pick<AddOn, 'plan' | 'service'>): PlanFacts => {
  const name = addOn.plan.includes(':') ? addOn.plan : `${addOn.service}:${addOn.plan}`;
  return (
    findPlan(name) ?? {
      id: stableId('plan', name),
      fullName: name,
      humanName: name,
      isDefault: false,
      service: { id: stableId('add-on-service', addOn.service), name: addOn.service, humanName: addOn.service },
    }
  );
};

/** Names of the config vars that an attachment sets; none before the add-on is there. */
export const configVarsOf = (addOn: AddOn, attachment: Pick<Attachment, 'name'>): string[] => {
  if (addOn.state !== 'provisioned') return [];
  const plan = findPlan(planOf(addOn).fullName);
  return (plan?.service.configSuffixes ?? ['URL']).map((entry) => configVarName(attachment.name, entry));
};

const appNamed = async (db: Database, id: AddOn['appId']): Promise<Named> => ({
  id,
  name: (await apps.find(db, id))?.name ?? '',
});

/** The dashboard's page of an add-on on an app, which `heroku addons:open` opens. */
const pageOf = (app: Named, addOn: Pick<AddOn, 'name'>, base: string | undefined): string | null =>
  base === undefined ? null : `${base}/dashboard/apps/${app.name}/resources/${addOn.name}`;

/**
 * An add-on as the API shows it.
 * @param message what the CLI prints after creating it
 * @param base URL by which the client reached us; without one there is no address of a page
 */
export const viewAddOn = async (db: Database, addOn: AddOn, message: string | null = null, base?: string) => {
  const all = await attachments.ofAddOn(db, addOn.id);
  const app = await appNamed(db, addOn.appId);
  return addOnShape(addOn, {
    app,
    webUrl: pageOf(app, addOn, base),
    plan: planOf(addOn),
    configVars: all.filter((one) => one.appId === addOn.appId).flatMap((one) => configVarsOf(addOn, one)),
    message,
  });
};

/** An attachment as the API shows it; undefined when its add-on is going. @param base as of {@link viewAddOn} */
export const viewAttachment = async (db: Database, attachment: Attachment, base?: string) => {
  const addOn = await addOns.byId(db, attachment.addOnId);
  if (addOn === undefined) return undefined;
  const app = await appNamed(db, attachment.appId);
  return attachmentShape(attachment, {
    app,
    webUrl: pageOf(app, addOn, base),
    addOn,
    addOnApp: await appNamed(db, addOn.appId),
    plan: planOf(addOn),
    configVars: configVarsOf(addOn, attachment),
  });
};
