import { addTo } from './arithmetic.ts';
import { skipTo } from './ascii-storage.ts';
import type { Item, StoreMode, StoreResult } from './cache.ts';
import { expiry, seconds, timeLeft } from './clock.ts';
import { limits } from './limits.data.ts';
import { answeredFlags, type MetaRequest, metaRequest } from './meta-flags.ts';
import { metaGet } from './meta-get.ts';
import { type Session, tenantOf } from './session.ts';
import { badFormat, mayNot } from './words.ts';

const modes: ReadonlyMap<string, StoreMode> = new Map([
  ['E', 'add'],
  ['A', 'append'],
  ['P', 'prepend'],
  ['R', 'replace'],
  ['S', 'set'],
]);

const codes: Readonly<Record<StoreResult, string>> = {
  stored: 'HD',
  not_stored: 'NS',
  exists: 'EX',
  not_found: 'NF',
  too_large: 'SERVER_ERROR object too large for cache',
};

/** One meta command (memcached's protocol.txt, "Meta Commands"). @returns as {@link Protocol} does. */
export const meta = (session: Session, words: readonly string[], input: Buffer, from: number, next: number): number => {
  const [name, key, ...flags] = words;
  const { output } = session;
  if (name === 'mn') output.text('MN\r\n');
  else if (name === 'me') output.text(debugLine(session, key));
  else if (name === 'ms') return metaSet(session, key, flags, input, from, next);
  else if (key === undefined) output.text('ERROR\r\n');
  else {
    const request = metaRequest(key, flags);
    if (typeof request === 'string') output.text(name === 'mg' ? request : vague(request));
    else if (name === 'mg') metaGet(session, request);
    else if (name === 'md') output.text(metaDelete(session, request));
    else output.text(metaArithmetic(session, request));
  }
  return next;
};

/** md and ma don't say what is wrong with a flag. */
const vague = (error: string): string =>
  /flag|token/.test(error) ? 'CLIENT_ERROR invalid or duplicate flag\r\n' : error;

const metaSet = (
  session: Session,
  key: string | undefined,
  [lengthWord = '', ...flags]: readonly string[],
  input: Buffer,
  from: number,
  next: number,
): number => {
  const { output } = session;
  const length = /^\d{1,10}$/.test(lengthWord) ? Number(lengthWord) : -1;
  if (key === undefined || length < 0 || length > 2 ** 31 - 3) {
    output.text(key === undefined ? 'ERROR\r\n' : badFormat);
    return next;
  }
  const end = next + length + 2;
  const request = metaRequest(key, flags);
  const mode = typeof request === 'string' ? undefined : modes.get((request.token('M') ?? 'S').toUpperCase());
  const refusal =
    typeof request === 'string'
      ? request
      : mode === undefined
        ? 'CLIENT_ERROR invalid mode for ms M token\r\n'
        : length > limits.valueBytes
          ? `${codes.too_large}\r\n`
          : session.login?.credential.canWrite
            ? undefined
            : mayNot('write');
  if (refusal !== undefined || typeof request === 'string' || mode === undefined) {
    output.text(refusal ?? '');
    return skipTo(session, end, input);
  }
  if (end > input.length) return from - end;
  const { cache, counters } = tenantOf(session);
  counters.sets++;
  if (input[end - 2] !== 13 || input[end - 1] !== 10) {
    output.text('CLIENT_ERROR bad data chunk\r\n');
    return end;
  }
  const result = cache.store({
    mode,
    key: request.key,
    value: input.toString('latin1', next, end - 2),
    flags: Number(request.token('F') ?? 0),
    expiresAt: expiry(request.number('T') ?? 0),
    cas: Number(request.big('C') ?? 0n),
    invalidate: request.token('I') !== undefined,
  });
  if (result === 'stored' && request.quiet) return end;
  const cas = cache.peek(request.key)?.cas ?? 0;
  output.text(`${codes[result]}${answeredFlags(request, (letter) => (letter === 'c' ? ` c${cas}` : ''))}\r\n`);
  return end;
};

const metaDelete = (session: Session, request: MetaRequest): string => {
  if (!session.login?.credential.canWrite) return mayNot('write');
  const { cache } = tenantOf(session);
  const item = cache.peek(request.key);
  if (item === undefined) return `NF${answeredFlags(request)}\r\n`;
  const cas = request.big('C');
  if (cas !== undefined && cas !== BigInt(item.cas)) return `EX${answeredFlags(request)}\r\n`;
  if (request.token('I') === undefined) cache.remove(item);
  else {
    const time = request.number('T');
    if (time !== undefined) item.expiresAt = expiry(time);
    item.stale = true;
    item.won = false;
    item.cas = cache.nextCas();
  }
  return request.quiet ? '' : `HD${answeredFlags(request)}\r\n`;
};

const metaArithmetic = (session: Session, request: MetaRequest): string => {
  const sign = ({ I: 1, '+': 1, D: -1, '-': -1 } as const)[(request.token('M') ?? 'I').toUpperCase()];
  if (sign === undefined) return 'CLIENT_ERROR invalid mode for ma M token\r\n';
  if (!session.login?.credential.canWrite) return mayNot('write');
  const { cache } = tenantOf(session);
  let item = cache.peek(request.key);
  const time = request.number('T');
  if (item === undefined) {
    const lives = request.number('N');
    if (lives === undefined) return `NF${answeredFlags(request)}\r\n`;
    const value = String(request.big('J') ?? 0n);
    cache.store({ mode: 'set', key: request.key, value, flags: 0, expiresAt: expiry(lives), cas: 0 });
    item = cache.peek(request.key);
  } else {
    const cas = request.big('C');
    if (cas !== undefined && cas !== 0n && cas !== BigInt(item.cas)) return `EX${answeredFlags(request)}\r\n`;
    if (addTo(cache, item, request.big('D') ?? 1n, sign) === undefined) {
      return 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n';
    }
    if (time !== undefined) item.expiresAt = expiry(time);
  }
  if (request.quiet || item === undefined) return '';
  const value = item.value.trimEnd();
  const flags = answeredFlags(request, (letter) => arithmeticFlag(letter, item));
  return request.token('v') === undefined ? `HD${flags}\r\n` : `VA ${value.length}${flags}\r\n${value}\r\n`;
};

const arithmeticFlag = (letter: string, item: Item): string =>
  letter === 't' ? ` t${timeLeft(item.expiresAt)}` : letter === 'c' ? ` c${item.cas}` : '';

const debugLine = (session: Session, key: string | undefined): string => {
  if (key === undefined || key.length > limits.keyBytes) return badFormat;
  const item = tenantOf(session).cache.peek(key);
  if (item === undefined) return 'EN\r\n';
  const facts = {
    exp: timeLeft(item.expiresAt),
    la: seconds() - item.usedAt,
    cas: item.cas,
    fetch: item.fetched ? 'yes' : 'no',
    cls: 1,
    size: item.value.length,
  };
  const text = Object.entries(facts).map(([name, value]) => `${name}=${value}`);
  return `ME ${key} ${text.join(' ')}\r\n`;
};
