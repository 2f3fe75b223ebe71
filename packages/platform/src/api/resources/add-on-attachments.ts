import { resolvePlan } from '../../addons/catalogue.ts';
import { credentialOf } from '../../contract/credential-namespace.ts';
import { invalidParams, notFound } from '../../contract/platform-error.ts';
import type { AddOn } from '../../store/add-ons.ts';
import { apps } from '../../store/apps.ts';
import { type Attachment, attachments } from '../../store/attachments.ts';
import { credentials } from '../../store/credentials.ts';
import { isUniqueViolation } from '../../store/database.ts';
import { planOf, viewAttachment } from '../add-on-view.ts';
import { created, list, ok } from '../answer.ts';
import { authorizeApp } from '../authorize-app.ts';
import { type AppCall, type Endpoint, onApp, param, type SignedInCall, signedIn } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { resolveAttachments, seeAddOn } from '../find-add-ons.ts';
import { chooseAttachmentName, confirmReplacement } from '../provision-add-on.ts';
import { requester } from '../requester.ts';
import type { Services } from '../services.ts';

type Uses = Pick<Services, 'db' | 'releases'>;

const order: readonly [string, ...string[]] = ['id', 'name'];

export const addOnAttachmentEndpoints = (services: Uses): Endpoint[] => {
  const { db } = services;
  const views = async ({ base }: SignedInCall, all: readonly Attachment[]) =>
    (await Promise.all(all.map((attachment) => viewAttachment(db, attachment, base)))).filter(
      (view) => view !== undefined,
    );
  const view = async (call: SignedInCall, attachment: Attachment) => {
    const [seen] = await views(call, [attachment]);
    if (seen === undefined) throw missing();
    return seen;
  };

  const visible = async (call: SignedInCall, ability: 'view' | 'operate') => {
    const attachment = await attachments.byId(db, param(call, 'attachment'));
    if (attachment === undefined) throw missing();
    const app = await authorizeApp(db, call.account, attachment.appId, ability).catch(() => undefined);
    if (app === undefined) throw missing();
    return { attachment, app };
  };
  const onThisApp = async (call: AppCall): Promise<Attachment> => {
    const name = param(call, 'attachment');
    const attachment =
      (await attachments.byId(db, name)) ?? (await attachments.byName(db, call.app.id, name.toUpperCase()));
    if (attachment === undefined || attachment.appId !== call.app.id) throw missing();
    return attachment;
  };

  return [
    signedIn('GET', '/addon-attachments', async (call) => {
      const all = await Promise.all(
        (await apps.ofAccount(db, call.account.id)).map((app) => attachments.ofApp(db, app.id)),
      );
      return list(call.headers.range, await views(call, all.flat()), order);
    }),
    signedIn('POST', '/addon-attachments', async (call) => created(await view(call, await attach(services, call)))),
    signedIn('GET', '/addon-attachments/:attachment', async (call) =>
      ok(await view(call, (await visible(call, 'view')).attachment)),
    ),
    signedIn('DELETE', '/addon-attachments/:attachment', async (call) => {
      const { attachment, app } = await visible(call, 'operate');
      const before = await view(call, attachment);
      await services.releases.detach(app, requester(call), attachment);
      return ok(before);
    }),
    signedIn('GET', '/addons/:addon/addon-attachments', async (call) => {
      const addOn = await seeAddOn(db, call.account, param(call, 'addon'));
      const seen = new Set((await apps.ofAccount(db, call.account.id)).map((app) => app.id));
      const all = (await attachments.ofAddOn(db, addOn.id)).filter((attachment) => seen.has(attachment.appId));
      return list(call.headers.range, await views(call, all), order);
    }),
    onApp('GET', '/apps/:app/addon-attachments', 'view', async (call) =>
      list(call.headers.range, await views(call, await attachments.ofApp(db, call.app.id)), order),
    ),
    onApp('GET', '/apps/:app/addon-attachments/:attachment', 'view', async (call) =>
      ok(await view(call, await onThisApp(call))),
    ),
    signedIn('POST', '/actions/addon-attachments/resolve', async (call) => {
      const fields = new Fields(call.body);
      const name = fields.requiredReference('addon_attachment');
      const service = fields.reference('addon_service');
      const found = await resolveAttachments(db, call.account, name, fields.reference('app'), service);
      if (found.length === 0) throw missing(name);
      return ok(
        await views(
          call,
          found.map((one) => one.attachment),
        ),
      );
    }),
  ];
};

const missing = (name?: string) =>
  notFound('add_on attachment', `Couldn't find that add-on attachment${name === undefined ? '' : ` (${name})`}.`);

/** @throws PlatformError when the add-on has nothing for attachments of this namespace. */
const assertNamespace = async (db: Uses['db'], addOn: AddOn, namespace: string | undefined): Promise<void> => {
  if (namespace === undefined) return;
  const name = credentialOf(namespace);
  if (name === undefined) {
    throw invalidParams(`namespace: expected one like "credential:reports", got ${JSON.stringify(namespace)}.`);
  }
  if ((await credentials.find(db, addOn.id, name)) === undefined) {
    throw invalidParams(`namespace: ${addOn.name} has no credential ${JSON.stringify(name)}.`);
  }
};

const attach = async ({ db, releases }: Uses, call: SignedInCall): Promise<Attachment> => {
  const fields = new Fields(call.body);
  const app = await authorizeApp(db, call.account, fields.requiredReference('app'), 'operate');
  const addOn = await seeAddOn(db, call.account, fields.requiredReference('addon'));
  const namespace = fields.text('namespace');
  await assertNamespace(db, addOn, namespace);
  const chosen = await chooseAttachmentName(db, app, resolvePlan(planOf(addOn).fullName).service, fields.text('name'));
  if (chosen.taken !== undefined) {
    const before = await attachments.byName(db, app.id, chosen.name);
    if (before?.addOnId === addOn.id && before.namespace === (namespace ?? null)) return before;
    confirmReplacement({ ...call, app }, chosen.name, fields.text('confirm'));
  }
  try {
    const replace = chosen.taken !== undefined;
    return await releases.attach(app, requester(call), {
      addOnId: addOn.id,
      name: chosen.name,
      namespace: namespace ?? null,
      replace,
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw invalidParams(`${app.name} has just got an attachment named ${chosen.name}; choose another name.`);
  }
};
