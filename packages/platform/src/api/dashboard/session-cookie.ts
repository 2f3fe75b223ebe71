import type { IncomingHttpHeaders } from 'node:http';
import { cookieOf } from '../cookies.ts';
import { isSameOrigin } from '../same-origin.ts';

/** Only this host sets it, only over TLS or on loopback, for every path (RFC 6265bis section 4.1.3.2). */
const cookieName = '__Host-ravine';
/** Sent by the dashboard's own scripts; a page of another origin can't send it without asking first, which is refused. */
const scriptHeader = 'x-ravine-dashboard';
const attributes = 'Path=/; HttpOnly; Secure; SameSite=Lax';

/** How long a browser stays signed in. */
export const sessionSeconds = 14 * 86_400;

export const sessionCookie = (token: string): string =>
  `${cookieName}=${token}; Max-Age=${sessionSeconds}; ${attributes}`;

export const noSessionCookie = `${cookieName}=; Max-Age=0; ${attributes}`;

/** The token in the browser's cookie, whoever made the browser send it. */
const cookieToken = (headers: IncomingHttpHeaders): string | undefined => cookieOf(headers, cookieName);

/**
 * The token of the dashboard's session, if the dashboard itself asks: a cookie alone authorizes nothing, since pages of
 * other sites make browsers send it too.
 */
export const sessionToken = (headers: IncomingHttpHeaders): string | undefined =>
  headers[scriptHeader] === '1' && isSameOrigin(headers) ? cookieToken(headers) : undefined;

/**
 * The token of the dashboard's session for a page without scripts: one that its reader opened from the terminal or the address bar,
 * or the form on it. To a page that another site leads to, or a form that another site sends, nobody is signed in.
 */
export const pageSessionToken = (headers: IncomingHttpHeaders): string | undefined => {
  const site = headers['sec-fetch-site'];
  return site === 'none' || site === 'same-origin' ? cookieToken(headers) : undefined;
};
