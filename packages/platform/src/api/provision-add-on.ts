import { isAddOnName, randomAddOnName } from '../addons/add-on-name.ts';
import { attachmentName } from '../addons/attachment-name.ts';
import { type Plan, resolvePlan } from '../addons/catalogue.ts';
import type { Settled } from '../addons/reconciler.ts';
import { confirmationRequired, invalidParams, serviceUnavailable } from '../contract/platform-error.ts';
import { type AddOn, addOns } from '../store/add-ons.ts';
import type { App } from '../store/apps.ts';
import { attachments } from '../store/attachments.ts';
import { configVars } from '../store/config-vars.ts';
import { type Database, isUniqueViolation } from '../store/database.ts';
import type { ApiSettings } from './api-options.ts';
import type { AppCall } from './endpoint.ts';
import { Fields } from './fields.ts';
import { originOf } from './postgres-origin.ts';
import { requester } from './requester.ts';
import type { Services } from './services.ts';

type Uses = Pick<Services, 'db' | 'releases' | 'addOns' | 'databases' | 'now'>;

const nameAttempts = 20;

/**
 * What an attachment is to be called on an app.
 * @throws PlatformError when the name asked for is malformed or in use.
 */
export const chooseAttachmentName = async (
  db: Database,
  app: App,
  service: Plan['service'],
  as: string | undefined,
): Promise<{ name: string; taken: string | undefined }> => {
  const names = (await attachments.ofApp(db, app.id)).map((attachment) => attachment.name);
  const vars = (await configVars.ofApp(db, app.id)).map(({ name }) => name);
  const chosen = attachmentName(service, names, vars, as);
  if (chosen.kind === 'malformed') throw invalidParams(chosen.message);
  if (chosen.kind === 'name') return { name: chosen.name, taken: undefined };
  if (!names.includes(chosen.name)) throw invalidParams(chosen.message);
  return { name: chosen.name, taken: chosen.message };
};

/** Creates an add-on and waits a while for it to be there; later than that it is answered as `provisioning`. */
export const provisionAddOn = async (
  services: Uses,
  settings: Pick<ApiSettings, 'provisionWaitMs'>,
  call: AppCall,
): Promise<AddOn> => {
  const again = call.requestKey === null ? undefined : await addOns.byRequestKey(services.db, call.requestKey);
  const addOn = again ?? (await insert(services, call));
  services.addOns.onChange();
  const settled = await settledWithin(services.addOns, addOn.id, settings.provisionWaitMs);
  if (settled?.kind === 'failed') throw serviceUnavailable(`${addOn.name} could not be created: ${settled.reason}`, 30);
  return (await addOns.byId(services.db, addOn.id)) ?? addOn;
};

/** How an add-on came to rest, or undefined when that takes longer. */
export const settledWithin = async (
  work: Services['addOns'],
  id: AddOn['id'],
  waitMs: number,
): Promise<Settled | undefined> => {
  const wait = AbortSignal.timeout(waitMs);
  try {
    return await work.settled(id, wait);
  } catch (error) {
    if (wait.aborted) return undefined;
    throw error;
  }
};

const insert = async (services: Uses, call: AppCall): Promise<AddOn> => {
  const { db, releases } = services;
  const fields = new Fields(call.body);
  const plan = resolvePlan(fields.requiredReference('plan'));
  const name = fields.text('name');
  if (name !== undefined && !isAddOnName(name)) {
    throw invalidParams(
      `name: expected lowercase letters, digits and dashes, starting with a letter; got ${JSON.stringify(name)}.`,
    );
  }
  const { service } = plan;
  const attachment = await chooseAttachmentName(db, call.app, service, fields.object('attachment').text('name'));
  if (attachment.taken !== undefined)
    throw invalidParams(`${attachment.taken} Choose another one, or detach that first.`);
  const options = await originOf(services, call, service, fields.object('config'));
  for (let attempt = 1; ; attempt++) {
    try {
      return await releases.provision(call.app, requester(call), {
        service: service.name,
        plan: plan.fullName,
        addOnName: name ?? randomAddOnName(service),
        attachmentName: attachment.name,
        requestKey: call.requestKey,
        options,
      });
    } catch (error) {
      if (!isUniqueViolation(error, 'add_ons_name_key')) throw error;
      if (name !== undefined) throw invalidParams(`Name ${name} is already taken`);
      if (attempt === nameAttempts) throw error;
    }
  }
};

/** Replacing an attachment takes the app's name as a yes. */
export const confirmReplacement = (call: AppCall, attachment: string, confirm: string | undefined): void => {
  if (confirm === call.app.name) return;
  throw confirmationRequired(
    `${attachment} is already attached to ${call.app.name}; attaching this replaces it, and its config vars change.`,
    call.app.name,
  );
};
