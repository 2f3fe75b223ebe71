import type { Cache, Item } from './cache.ts';
import { expiry, seconds, timeLeft } from './clock.ts';
import { answeredFlags, type MetaRequest } from './meta-flags.ts';
import { type Session, tenantOf } from './session.ts';
import { mayNot } from './words.ts';

const writingFlags = 'NT';

/** `mg`: an item's value, what is known of it, and whether this client is the one to make it anew. */
export const metaGet = (session: Session, request: MetaRequest): void => {
  const { output } = session;
  const { cache, counters } = tenantOf(session);
  if (!session.login?.credential.canWrite && request.flags.some(([letter]) => writingFlags.includes(letter))) {
    output.text(mayNot('write'));
    return;
  }
  counters.gets++;
  const { item, made } = find(cache, request);
  if (made || item === undefined) counters.misses++;
  else counters.hits++;
  if (item === undefined) {
    if (!request.quiet) output.text(`EN${answeredFlags(request)}\r\n`);
    return;
  }
  const before = { fetched: item.fetched, idleSeconds: seconds() - item.usedAt };
  const flags = answeredFlags(request, (letter, token) => shown(letter, token, item, before));
  const marks = winMarks(item, made || isDueForRecache(item, made, request));
  if (request.token('v') === undefined) output.text(`HD${flags}${marks}\r\n`);
  else {
    output.text(`VA ${item.value.length}${flags}${marks}\r\n`);
    output.text(item.value);
    output.text('\r\n');
  }
  item.fetched = true;
  cache.get(request.key); // From now on it counts as used; what was shown is from before.
};

const find = (cache: Cache, request: MetaRequest): { item: Item | undefined; made: boolean } => {
  const item = cache.peek(request.key);
  const lives = request.number('N');
  if (item !== undefined || lives === undefined) return { item, made: false };
  cache.store({ mode: 'add', key: request.key, value: '', flags: 0, expiresAt: expiry(lives), cas: 0 });
  return { item: cache.peek(request.key), made: true };
};

/** Whether it expires so soon that somebody should have another one ready. */
const isDueForRecache = (item: Item, made: boolean, request: MetaRequest): boolean => {
  const soon = request.number('R');
  return soon !== undefined && !item.won && !made && item.expiresAt !== 0 && item.expiresAt < expiry(soon);
};

/** W: this client makes it anew; X: it is out of date; Z: another client was told to make it anew. */
const winMarks = (item: Item, wins: boolean): string => {
  const hasWinner = item.won;
  const won = wins || (item.stale && !hasWinner);
  if (won) item.won = true;
  return `${hasWinner ? ' Z' : ''}${item.stale ? ' X' : ''}${won ? ' W' : ''}`;
};

const shown = (
  letter: string,
  token: string,
  item: Item,
  before: { readonly fetched: boolean; readonly idleSeconds: number },
): string => {
  switch (letter) {
    case 'T':
      item.expiresAt = expiry(Number(token));
      return '';
    case 's':
      return ` s${item.value.length}`;
    case 't':
      return ` t${timeLeft(item.expiresAt)}`;
    case 'c':
      return ` c${item.cas}`;
    case 'f':
      return ` f${item.flags}`;
    case 'l':
      return ` l${before.idleSeconds}`;
    case 'h':
      return ` h${before.fetched ? 1 : 0}`;
    default:
      return '';
  }
};
