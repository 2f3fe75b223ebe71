import { invalidParams, notFound, PlatformError } from '../../contract/platform-error.ts';
import { type CollaboratorFacts, collaboratorShape } from '../../contract/shapes/app-parts.ts';
import { stableId } from '../../contract/stable-id.ts';
import type { AccountId } from '../../domain/ids.ts';
import { accounts } from '../../store/accounts.ts';
import { type Collaborator, collaborators } from '../../store/collaborators.ts';
import { isUuid } from '../../store/is-uuid.ts';
import { created, list, ok } from '../answer.ts';
import { type AppCall, type Endpoint, onApp, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';

export const collaboratorEndpoints = ({ db }: Pick<Services, 'db'>): Endpoint[] => {
  const shape = (call: AppCall) => (collaborator: CollaboratorFacts) =>
    collaboratorShape(collaborator, call.app, collaborator.accountId === call.app.ownerId ? 'owner' : 'collaborator');

  /** The owner first, who has no row of their own. */
  const all = async (call: AppCall): Promise<CollaboratorFacts[]> => {
    const owner = await accounts.byId(db, call.app.ownerId);
    const first: CollaboratorFacts = {
      id: stableId('collaborator', `${call.app.id}:${call.app.ownerId}`),
      accountId: call.app.ownerId,
      email: owner?.email ?? '',
      createdAt: call.app.createdAt,
      updatedAt: call.app.createdAt,
    };
    const others: Collaborator[] = await collaborators.ofApp(db, call.app.id);
    return [first, ...others];
  };
  const find = async (call: AppCall): Promise<CollaboratorFacts> => {
    const who = param(call, 'collaborator').toLowerCase();
    const found = (await all(call)).find(
      (one) => one.id === who || one.accountId === who || one.email.toLowerCase() === who,
    );
    if (found === undefined) throw notFound('collaborator');
    return found;
  };

  return [
    onApp('GET', '/apps/:app/collaborators', 'view', async (call) =>
      list(call.headers.range, (await all(call)).map(shape(call)), ['id', 'created_at']),
    ),
    onApp('GET', '/apps/:app/collaborators/:collaborator', 'view', async (call) => ok(shape(call)(await find(call)))),
    onApp('POST', '/apps/:app/collaborators', 'own', async (call) => {
      const who = new Fields(call.body).requiredReference('user');
      const user = isUuid(who) ? await accounts.byId(db, who as AccountId) : await accounts.byEmail(db, who); // checked beside
      if (user === undefined)
        throw notFound('user', `There is no account for ${who} here. Create one with: ravine accounts:add ${who}`);
      if (user.id === call.app.ownerId)
        throw invalidParams(`${user.email} owns ${call.app.name} and has access already.`);
      if ((await collaborators.find(db, call.app.id, user.id)) !== undefined) {
        throw invalidParams('User is already a collaborator on this app.');
      }
      await collaborators.insert(db, call.app.id, user.id);
      const made = await collaborators.find(db, call.app.id, user.id);
      if (made === undefined) throw notFound('collaborator');
      return created(shape(call)(made));
    }),
    onApp('DELETE', '/apps/:app/collaborators/:collaborator', 'view', async (call) => {
      const found = await find(call);
      if (found.accountId === call.app.ownerId) throw invalidParams('The owner of an app can not be removed from it.');
      const leaves = found.accountId === call.account.id;
      if (!leaves && call.account.id !== call.app.ownerId) {
        throw new PlatformError('forbidden', `Only the owner of ${call.app.name} may remove others from it.`);
      }
      await collaborators.remove(db, call.app.id, found.accountId as AccountId); // read as one from the store
      return ok(shape(call)(found));
    }),
  ];
};
