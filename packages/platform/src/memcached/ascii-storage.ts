import { parseUint64 } from './arithmetic.ts';
import type { StoreMode, StoreResult } from './cache.ts';
import { expiry } from './clock.ts';
import { limits } from './limits.data.ts';
import { type Session, tenantOf } from './session.ts';
import { badFormat, mayNot, parseFlags, parseTime } from './words.ts';

const largestLength = 2 ** 31 - 1 - 2;

const answers: Readonly<Record<StoreResult, string>> = {
  stored: 'STORED\r\n',
  not_stored: 'NOT_STORED\r\n',
  exists: 'EXISTS\r\n',
  not_found: 'NOT_FOUND\r\n',
  too_large: 'SERVER_ERROR object too large for cache\r\n',
};

/** `set key flags exptime bytes [noreply]` and its like, with the data that follows. @returns as {@link Protocol} does. */
export const storageCommand = (
  session: Session,
  words: readonly string[],
  input: Buffer,
  from: number,
  next: number,
): number => {
  const { output } = session;
  const [name = '', key = '', flagsWord = '', time, lengthWord, casWord = ''] = words;
  const needed = name === 'cas' ? 6 : 5;
  if (words.length < needed || words.length > needed + 1) {
    output.text('ERROR\r\n');
    return next;
  }
  const flags = parseFlags(flagsWord);
  const [seconds, length] = [parseTime(time), parseTime(lengthWord)];
  const cas = name === 'cas' ? parseUint64(casWord) : 0n;
  const isWrong = flags === undefined || seconds === undefined || length === undefined || cas === undefined;
  const quiet = words.at(needed) === 'noreply';
  if (isWrong || key.length > limits.keyBytes || length < 0 || length > largestLength) {
    if (!quiet) output.text(badFormat);
    return next;
  }
  const { cache, counters } = tenantOf(session);
  const mode = name === 'cas' ? 'set' : (name as StoreMode); // one of the six that lead here
  const request = { mode, key, flags, expiresAt: expiry(seconds), cas: Number(cas) };
  if (length > limits.valueBytes) {
    const older = mode === 'set' && session.login?.credential.canWrite ? cache.peek(key) : undefined;
    if (older !== undefined) cache.remove(older);
    if (!quiet) output.text(answers.too_large);
    return skipTo(session, next + length + 2, input);
  }
  const end = next + length + 2;
  if (end > input.length) return from - end;
  counters.sets++;
  if (input[end - 2] !== 13 || input[end - 1] !== 10) {
    output.text('CLIENT_ERROR bad data chunk\r\n');
    return end;
  }
  if (!session.login?.credential.canWrite) {
    output.text(mayNot('write'));
    return end;
  }
  const result = cache.store({ ...request, value: input.toString('latin1', next, end - 2) });
  if (!quiet) output.text(answers[result]);
  return end;
};

/** Data that isn't kept is not waited for either. */
export const skipTo = (session: Session, end: number, input: Buffer): number => {
  if (end <= input.length) return end;
  session.skip(end - input.length);
  return input.length;
};
