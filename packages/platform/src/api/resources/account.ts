import { appFeatures } from '../../contract/features.data.ts';
import { invalidParams, notFound, PlatformError } from '../../contract/platform-error.ts';
import { accountShape } from '../../contract/shapes/account.ts';
import { hashPassword, verifyPassword } from '../../secrets/password.ts';
import { accounts } from '../../store/accounts.ts';
import { authorizations } from '../../store/authorizations.ts';
import { isUniqueViolation } from '../../store/database.ts';
import { list, ok } from '../answer.ts';
import { type Endpoint, param, type SignedInCall, signedIn } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Services } from '../services.ts';
import type { TokenBuckets } from '../token-buckets.ts';

const minPasswordLength = 8;

export const accountEndpoints = ({ db }: Pick<Services, 'db'>, limits: TokenBuckets): Endpoint[] => [
  // Heroku has no machine to look after: `administrator` is ours.
  signedIn('GET', '/account', async ({ account }) =>
    ok({ ...accountShape(account), administrator: account.administrator }),
  ),
  signedIn('PATCH', '/account', async (call) => ok(accountShape(await change(db, call))), { secret: true }),
  signedIn('GET', '/users/:user', async (call) => {
    ownOnly(call);
    return ok(accountShape(call.account));
  }),
  signedIn('GET', '/account/rate-limits', async ({ account }) => ok({ remaining: limits.peek(account.id).remaining })),
  signedIn('GET', '/account/features', async (call) => list(call.headers.range, [], ['id', 'name'])),
  signedIn('GET', '/account/features/:feature', async (call) => {
    const name = param(call, 'feature');
    const known = appFeatures.some((feature) => feature.name === name);
    throw notFound('account feature', known ? `${name} is a feature of apps, not of accounts.` : undefined);
  }),
  signedIn('GET', '/account/keys', async (call) => list(call.headers.range, [], ['id', 'fingerprint'])),
  signedIn('GET', '/teams', async (call) => list(call.headers.range, [], ['id', 'name'])),
];

/** `~`, one's own id or e-mail; of others nothing is shown. */
export const ownOnly = (call: SignedInCall): void => {
  const user = param(call, 'user').toLowerCase();
  if (user !== '~' && user !== call.account.id && user !== call.account.email.toLowerCase()) throw notFound('user');
};

const change = async (db: Services['db'], call: SignedInCall) => {
  const fields = new Fields(call.body);
  const name = fields.text('name');
  const email = fields.text('email');
  const newPassword = fields.text('new_password');
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw invalidParams(`email: expected an address such as you@example.com, got ${JSON.stringify(email)}.`);
  }
  if (newPassword !== undefined && newPassword.length < minPasswordLength) {
    throw invalidParams(`new_password: expected at least ${minPasswordLength} characters, got ${newPassword.length}.`);
  }
  if (email !== undefined || newPassword !== undefined) {
    const right = await verifyPassword(fields.text('password') ?? '', call.account.passwordHash);
    if (!right)
      throw new PlatformError('forbidden', 'To change e-mail or password, send your current password as `password`.');
  }
  try {
    const changed = await accounts.update(db, call.account.id, {
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...(newPassword === undefined ? {} : { passwordHash: await hashPassword(newPassword) }),
    });
    if (newPassword !== undefined) await revokeOthers(db, call);
    return changed;
  } catch (error) {
    if (isUniqueViolation(error, 'accounts_email')) throw invalidParams(`email: ${email} is already taken.`);
    throw error;
  }
};

/** A new password signs out everywhere else. */
const revokeOthers = async (db: Services['db'], call: SignedInCall): Promise<void> => {
  for (const other of await authorizations.ofAccount(db, call.account.id)) {
    if (other.id !== call.authorization.id) await authorizations.remove(db, other.id);
  }
};
