import { isAddOnName } from '../../addons/add-on-name.ts';
import { findPlan, type Plan, resolvePlan } from '../../addons/catalogue.ts';
import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { addOnConfigShape } from '../../contract/shapes/add-on.ts';
import { addOnConfigContext, configUnder } from '../../release/app-config.ts';
import type { AddOn } from '../../store/add-ons.ts';
import { addOns } from '../../store/add-ons.ts';
import { attachments } from '../../store/attachments.ts';
import { isUniqueViolation } from '../../store/database.ts';
import { planOf, viewAddOn } from '../add-on-view.ts';
import { created, list, ok } from '../answer.ts';
import type { ApiSettings } from '../api-options.ts';
import { type AppCall, type Endpoint, onApp, param, type SignedInCall, signedIn } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { authorizeAddOn, resolveAddOns, seeAddOn } from '../find-add-ons.ts';
import { postgresService } from '../postgres-database.ts';
import { provisionAddOn, settledWithin } from '../provision-add-on.ts';
import { requester } from '../requester.ts';
import type { Services } from '../services.ts';

type Uses = Pick<Services, 'db' | 'keyring' | 'releases' | 'addOns' | 'databases' | 'now'>;

const order: readonly [string, ...string[]] = ['id', 'name'];

export const addOnEndpoints = (services: Uses, settings: Pick<ApiSettings, 'provisionWaitMs'>): Endpoint[] => {
  const { db, releases } = services;
  const view = (call: SignedInCall, addOn: AddOn, message: string | null = null) =>
    viewAddOn(db, addOn, message, call.base);
  const views = (call: SignedInCall, all: readonly AddOn[]) => Promise.all(all.map((addOn) => view(call, addOn)));

  /** Of an app: those it owns and those attached to it. */
  const ofApp = async (call: AppCall): Promise<AddOn> => {
    const addOn = await addOns.find(db, param(call, 'addon'));
    const isHere =
      addOn !== undefined &&
      (addOn.appId === call.app.id ||
        (await attachments.ofAddOn(db, addOn.id)).some((one) => one.appId === call.app.id));
    if (addOn === undefined || !isHere) throw notFound('add_on', "Couldn't find that add-on.");
    return addOn;
  };

  const change = async (call: SignedInCall, idOrName: string) => {
    const { addOn } = await authorizeAddOn(db, call.account, idOrName, 'operate');
    const fields = new Fields(call.body);
    const name = fields.text('name');
    const plan = fields.reference('plan');
    if (name !== undefined && !isAddOnName(name)) throw invalidName(name);
    const next = plan === undefined ? undefined : planToChangeTo(addOn, plan);
    if (next !== undefined) await assertFollowersFit(addOn, next);
    if (name === undefined && next === undefined) return ok(await view(call, addOn));
    try {
      const wanted = { ...(name !== undefined && { name }), ...(next !== undefined && { plan: next.fullName }) };
      const changed = await addOns.update(db, addOn.id, wanted);
      services.addOns.onChange();
      return ok(await view(call, changed));
    } catch (error) {
      throw isUniqueViolation(error, 'add_ons_name_key') ? invalidParams(`Name ${name} is already taken`) : error;
    }
  };

  /** A follower's server must be set up for no fewer connections than its leader's, and before it. */
  const assertFollowersFit = async (addOn: AddOn, next: Plan): Promise<void> => {
    const more = next.connections > (findPlan(planOf(addOn).fullName)?.connections ?? 0);
    if (addOn.service !== postgresService || !more) return;
    const names = (await services.databases.followersOf(addOn)).map((one) => one.name).join(', ');
    if (names === '') return;
    throw invalidParams(
      `${addOn.name} is followed by ${names}, which could not follow a database with more connections. Unfollow or destroy them first, and make them anew afterwards.`,
    );
  };

  const destroy = async (call: SignedInCall, idOrName: string) => {
    const { addOn, app } = await authorizeAddOn(db, call.account, idOrName, 'operate');
    const followers = addOn.service === postgresService ? await services.databases.followersOf(addOn) : [];
    if (followers.length > 0) {
      const names = followers.map((one) => one.name).join(', ');
      throw invalidParams(
        `${addOn.name} is followed by ${names}. Make them databases of their own with heroku pg:unfollow, or destroy them first.`,
      );
    }
    if (new Fields(call.body).flag('force') !== true) await assertUnshared(db, addOn);
    const before = await view(call, addOn);
    await releases.deprovision(app, requester(call), addOn);
    services.addOns.onChange();
    await settledWithin(services.addOns, addOn.id, settings.provisionWaitMs);
    const rest = await addOns.byId(db, addOn.id);
    return ok({ ...before, state: rest?.state ?? 'deprovisioned' });
  };

  return [
    signedIn('GET', '/addons', async (call) =>
      list(call.headers.range, await views(call, await addOns.ofAccount(db, call.account.id)), order),
    ),
    signedIn('GET', '/addons/:addon', async (call) =>
      ok(await view(call, await seeAddOn(db, call.account, param(call, 'addon')))),
    ),
    signedIn('PATCH', '/addons/:addon', (call) => change(call, param(call, 'addon'))),
    signedIn('DELETE', '/addons/:addon', (call) => destroy(call, param(call, 'addon'))),
    signedIn('GET', '/addons/:addon/config', async (call) => {
      const { addOn } = await authorizeAddOn(db, call.account, param(call, 'addon'), 'view');
      const sealed = addOn.sealedConfig;
      return ok(
        sealed === null ? [] : addOnConfigShape(services.keyring.openStrings(sealed, addOnConfigContext(addOn.id))),
      );
    }),
    // What attachments of a namespace get, which `heroku addons:attach --credential` asks for beforehand.
    signedIn('GET', '/addons/:addon/config/:namespace', async (call) => {
      const { addOn } = await authorizeAddOn(db, call.account, param(call, 'addon'), 'view');
      const { id, sealedConfig } = addOn;
      if (sealedConfig === null) return ok([]);
      const config = await configUnder(db, services.keyring, { id, sealedConfig }, param(call, 'namespace'));
      return ok(addOnConfigShape(config ?? {}));
    }),
    onApp('GET', '/apps/:app/addons', 'view', async (call) =>
      list(call.headers.range, await views(call, await addOns.ofApp(db, call.app.id)), order),
    ),
    onApp('POST', '/apps/:app/addons', 'operate', async (call) => {
      const addOn = await provisionAddOn(services, settings, call);
      const message =
        addOn.state === 'provisioned' ? resolvePlan(planOf(addOn).fullName).service.provisionMessage : null;
      return created(await view(call, addOn, message));
    }),
    onApp('GET', '/apps/:app/addons/:addon', 'view', async (call) => ok(await view(call, await ofApp(call)))),
    onApp('PATCH', '/apps/:app/addons/:addon', 'operate', async (call) => change(call, (await ofApp(call)).id)),
    onApp('DELETE', '/apps/:app/addons/:addon', 'operate', async (call) => destroy(call, (await ofApp(call)).id)),
    signedIn('POST', '/actions/addons/resolve', async (call) => {
      const fields = new Fields(call.body);
      const name = fields.requiredReference('addon');
      const service = fields.reference('addon_service');
      const found = await resolveAddOns(db, call.account, name, fields.reference('app'), service);
      if (found.length === 0) throw notFound('add_on', `Couldn't find that add-on (${name}).`);
      return ok(await views(call, found));
    }),
  ];
};

const invalidName = (name: string) =>
  invalidParams(
    `name: expected lowercase letters, digits and dashes, starting with a letter; got ${JSON.stringify(name)}.`,
  );

/** @throws PlatformError when other apps than its own have it attached */
const assertUnshared = async (db: Services['db'], addOn: AddOn): Promise<void> => {
  const others = await attachments.otherApps(db, addOn);
  if (others.length === 0) return;
  throw invalidParams(
    `Add-on must be detached from all other apps before destroying: ${others.join(', ')}. Detach it there with heroku addons:detach, or destroy it with --force`,
  );
};

/** `premium-0` is taken for a plan of the same service. @throws PlatformError when it can't have that plan. */
const planToChangeTo = (addOn: AddOn, wanted: string): Plan | undefined => {
  const next = findPlan(`${addOn.service}:${wanted}`) ?? resolvePlan(wanted);
  if (next.fullName === planOf(addOn).fullName) return undefined;
  if (next.service.name !== addOn.service) {
    throw invalidParams(
      `plan: expected a plan of ${addOn.service}, which ${addOn.name} belongs to; got ${next.fullName}. Create an add-on of that plan instead.`,
    );
  }
  if (next.service.changesPlan) return next;
  throw invalidParams(
    `${addOn.name} can't change its plan in this version of Ravine. Create an add-on of the other plan.`,
  );
};
