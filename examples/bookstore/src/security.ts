import type { IncomingMessage } from 'node:http';

/** Sent with every answer. Pages have no scripts and no inline styles, so the policy can forbid both. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** Browsers remember for a year to come by https only; sent where they did, but not to names of one's own machine. */
export const httpsOnly = { 'strict-transport-security': 'max-age=31536000' };

/** Whether the browser came over https: the router says so, and lets no visitor say it. */
export function isSecure({ headers }: IncomingMessage): boolean {
  return headers['x-forwarded-proto'] === 'https';
}

export function isOwnMachine({ headers }: IncomingMessage): boolean {
  return /^(.+\.)?localhost(:\d+)?$|^127\.0\.0\.1(:\d+)?$/i.test(headers.host ?? '');
}

/** The same address by https, for a browser that came by http; undefined where it needn't go anywhere. */
export function secureAddress(request: IncomingMessage): string | undefined {
  const { host } = request.headers;
  if (request.headers['x-forwarded-proto'] !== 'http' || host === undefined || isOwnMachine(request)) return undefined;
  return `https://${host}${request.url ?? '/'}`;
}
