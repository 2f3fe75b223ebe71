import type { ServerResponse } from 'node:http';
import { forbidden, PlatformError, unauthorized } from '../../contract/platform-error.ts';
import { accounts } from '../../store/accounts.ts';
import { authorizations } from '../../store/authorizations.ts';
import type { LoginRequest } from '../../store/login-requests.ts';
import { ok, type WrittenAnswer } from '../answer.ts';
import { browserAccount } from '../authenticate.ts';
import { cookieOf } from '../cookies.ts';
import { anyone, type Call, type Endpoint, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import type { Logins } from '../logins.ts';
import { grant } from '../resources/authorizations.ts';
import { isSameOrigin } from '../same-origin.ts';
import type { Services } from '../services.ts';
import { TokenBuckets } from '../token-buckets.ts';
import { type LoginView, sendLoginPage } from './login-page.ts';
import { LoginRequests } from './login-requests.ts';
import { loginWords } from './login-words.data.ts';

const tokenMs = 30 * 86_400_000;
const requestsPerHour = 120;
/** The CLI gives up a connection that is silent for a minute; whitespace before the JSON keeps it. */
const dripMs = 15_000;
const maxDescription = 200;
/** In which the dashboard notes the language that was chosen there. */
const languageCookie = 'ravine-language';

/** The three steps of `heroku login`: the CLI asks, the browser decides, the CLI gets its token. */
export const browserLoginEndpoints = ({ db, now }: Pick<Services, 'db' | 'now'>, logins: Logins): Endpoint[] => {
  const requests = new LoginRequests(db, now);
  const limit = new TokenBuckets(requestsPerHour, requestsPerHour, now);

  const ask = async (call: Call) => {
    const take = limit.take(call.request.socket.remoteAddress ?? '');
    if (!take.granted) {
      throw new PlatformError(
        'rate_limit',
        'Too many logins were begun from your address. Wait a while, then try again.',
        {
          retryAfterSeconds: take.retryAfterSeconds,
        },
      );
    }
    const description = new Fields(call.body).text('description') ?? 'A command line';
    const { id, cliSecret, browserSecret } = await requests.begin(description.slice(0, maxDescription));
    return ok({ browser_url: `/login/cli/${browserSecret}`, cli_url: `/auth/cli/${id}`, token: cliSecret });
  };

  /** Sends the token, and takes it back when the CLI was not there to get it. */
  const handOver = async (res: ServerResponse, request: LoginRequest): Promise<void> => {
    const account = request.accountId === null ? undefined : await accounts.byId(db, request.accountId);
    if (account === undefined || !(await requests.use(request))) {
      res.end(JSON.stringify({ error: 'This login has been used already. Run the command again.' }));
      return;
    }
    const expiresAt = new Date(now().getTime() + tokenMs);
    const { authorization, token } = await grant(db, account, {
      description: request.description,
      scope: ['global'],
      expiresAt,
    });
    if (await delivers(res, JSON.stringify({ access_token: token }))) return;
    await authorizations.remove(db, authorization.id);
    await requests.giveBack(request);
  };

  const fetchToken = async (call: Call): Promise<WrittenAnswer> => {
    const secret = /^Bearer\s+(\S+)$/i.exec(call.headers.authorization ?? '')?.[1] ?? '';
    const known = await requests.byCliSecret(secret);
    if (known === undefined || known.id !== param(call, 'login')) throw unauthorized();
    return {
      kind: 'written',
      write: async (_req, res) => {
        res.writeHead(200, { 'content-type': 'application/json;charset=utf-8' });
        res.flushHeaders();
        const drip = setInterval(() => res.write(' '), dripMs);
        try {
          const decided = await requests.decided(secret, call.signal);
          if (decided?.state === 'granted' || decided?.state === 'used') await handOver(res, decided);
          else
            res.end(
              JSON.stringify({
                error:
                  decided === undefined
                    ? 'This login took too long. Run the command again.'
                    : 'The login was refused in the browser.',
              }),
            );
        } catch (error) {
          if (!call.signal.aborted) throw error;
        } finally {
          clearInterval(drip);
        }
      },
    };
  };

  /** Whoever is signed in to the dashboard is asked for a yes alone, unless they want to be somebody else. */
  const show = async (call: Call): Promise<WrittenAnswer> => {
    const request = await requests.waiting(param(call, 'secret'));
    if (request === undefined) return page(call, 404, { kind: 'gone' });
    const known = new Fields(call.query).has('another') ? undefined : await browserAccount(db, call.headers);
    if (known === undefined) return page(call, 200, blankForm(request));
    return page(call, 200, { kind: 'known', description: request.description, email: known.email, id: known.id });
  };

  /** The yes is that of the account which the page named: another may have signed in meanwhile. */
  const confirm = async (call: Call, request: LoginRequest, id: string | undefined): Promise<WrittenAnswer> => {
    const known = await browserAccount(db, call.headers);
    if (known === undefined || known.id !== id) return page(call, 401, blankForm(request));
    if (!(await requests.grant(request, known.id))) return page(call, 404, { kind: 'gone' });
    return page(call, 200, { kind: 'done', email: known.email });
  };

  const decide = async (call: Call): Promise<WrittenAnswer> => {
    if (!isSameOrigin(call.headers)) throw forbidden('This form can only be sent from its own page.');
    const request = await requests.waiting(param(call, 'secret'));
    if (request === undefined) return page(call, 404, { kind: 'gone' });
    const fields = new Fields(call.body);
    if (fields.text('decision') === 'deny') {
      await requests.deny(request);
      return page(call, 200, { kind: 'denied' });
    }
    if (fields.text('decision') === 'confirm') return confirm(call, request, fields.text('account'));
    const email = (fields.text('email') ?? '').trim();
    try {
      const [password, code] = [fields.text('password') ?? '', fields.text('second_factor')?.trim() || undefined];
      const account = await logins.check(email, password, call.request.socket.remoteAddress ?? '', code);
      if (!(await requests.grant(request, account.id))) return page(call, 404, { kind: 'gone' });
      return page(call, 200, { kind: 'done', email: account.email });
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      const asksCode = error.id === 'two_factor' || fields.has('second_factor');
      return page(call, error.status, { ...blankForm(request), email, problem: error.message, asksCode });
    }
  };

  return [
    anyone('POST', '/auth', ask, { secret: true }),
    anyone('GET', '/auth/cli/:login', fetchToken),
    anyone('GET', '/login/cli/:secret', show),
    anyone('POST', '/login/cli/:secret', decide, { body: 'form' }),
  ];
};

const blankForm = ({ description }: LoginRequest): LoginView & { kind: 'form' } => ({
  kind: 'form',
  description,
  email: '',
  problem: undefined,
  asksCode: false,
});

const page = (call: Call, status: number, view: LoginView): WrittenAnswer => ({
  kind: 'written',
  write: async (_req, res) =>
    sendLoginPage(
      res,
      status,
      view,
      loginWords(cookieOf(call.headers, languageCookie) ?? call.headers['accept-language']),
    ),
});

/** Ends the answer and tells whether the connection took it. */
const delivers = (res: ServerResponse, text: string): Promise<boolean> =>
  new Promise((resolve) => {
    if (res.destroyed || res.socket === null || res.socket.destroyed) return resolve(false);
    res.once('finish', () => resolve(true));
    res.once('close', () => resolve(res.writableFinished));
    res.end(text);
  });
