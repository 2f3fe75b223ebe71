import { invalidParams, notFound } from '../contract/platform-error.ts';
import type { AddOn } from '../store/add-ons.ts';
import type { App } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import type { JsonAnswer } from './answer.ts';
import type { Ability } from './authorize-app.ts';
import { type Endpoint, type Method, param, type SignedInCall, signedIn } from './endpoint.ts';
import { authorizeAddOn } from './find-add-ons.ts';
import type { Services } from './services.ts';

export const postgresService = 'heroku-postgresql';

/**
 * While a database is being made the CLI waits for it if the answer is 404 and has no `message`.
 * @see heroku pg:wait
 */
const notYet: JsonAnswer = { kind: 'json', status: 404, body: { error: 'The database is not there yet.' } };

/** @throws PlatformError invalid_params for a follower, which can only be read. */
export const assertLeads = async (databases: Pick<Services['databases'], 'leaderOf'>, addOn: AddOn): Promise<void> => {
  const leader = await databases.leaderOf(addOn);
  if (leader === undefined) return;
  throw invalidParams(
    `${addOn.name} follows ${leader.name} and can only be read. Do this with ${leader.name}, or make it a database of its own with heroku pg:unfollow.`,
  );
};

/** An endpoint about the database that `:database` names, by its add-on's name or id. */
export const onDatabase = (
  db: Database,
  method: Method,
  path: string,
  ability: Ability,
  handle: (call: SignedInCall, addOn: AddOn, app: App) => Promise<JsonAnswer>,
  options: { readonly secret?: true } = {},
): Endpoint =>
  signedIn(
    method,
    path,
    async (call) => {
      const { addOn, app } = await authorizeAddOn(db, call.account, param(call, 'database'), ability);
      if (addOn.service !== postgresService) throw notFound('database');
      if (addOn.state === 'provisioning') return notYet;
      return handle(call, addOn, app);
    },
    options,
  );
