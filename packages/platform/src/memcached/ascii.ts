import { addTo, parseUint64 } from './arithmetic.ts';
import { asciiLogin } from './ascii-login.ts';
import { storageCommand } from './ascii-storage.ts';
import type { Item } from './cache.ts';
import { expiry } from './clock.ts';
import { limits } from './limits.data.ts';
import { meta } from './meta.ts';
import { type Protocol, type Session, tenantOf } from './session.ts';
import { settingsStatistics, statistics, version } from './statistics.ts';
import type { Tenant } from './tenant.ts';
import { badFormat, mayNot, parseTime } from './words.ts';

const newline = 10;
const carriageReturn = 13;

/** One command of the ASCII protocol (memcached's protocol.txt). */
export const ascii: Protocol = (session, input, from) => {
  const end = input.indexOf(newline, from);
  if (end < 0) return unfinishedLine(session, input, from);
  const line = input.toString('latin1', from, end > from && input[end - 1] === carriageReturn ? end - 1 : end);
  const next = end + 1;
  if (session.login === undefined) return asciiLogin(session, line, input, from, next);
  const words = line.split(' ').filter((word) => word !== '');
  const [name = ''] = words;
  switch (name) {
    case 'get':
    case 'gets':
      read(session, words.slice(1), name === 'gets', undefined);
      return next;
    case 'gat':
    case 'gats':
      readAndTouch(session, words, name === 'gats');
      return next;
    case 'set':
    case 'add':
    case 'replace':
    case 'append':
    case 'prepend':
    case 'cas':
      return storageCommand(session, words, input, from, next);
    case 'mn':
    case 'mg':
    case 'ms':
    case 'md':
    case 'ma':
    case 'me':
      return meta(session, words, input, from, next);
    default:
      simple(session, name, words);
      return next;
  }
};

/** Lists of keys may go on; all else that is so long is no command. */
const unfinishedLine = ({ output, close }: Session, input: Buffer, from: number): number => {
  const length = input.length - from;
  const most = /^ *gets? /.test(input.toString('latin1', from, from + 100)) ? limits.keyListBytes : limits.lineBytes;
  if (length <= most) return -(length + 1);
  output.text('CLIENT_ERROR line too long\r\n');
  close();
  return input.length;
};

const read = (session: Session, keys: readonly string[], withCas: boolean, touch: number | undefined): void => {
  const { output } = session;
  const { cache, counters } = tenantOf(session);
  if (keys.length === 0 && touch === undefined) {
    output.text('ERROR\r\n');
    return;
  }
  for (const key of keys) {
    if (key.length > limits.keyBytes) {
      output.text(badFormat);
      return;
    }
    const item = cache.get(key);
    counters.gets++;
    if (touch !== undefined) counters.touches++;
    if (item === undefined) {
      counters.misses++;
      continue;
    }
    counters.hits++;
    if (touch !== undefined) item.expiresAt = touch;
    item.fetched = true;
    output.text(`VALUE ${key} ${item.flags} ${item.value.length}${withCas ? ` ${item.cas}` : ''}\r\n`);
    output.text(item.value);
    output.text('\r\n');
  }
  output.text('END\r\n');
};

const readAndTouch = (session: Session, words: readonly string[], withCas: boolean): void => {
  if (words.length < 2) {
    session.output.text('ERROR\r\n');
    return;
  }
  const time = parseTime(words[1]);
  if (time === undefined) {
    session.output.text('CLIENT_ERROR invalid exptime argument\r\n');
    return;
  }
  read(session, words.slice(2), withCas, expiry(time));
};

const simple = (session: Session, name: string, words: readonly string[]): void => {
  const command = simpleCommands.get(name);
  if (command === undefined) {
    session.output.text('ERROR\r\n');
    return;
  }
  const quiet = words.length > 1 && words.at(-1) === 'noreply';
  const answer = command(session, words);
  if (answer !== undefined && !quiet) session.output.text(answer);
};

/** Answers what is to be sent, unless the command asked for none. */
type Command = (session: Session, words: readonly string[]) => string | undefined;

const remove: Command = (session, words) => {
  const [, key = '', third, fourth] = words;
  if (key === '' || words.length > 4) return 'ERROR\r\n';
  if (words.length > 2 && !(third === '0' && (fourth === undefined || fourth === 'noreply')) && third !== 'noreply') {
    return 'CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n';
  }
  if (key.length > limits.keyBytes) return badFormat;
  if (!session.login?.credential.canWrite) return mayNot('write');
  const { cache } = tenantOf(session);
  const item = cache.peek(key);
  if (item === undefined) return 'NOT_FOUND\r\n';
  cache.remove(item);
  return 'DELETED\r\n';
};

const count =
  (sign: 1 | -1): Command =>
  (session, words) => {
    const [, key = '', amount = ''] = words;
    if (words.length < 3 || words.length > 4) return 'ERROR\r\n';
    if (key.length > limits.keyBytes) return badFormat;
    const delta = parseUint64(amount);
    if (delta === undefined) return 'CLIENT_ERROR invalid numeric delta argument\r\n';
    if (!session.login?.credential.canWrite) return mayNot('write');
    const { cache } = tenantOf(session);
    const item = cache.peek(key);
    if (item === undefined) return 'NOT_FOUND\r\n';
    const after = addTo(cache, item, delta, sign);
    return after === undefined
      ? 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n'
      : `${String(after)}\r\n`;
  };

const touch: Command = (session, words) => {
  const [, key = '', wanted] = words;
  if (words.length < 3 || words.length > 4) return 'ERROR\r\n';
  if (key.length > limits.keyBytes) return badFormat;
  const time = parseTime(wanted);
  if (time === undefined) return 'CLIENT_ERROR invalid exptime argument\r\n';
  if (!session.login?.credential.canWrite) return mayNot('write');
  const { cache, counters } = tenantOf(session);
  counters.touches++;
  const item: Item | undefined = cache.get(key);
  if (item === undefined) return 'NOT_FOUND\r\n';
  item.expiresAt = expiry(time);
  return 'TOUCHED\r\n';
};

const flush: Command = (session, words) => {
  const args = words.slice(1).filter((word) => word !== 'noreply');
  if (words.length > 3) return 'ERROR\r\n';
  const time = args.length === 0 ? 0 : parseTime(args[0]);
  if (time === undefined) return 'CLIENT_ERROR invalid exptime argument\r\n';
  if (!session.login?.credential.canFlush) return mayNot('flush');
  const { cache, counters } = tenantOf(session);
  counters.flushes++;
  cache.clearAt(time > 0 ? expiry(time) : 0);
  return 'OK\r\n';
};

const stats: Command = (session, words) => {
  const tenant = tenantOf(session);
  const [, what] = words;
  if (what === 'reset') {
    tenant.resetCounters();
    return 'RESET\r\n';
  }
  const rows = what === undefined ? statistics(tenant) : detailed(tenant, what);
  if (rows === undefined) return 'ERROR\r\n';
  return `${rows.map(([name, value]) => `STAT ${name} ${value}\r\n`).join('')}END\r\n`;
};

/** Of slabs there are none here. */
const detailed = (tenant: Tenant, what: string): ReturnType<typeof statistics> | undefined => {
  if (what === 'settings') return settingsStatistics(tenant);
  return ['items', 'slabs', 'sizes', 'conns'].includes(what) ? [] : undefined;
};

const simpleCommands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['delete', remove],
  ['incr', count(1)],
  ['decr', count(-1)],
  ['touch', touch],
  ['flush_all', flush],
  ['stats', stats],
  ['version', () => `VERSION ${version}\r\n`],
  ['verbosity', (_session, words) => (words.length < 2 ? 'ERROR\r\n' : 'OK\r\n')],
  ['shutdown', () => 'ERROR: shutdown not enabled\r\n'],
  [
    'quit',
    ({ close }) => {
      close();
      return undefined;
    },
  ],
]);
