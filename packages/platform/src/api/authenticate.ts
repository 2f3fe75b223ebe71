import type { IncomingHttpHeaders } from 'node:http';
import { unauthorized } from '../contract/platform-error.ts';
import { hashToken } from '../secrets/token.ts';
import { type Account, accounts } from '../store/accounts.ts';
import { type Authorization, authorizations } from '../store/authorizations.ts';
import type { Database } from '../store/database.ts';
import { pageSessionToken, sessionToken } from './dashboard/session-cookie.ts';

export interface Identity {
  readonly account: Account;
  readonly authorization: Authorization;
}

/** User and password of an `Authorization: Basic` header (RFC 7617), or undefined. */
export const readBasic = (header: string | undefined): { user: string; password: string } | undefined => {
  const encoded = /^Basic\s+([A-Za-z0-9+/_=-]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
};

/** The token of `Bearer T`, `Basic user:T` or `Basic :T`. */
const readToken = (header: string | undefined): string | undefined =>
  /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1] ?? readBasic(header)?.password;

/** What identifies a request, as an `Authorization` header: the one it has, else its dashboard session's. */
export const credentials = (headers: IncomingHttpHeaders): string | undefined => {
  if (headers.authorization !== undefined) return headers.authorization;
  const token = sessionToken(headers);
  return token === undefined ? undefined : `Bearer ${token}`;
};

const identify = async (db: Database, token: string): Promise<Identity | undefined> => {
  const authorization = await authorizations.byTokenHash(db, hashToken(token));
  const account = authorization === undefined ? undefined : await accounts.byId(db, authorization.accountId);
  return authorization === undefined || account === undefined ? undefined : { account, authorization };
};

/**
 * Who sends a request: a token as a Bearer or as the password of Basic, or the dashboard's cookie. Neither does for the
 * other.
 * @throws PlatformError unauthorized when there is none, or it is unknown, revoked or expired.
 */
export const authenticate = async (db: Database, headers: IncomingHttpHeaders): Promise<Identity> => {
  const token = readToken(credentials(headers));
  if (token === undefined || token === '') throw unauthorized();
  const identity = await identify(db, token);
  if (identity === undefined) throw unauthorized();
  if (identity.authorization.browser !== (headers.authorization === undefined)) throw unauthorized();
  return identity;
};

/** Who is signed in to the dashboard in the browser that opens a page of ours; undefined is nobody. */
export const browserAccount = async (db: Database, headers: IncomingHttpHeaders): Promise<Account | undefined> => {
  const token = pageSessionToken(headers);
  const identity = token === undefined ? undefined : await identify(db, token);
  return identity?.authorization.browser === true ? identity.account : undefined;
};
