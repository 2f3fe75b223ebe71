import { unauthorized } from '../contract/platform-error.ts';
import { hashToken } from '../secrets/token.ts';
import { type Account, accounts } from '../store/accounts.ts';
import { type Authorization, authorizations } from '../store/authorizations.ts';
import type { Database } from '../store/database.ts';

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

/**
 * Who sends this `Authorization` header; tokens only, as a Bearer or as the password of Basic.
 * @throws PlatformError unauthorized when there is none, or it is unknown, revoked or expired.
 */
export const authenticate = async (db: Database, header: string | undefined): Promise<Identity> => {
  const token = readToken(header);
  if (token === undefined || token === '') throw unauthorized();
  const authorization = await authorizations.byTokenHash(db, hashToken(token));
  const account = authorization === undefined ? undefined : await accounts.byId(db, authorization.accountId);
  if (authorization === undefined || account === undefined) throw unauthorized();
  return { account, authorization };
};
