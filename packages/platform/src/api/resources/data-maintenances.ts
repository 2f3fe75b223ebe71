import { invalidParams, notFound } from '../../contract/platform-error.ts';
import type { AddOn } from '../../store/add-ons.ts';
import type { App } from '../../store/apps.ts';
import { attachments } from '../../store/attachments.ts';
import { planOf } from '../add-on-view.ts';
import { type JsonAnswer, ok } from '../answer.ts';
import type { Ability } from '../authorize-app.ts';
import { type Endpoint, type Method, onApp, param, type SignedInCall, signedIn } from '../endpoint.ts';
import { authorizeAddOn } from '../find-add-ons.ts';
import { postgresService } from '../postgres-database.ts';
import type { Services } from '../services.ts';

const root = '/data/maintenances/v1';
const services = new Set([postgresService, 'heroku-redis']);
const window = 'none: databases here are maintained by nobody but you';

/**
 * What `heroku data:maintenances` asks for. There is nothing that would need a window: a server gets another version of
 * itself when Ravine does, at its next start.
 */
export const dataMaintenanceEndpoints = ({ db }: Pick<Services, 'db'>): Endpoint[] => {
  const onAddOn = (
    method: Method,
    path: string,
    ability: Ability,
    handle: (addOn: AddOn, app: App) => Promise<JsonAnswer>,
  ): Endpoint =>
    signedIn(method, `${root}/:addon${path}`, async (call: SignedInCall) => {
      const { addOn, app } = await authorizeAddOn(db, call.account, param(call, 'addon'), ability);
      if (!services.has(addOn.service)) throw notFound('maintenance', `${addOn.name} is not a data add-on.`);
      return handle(addOn, app);
    });
  const refused = async (addOn: AddOn): Promise<JsonAnswer> => {
    throw invalidParams(`There is no maintenance of ${addOn.name}, and none will come: it needs no window.`);
  };
  return [
    onApp('GET', `${root}/apps/:app`, 'view', async () => ok({ maintenances: [] })),
    onAddOn('GET', '', 'view', async (addOn, app) => {
      const attached = (await attachments.ofAddOn(db, addOn.id)).filter((one) => one.appId === app.id);
      return ok({
        app: { name: app.name, uuid: app.id },
        addon: {
          name: addOn.name,
          uuid: addOn.id,
          kind: addOn.service,
          plan: planOf(addOn).fullName,
          attachments: attached.map(({ name }) => name),
          window,
        },
        status: 'none',
        reason: null,
        method: null,
        window,
        required_by: null,
        scheduled_for: null,
        previously_scheduled_for: null,
        started_at: null,
        completed_at: null,
        duration_seconds: null,
        server_created_at: null,
      });
    }),
    onAddOn('GET', '/history', 'view', async () => ok({ maintenances: [] })),
    onAddOn('GET', '/window', 'view', async () => ok({ window, scheduled: false })),
    ...['/window', '/run', '/schedule'].map((path) => onAddOn('POST', path, 'operate', refused)),
  ];
};
