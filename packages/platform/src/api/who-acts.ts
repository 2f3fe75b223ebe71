import type { IncomingHttpHeaders } from 'node:http';
import type { ActingAs } from '../store/acting.ts';
import type { Identity } from './authenticate.ts';

/** Who is behind a request, as events note it. */
export const who = (headers: IncomingHttpHeaders, identity: Identity | undefined): ActingAs => ({
  id: identity?.account.id ?? null,
  email: identity?.account.email ?? null,
  via: door(headers),
});

/** What the client says of itself: a note for people, on which no right rests. */
const door = (headers: IncomingHttpHeaders): string => {
  if (headers['x-ravine-dashboard'] !== undefined) return 'dashboard';
  return /\bheroku-cli\b/i.test(headers['user-agent'] ?? '') ? 'cli' : 'api';
};
