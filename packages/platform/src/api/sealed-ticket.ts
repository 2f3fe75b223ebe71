import { UnsealError } from '../secrets/keyring.ts';
import type { Services } from './services.ts';

type Sealer = Services['keyring'];

/** Makes a text that opens one thing for a while, for addresses that are used without a token. */
export const newTicket = (keyring: Sealer, purpose: string, subject: string, expiresAt: Date): string =>
  keyring.seal(`${expiresAt.getTime()} ${subject}`, `ticket:${purpose}`).toString('base64url');

/** What the ticket was made for, or undefined when it is forged, for another purpose, or expired. */
export const openTicket = (keyring: Sealer, purpose: string, ticket: string, now: Date): string | undefined => {
  try {
    const text = keyring.open(Buffer.from(ticket, 'base64url'), `ticket:${purpose}`).toString('utf8');
    const space = text.indexOf(' ');
    return Number(text.slice(0, space)) > now.getTime() ? text.slice(space + 1) : undefined;
  } catch (error) {
    if (error instanceof UnsealError) return undefined;
    throw error;
  }
};
