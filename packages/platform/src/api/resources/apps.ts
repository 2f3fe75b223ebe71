import { checkAppName, randomAppName } from '../../contract/app-name.ts';
import { invalidParams, notFound, PlatformError } from '../../contract/platform-error.ts';
import { appShape } from '../../contract/shapes/app.ts';
import { defaultStack } from '../../contract/stacks.data.ts';
import { type Account, accounts } from '../../store/accounts.ts';
import { type App, apps } from '../../store/apps.ts';
import { type Database, isUniqueViolation } from '../../store/database.ts';
import { releases as releaseRows } from '../../store/releases.ts';
import { slugs } from '../../store/slugs.ts';
import { created, list, ok } from '../answer.ts';
import type { ApiSettings } from '../api-options.ts';
import { logEvent } from '../app-events.ts';
import { type AppCall, type Endpoint, onApp, type SignedInCall, signedIn } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { requester } from '../requester.ts';
import type { Services } from '../services.ts';
import { ownOnly } from './account.ts';
import { checkStack } from './stacks.ts';

type Uses = Pick<Services, 'db' | 'releases' | 'runtime' | 'urls' | 'logs'>;
type Settings = Pick<ApiSettings, 'region' | 'hasContainerEngine'>;

const order: readonly [string, ...string[]] = ['name', 'id', 'updated_at', 'created_at'];
const nameAttempts = 20;

export const appEndpoints = (services: Uses, settings: Settings): Endpoint[] => {
  const { db } = services;
  const shape = appWriter(services);
  const shapes = appsWriter(services);

  return [
    signedIn('GET', '/apps', async (call) =>
      list(call.headers.range, await shapes(await apps.ofAccount(db, call.account.id)), order),
    ),
    signedIn('GET', '/users/:user/apps', async (call) => {
      ownOnly(call);
      const own = (await apps.ofAccount(db, call.account.id)).filter((app) => app.ownerId === call.account.id);
      return list(call.headers.range, await shapes(own), order);
    }),
    signedIn('POST', '/filters/apps', async (call) => {
      const ids = new Fields(call.body).object('in').array('id') ?? [];
      const seen = (await apps.ofAccount(db, call.account.id)).filter((app) => ids.includes(app.id));
      return list(call.headers.range, await shapes(seen), order);
    }),
    signedIn('POST', '/apps', async (call) => created(await shape(await create(services, settings, call)))),
    onApp('GET', '/apps/:app', 'view', async ({ app }) => ok(await shape(app))),
    onApp('PATCH', '/apps/:app', 'operate', async (call) => ok(await shape(await change(services, settings, call)))),
    onApp('DELETE', '/apps/:app', 'own', async (call) => {
      const before = await shape(call.app);
      await services.releases.destroyApp(call.app, requester(call));
      services.runtime.nudge(call.app.id);
      return ok(before);
    }),
  ];
};

/** How an app of the store becomes that of the API. */
export const appWriter =
  ({ db, urls }: Pick<Services, 'db' | 'urls'>) =>
  async (app: App) => {
    const owner = await accounts.byId(db, app.ownerId);
    return appShape(app, {
      owner: owner ?? { id: app.ownerId, email: '' },
      webUrl: urls.appUrl(app.name),
      gitUrl: urls.gitUrl(app.name),
      slugSizeBytes: await slugSize(db, app),
    });
  };

/** The same for many apps, with as many questions to the store as for one. */
const appsWriter =
  ({ db, urls }: Pick<Services, 'db' | 'urls'>) =>
  async (all: readonly App[]) => {
    const [owners, sizes] = await Promise.all([
      accounts.byIds(db, [...new Set(all.map(({ ownerId }) => ownerId))]),
      slugs.currentSizes(
        db,
        all.map(({ id }) => id),
      ),
    ]);
    return all.map((app) =>
      appShape(app, {
        owner: owners.get(app.ownerId) ?? { id: app.ownerId, email: '' },
        webUrl: urls.appUrl(app.name),
        gitUrl: urls.gitUrl(app.name),
        slugSizeBytes: sizes.get(app.id) ?? null,
      }),
    );
  };

const slugSize = async (db: Database, app: App): Promise<number | null> => {
  const current = await releaseRows.current(db, app.id);
  const slug = current?.slugId == null ? undefined : await slugs.byId(db, current.slugId);
  return slug?.sizeBytes ?? null;
};

const create = async (services: Uses, settings: Settings, call: SignedInCall): Promise<App> => {
  const again = call.requestKey === null ? undefined : await apps.byRequestKey(services.db, call.requestKey);
  if (again !== undefined) return again;
  const fields = new Fields(call.body);
  const team = fields.reference('team') ?? fields.reference('organization');
  if (team !== undefined)
    throw notFound('team', `Couldn't find that team (${team}): there are no teams in this version of Ravine.`);
  if (fields.has('space')) throw notFound('space', "Couldn't find that space: there are no private spaces in Ravine.");
  const region = fields.reference('region') ?? settings.region;
  if (region !== settings.region) {
    throw notFound('region', `Couldn't find that region (${region}). This Ravine has one: ${settings.region}.`);
  }
  const stack = checkStack(fields.reference('stack') ?? defaultStack, settings);
  const name = fields.text('name');
  if (name !== undefined) checkAppName(name);
  const app = await make(services, call.account, { name, region, stack, requestKey: call.requestKey });
  services.runtime.nudge(app.id);
  return app;
};

const make = async (
  services: Uses,
  owner: Account,
  wanted: { name: string | undefined; region: string; stack: string; requestKey: string | null },
): Promise<App> => {
  for (let attempt = 1; ; attempt++) {
    const name = wanted.name ?? randomAppName();
    try {
      return await services.releases.createApp({ ...wanted, name, owner: { id: owner.id, email: owner.email } });
    } catch (error) {
      const taken = error instanceof PlatformError && error.id === 'invalid_params';
      if (!taken || wanted.name !== undefined || attempt === nameAttempts) throw error;
    }
  }
};

const change = async (services: Uses, settings: Settings, call: AppCall): Promise<App> => {
  const fields = new Fields(call.body);
  const name = fields.text('name');
  const stack = fields.reference('build_stack') ?? fields.reference('stack');
  const maintenance = fields.flag('maintenance');
  let { app } = call;
  if (name !== undefined && name !== app.name) app = await rename(services.db, call, name);
  if (stack !== undefined && stack !== app.buildStack) {
    app = await services.releases.setStack(app, requester(call), checkStack(stack, settings));
  }
  if (maintenance !== undefined && maintenance !== app.maintenance) {
    app = await apps.update(services.db, app.id, { maintenance });
    logEvent(
      services.logs.sink,
      app.id,
      `${maintenance ? 'Enable' : 'Disable'} maintenance mode by user ${call.account.email}`,
    );
  }
  services.runtime.nudge(app.id);
  return app;
};

const rename = async (db: Database, call: AppCall, name: string): Promise<App> => {
  if (call.app.ownerId !== call.account.id)
    throw new PlatformError('forbidden', 'Only the owner of an app may rename it.');
  checkAppName(name);
  try {
    return await apps.update(db, call.app.id, { name });
  } catch (error) {
    if (isUniqueViolation(error, 'apps_name_key')) throw invalidParams(`Name ${name} is already taken`);
    throw error;
  }
};
