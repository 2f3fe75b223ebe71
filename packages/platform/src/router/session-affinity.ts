import type { DynoTarget } from './dyno-target.ts';
import type { Exchange } from './exchange.ts';

const name = 'heroku-session-affinity';
const lifeSeconds = 24 * 60 * 60;
const cookiePattern = new RegExp(`^cookie:(?:[^\\r\\n]*[;\\t ])?${name}=([\\w-]+)`, 'im');

const wanted = ({ app, head }: Exchange): string | undefined =>
  app?.sessionAffinity ? cookiePattern.exec(head?.fields ?? '')?.[1] : undefined;

/**
 * The dyno that served this visitor before, while it is there. A visitor can only name dynos of the app it asks.
 * @see Dev Center "Session Affinity"
 */
export const dynoOfSession = (exchange: Exchange, targets: readonly DynoTarget[]): DynoTarget | undefined => {
  const key = wanted(exchange);
  return key === undefined ? undefined : targets.find((target) => target.affinityKey === key);
};

/** The field that binds a visitor to the dyno that answers; empty when it is bound already or the app doesn't ask for it. */
export const affinityCookie = (exchange: Exchange): string => {
  const { app, target, visitor } = exchange;
  if (!app?.sessionAffinity || !target || wanted(exchange) === target.affinityKey) return '';
  return `Set-Cookie: ${name}=${target.affinityKey}; Max-Age=${lifeSeconds}; Path=/; HttpOnly${visitor.secure ? '; Secure' : ''}\r\n`;
};
