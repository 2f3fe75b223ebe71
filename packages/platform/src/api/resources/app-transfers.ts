import { invalidParams, notFound, PlatformError } from '../../contract/platform-error.ts';
import { timestamp } from '../../contract/shapes/complete.ts';
import type { AccountId } from '../../domain/ids.ts';
import { type Account, accounts } from '../../store/accounts.ts';
import { type AppTransfer, appTransfers } from '../../store/app-transfers.ts';
import { apps } from '../../store/apps.ts';
import { collaborators } from '../../store/collaborators.ts';
import { type Database, isUniqueViolation } from '../../store/database.ts';
import { isUuid } from '../../store/is-uuid.ts';
import { created, list, ok } from '../answer.ts';
import { logEvent } from '../app-events.ts';
import { authorizeApp } from '../authorize-app.ts';
import { type Endpoint, param, type SignedInCall, signedIn } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

type Uses = Pick<Services, 'db' | 'logs' | 'runtime'>;

const root = '/account/app-transfers';

/** An owner offers an app, and its next owner takes it (Dev Center "Transferring Apps"; `heroku apps:transfer`). */
export const appTransferEndpoints = (services: Uses): Endpoint[] => {
  const { db } = services;
  /** Only the two whom it is between know of it. */
  const find = async (call: SignedInCall): Promise<AppTransfer> => {
    const transfer = await appTransfers.find(db, param(call, 'transfer'));
    const isOurs = transfer?.ownerId === call.account.id || transfer?.recipientId === call.account.id;
    if (transfer === undefined || !isOurs) throw notFound('transfer', "Couldn't find that app transfer.");
    return transfer;
  };
  return [
    signedIn('GET', root, async (call) =>
      list(call.headers.range, (await appTransfers.ofAccount(db, call.account.id)).map(shape), ['id', 'created_at']),
    ),
    signedIn('POST', root, async (call) => created(shape(await offer(services, call)))),
    signedIn('GET', `${root}/:transfer`, async (call) => ok(shape(await find(call)))),
    signedIn('PATCH', `${root}/:transfer`, async (call) => {
      const transfer = await find(call);
      const state = new Fields(call.body).requiredText('state');
      if (state !== 'accepted' && state !== 'declined')
        throw invalidParams(`state: expected accepted or declined, got ${JSON.stringify(state)}.`);
      if (transfer.recipientId !== call.account.id)
        throw new PlatformError('forbidden', `Only ${transfer.recipientEmail} may accept or decline this transfer.`);
      await end(db, transfer, state);
      if (state === 'accepted') {
        logEvent(
          services.logs.sink,
          transfer.appId,
          `Transfer to ${transfer.recipientEmail} by user ${transfer.ownerEmail}`,
        );
        services.runtime.nudge(transfer.appId);
      }
      return ok(shape({ ...transfer, state, updatedAt: new Date() }));
    }),
    signedIn('DELETE', `${root}/:transfer`, async (call) => {
      const transfer = await find(call);
      if (transfer.ownerId !== call.account.id)
        throw new PlatformError(
          'forbidden',
          'Only whoever offered the app may take the offer back; decline it instead.',
        );
      await appTransfers.remove(db, transfer.id);
      return ok(shape(transfer));
    }),
  ];
};

const recipientOf = async (db: Database, call: SignedInCall): Promise<Account> => {
  const who = new Fields(call.body).requiredReference('recipient');
  const found = isUuid(who) ? await accounts.byId(db, who as AccountId) : await accounts.byEmail(db, who); // checked beside
  if (found === undefined)
    throw notFound('user', `There is no account for ${who} here. Create one with: ravine accounts:add ${who}`);
  if (found.id === call.account.id) throw invalidParams('recipient: the app is yours already.');
  return found;
};

const offer = async (services: Uses, call: SignedInCall): Promise<AppTransfer> => {
  const { db } = services;
  const app = await authorizeApp(db, call.account, new Fields(call.body).requiredReference('app'), 'own');
  const recipient = await recipientOf(db, call);
  const pending = await appTransfers.find(db, app.name);
  if (pending?.recipientId === recipient.id) return pending;
  const taken = invalidParams(
    `${app.name} is already offered to somebody; take that offer back first, in Settings or with DELETE ${root}/ID.`,
  );
  if (pending !== undefined) throw taken;
  try {
    const id = await appTransfers.insert(db, { appId: app.id, ownerId: call.account.id, recipientId: recipient.id });
    const made = await appTransfers.find(db, id);
    if (made === undefined) throw notFound('app');
    return made;
  } catch (error) {
    throw isUniqueViolation(error, 'app_transfers_pending') ? taken : error;
  }
};

/** In one transaction the app changes hands, and who had it stays as a collaborator, as on Heroku. */
const end = (db: Database, transfer: AppTransfer, state: 'accepted' | 'declined'): Promise<void> =>
  db.transaction().execute(async (tx) => {
    if (!(await appTransfers.end(tx, transfer.id, state))) throw invalidParams('The transfer has ended already.');
    if (state === 'declined') return;
    const app = await apps.lock(tx, transfer.appId);
    if (app === undefined) throw notFound('app');
    if (app.ownerId !== transfer.ownerId)
      throw invalidParams(`${transfer.appName} has got another owner since it was offered.`);
    await collaborators.remove(tx, app.id, transfer.recipientId);
    await apps.update(tx, app.id, { ownerId: transfer.recipientId });
    await collaborators.insert(tx, app.id, transfer.ownerId);
  });

/** Platform API reference, "App Transfer". */
const shape = (transfer: AppTransfer) => ({
  id: transfer.id,
  app: { id: transfer.appId, name: transfer.appName },
  owner: { id: transfer.ownerId, email: transfer.ownerEmail },
  recipient: { id: transfer.recipientId, email: transfer.recipientEmail },
  state: transfer.state,
  created_at: timestamp(transfer.createdAt),
  updated_at: timestamp(transfer.updatedAt),
});
