import { invalidParams, notFound, unauthorized } from '../../contract/platform-error.ts';
import { authorizationShape } from '../../contract/shapes/authorization.ts';
import { hashToken, newToken } from '../../secrets/token.ts';
import type { Account } from '../../store/accounts.ts';
import { type Authorization, authorizations } from '../../store/authorizations.ts';
import type { Database } from '../../store/database.ts';
import { isUuid } from '../../store/is-uuid.ts';
import { created, list, ok } from '../answer.ts';
import { authenticate, readBasic } from '../authenticate.ts';
import { anyone, type Call, type Endpoint, param, type SignedInCall, signedIn } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Logins } from '../logins.ts';
import type { Services } from '../services.ts';
import { secondFactorOf } from './two-factor.ts';

const shownStart = 9;
const shownEnd = 4;

/** The ends of a token that stay readable, so that one can tell one's tokens apart. */
const ends = (token: string) => ({ tokenPrefix: token.slice(0, shownStart), tokenSuffix: token.slice(-shownEnd) });

/** Makes a token for an account; the only moment at which the whole of it is known. */
export const grant = async (
  db: Database,
  account: Pick<Account, 'id'>,
  wanted: {
    readonly description: string;
    readonly scope: readonly string[];
    readonly expiresAt: Date | null;
    readonly browser?: boolean;
  },
): Promise<{ authorization: Authorization; token: string }> => {
  const token = newToken();
  const authorization = await authorizations.insert(db, {
    accountId: account.id,
    description: wanted.description,
    scope: [...wanted.scope],
    tokenHash: hashToken(token),
    ...ends(token),
    expiresAt: wanted.expiresAt,
    browser: wanted.browser ?? false,
  });
  return { authorization, token };
};

export const authorizationEndpoints = ({ db, now }: Pick<Services, 'db' | 'now'>, logins: Logins): Endpoint[] => {
  const shape = (account: Account, authorization: Authorization, token?: string) =>
    authorizationShape(authorization, account, token, now());

  const find = async (call: SignedInCall): Promise<Authorization> => {
    const id = param(call, 'authorization');
    const found =
      id === '~' ? call.authorization : isUuid(id) ? await authorizations.byId(db, call.account.id, id) : undefined;
    if (found === undefined) throw notFound('authorization');
    return found;
  };

  const create = async (call: Call) => {
    const account = await whoAsks(db, logins, call);
    const fields = new Fields(call.body);
    const expiresIn = fields.integer('expires_in', 1, 10 * 365 * 86_400);
    const { authorization, token } = await grant(db, account, {
      description: fields.text('description') ?? '',
      scope: readScope(fields),
      expiresAt: expiresIn === undefined ? null : new Date(now().getTime() + expiresIn * 1000),
    });
    return created(shape(account, authorization, token));
  };

  return [
    anyone('POST', '/oauth/authorizations', create, { secret: true }),
    signedIn('GET', '/oauth/authorizations', async (call) => {
      const all = await authorizations.ofAccount(db, call.account.id);
      const alive = all.filter(({ browser, expiresAt }) => !browser && (expiresAt === null || expiresAt > now()));
      return list(
        call.headers.range,
        alive.map((one) => shape(call.account, one)),
        ['id'],
      );
    }),
    signedIn('GET', '/oauth/authorizations/:authorization', async (call) => {
      // `~` on Heroku is the account's API key, which the CLI must not revoke at logout; here there is none.
      if (param(call, 'authorization') === '~') throw notFound('authorization');
      return ok(shape(call.account, await find(call)));
    }),
    signedIn('PATCH', '/oauth/authorizations/:authorization', async (call) => {
      const description = new Fields(call.body).text('description');
      const found = await find(call);
      return ok(
        shape(
          call.account,
          description === undefined ? found : await authorizations.update(db, found.id, { description }),
        ),
      );
    }),
    signedIn('DELETE', '/oauth/authorizations/:authorization', async (call) => {
      const found = await find(call);
      await authorizations.remove(db, found.id);
      return ok(shape(call.account, found));
    }),
    signedIn(
      'POST',
      '/oauth/authorizations/:authorization/actions/regenerate-tokens',
      async (call) => {
        const token = newToken();
        const changed = await authorizations.update(db, (await find(call)).id, {
          tokenHash: hashToken(token),
          ...ends(token),
        });
        return created(shape(call.account, changed, token));
      },
      { secret: true },
    ),
    signedIn('GET', '/oauth/clients', async (call) => list(call.headers.range, [], ['id'])),
  ];
};

/** A token, or here alone an e-mail address and its password. */
const whoAsks = async (db: Database, logins: Logins, call: Call): Promise<Account> => {
  const { authorization: header } = call.headers;
  const basic = readBasic(header);
  if (basic === undefined || !basic.user.includes('@')) return (await authenticate(db, call.headers)).account;
  if (basic.password === '') throw unauthorized();
  return logins.check(basic.user, basic.password, call.request.socket.remoteAddress ?? '', secondFactorOf(call));
};

const scopes = ['global', 'identity', 'read', 'write', 'read-protected', 'write-protected'];

const readScope = (fields: Fields): string[] => {
  const wanted = fields.array('scope') ?? ['global'];
  return wanted.map((scope) => {
    if (scope === 'global') return scope;
    const known = typeof scope === 'string' && scopes.includes(scope);
    throw invalidParams(
      known
        ? `scope: only global tokens exist in this version of Ravine, not ${scope}.`
        : `scope: expected "global", got ${JSON.stringify(scope)}.`,
    );
  });
};
