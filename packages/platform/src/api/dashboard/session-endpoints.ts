import { forbidden, notFound, unauthorized } from '../../contract/platform-error.ts';
import { timestamp } from '../../contract/shapes/complete.ts';
import { hashToken, newToken } from '../../secrets/token.ts';
import { type Account, accounts } from '../../store/accounts.ts';
import { type Authorization, authorizations } from '../../store/authorizations.ts';
import { isUuid } from '../../store/is-uuid.ts';
import { signInLinks } from '../../store/sign-in-links.ts';
import { created, list, ok, type WrittenAnswer } from '../answer.ts';
import { anyone, type Call, type Endpoint, param, type SignedInCall, signedIn } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Logins } from '../logins.ts';
import { grant } from '../resources/authorizations.ts';
import { isSameOrigin } from '../same-origin.ts';
import type { Services } from '../services.ts';
import { describeBrowser } from './describe-browser.ts';
import { noSessionCookie, sessionCookie, sessionSeconds } from './session-cookie.ts';

const linkMs = 10 * 60_000;
const home = '/dashboard/';

/** Signing in to the dashboard and out of it, and the browsers that are signed in. */
export const dashboardSessionEndpoints = ({ db, now }: Pick<Services, 'db' | 'now'>, logins: Logins): Endpoint[] => {
  const begin = async (account: Pick<Account, 'id'>, call: Call): Promise<string> => {
    const { token } = await grant(db, account, {
      description: describeBrowser(call.headers['user-agent']),
      scope: ['global'],
      expiresAt: new Date(now().getTime() + sessionSeconds * 1000),
      browser: true,
    });
    return sessionCookie(token);
  };

  const signIn = async (call: Call) => {
    if (!isSameOrigin(call.headers)) throw forbidden('Sign in on the dashboard itself.');
    const fields = new Fields(call.body);
    const [email, password] = [fields.requiredText('email').trim(), fields.requiredText('password')];
    const code = fields.text('second_factor')?.trim() || undefined;
    const account = await logins.check(email, password, call.request.socket.remoteAddress ?? '', code);
    const answer = created({ email: account.email });
    return { ...answer, headers: { 'set-cookie': await begin(account, call) } };
  };

  /** A link that somebody else's page leads to would sign its reader in as that somebody. */
  const enter = async (call: Call): Promise<WrittenAnswer> => {
    const site = call.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'none' && site !== 'same-origin') {
      throw forbidden('Open this link from your terminal, or paste it into the address bar.');
    }
    const accountId = await signInLinks.use(db, hashToken(param(call, 'link')), now());
    const account = accountId === undefined ? undefined : await accounts.byId(db, accountId);
    const cookie = account === undefined ? undefined : await begin(account, call);
    return {
      kind: 'written',
      write: async (_req, res) => {
        const headers = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', location: home };
        res.writeHead(303, cookie === undefined ? headers : { ...headers, 'set-cookie': cookie }).end();
      },
    };
  };

  const find = async (call: SignedInCall): Promise<Authorization> => {
    const id = param(call, 'session');
    const found = isUuid(id) ? await authorizations.byId(db, call.account.id, id) : undefined;
    if (found?.browser !== true) throw notFound('session');
    return found;
  };

  return [
    anyone('POST', '/dashboard/session', signIn, { secret: true }),
    signedIn('DELETE', '/dashboard/session', async ({ authorization }) => {
      if (!authorization.browser) throw unauthorized('This is no session of the dashboard.');
      await authorizations.remove(db, authorization.id);
      return { ...ok({}), headers: { 'set-cookie': noSessionCookie } };
    }),
    signedIn(
      'POST',
      '/dashboard/links',
      async (call) => {
        const [token, expiresAt] = [newToken(''), new Date(now().getTime() + linkMs)];
        await signInLinks.insert(db, { tokenHash: hashToken(token), accountId: call.account.id, expiresAt });
        return created({ url: `${call.base}/dashboard/enter/${token}`, expires_at: timestamp(expiresAt) });
      },
      { secret: true },
    ),
    anyone('GET', '/dashboard/enter/:link', enter),
    signedIn('GET', '/oauth/sessions', async (call) => {
      const own = await authorizations.ofAccount(db, call.account.id);
      const alive = own.filter(({ browser, expiresAt }) => browser && (expiresAt === null || expiresAt > now()));
      return list(
        call.headers.range,
        alive.map((one) => sessionShape(one, one.id === call.authorization.id)),
        ['id'],
      );
    }),
    signedIn('DELETE', '/oauth/sessions/:session', async (call) => {
      const found = await find(call);
      await authorizations.remove(db, found.id);
      return ok(sessionShape(found, found.id === call.authorization.id));
    }),
  ];
};

/** The schema package has no type of it; Platform API reference, "OAuth Session". `current` is ours. */
const sessionShape = ({ id, description, createdAt, updatedAt, expiresAt }: Authorization, current: boolean) => ({
  created_at: timestamp(createdAt),
  current,
  description,
  expires_at: expiresAt === null ? null : timestamp(expiresAt),
  id,
  updated_at: timestamp(updatedAt),
});
