import { parseUint64 } from './arithmetic.ts';
import { limits } from './limits.data.ts';
import { badFormat, parseFlags, parseTime } from './words.ts';

/** A meta command's key and flags, checked. */
export interface MetaRequest {
  /** As items are kept under it. */
  readonly key: string;
  /** As the client wrote it, which is how answers name it. */
  readonly keyWord: string;
  readonly isBase64: boolean;
  readonly quiet: boolean;
  /** In the client's order, which is that of the answer: a letter and what follows it. */
  readonly flags: readonly (readonly [letter: string, token: string])[];
  /** What follows a letter, or undefined when the letter isn't there. */
  token(letter: string): string | undefined;
  number(letter: string): number | undefined;
  big(letter: string): bigint | undefined;
}

const known = 'bNTRDJlOPLkstcfhqvFCMI';
const badToken = 'CLIENT_ERROR bad token in command line format\r\n';
const mostFlags = 20;
const times = 'NTR';
const uint64s = 'JDC';

/** @returns text: the error to be answered. */
export const metaRequest = (keyWord: string | undefined, words: readonly string[]): MetaRequest | string => {
  if (keyWord === undefined || keyWord.length > limits.keyBytes) return badFormat;
  if (words.length > mostFlags) return 'CLIENT_ERROR options flags are too long\r\n';
  const flags: (readonly [string, string])[] = [];
  const tokens = new Map<string, string>();
  for (const word of words) {
    const [letter = '', token] = [word[0], word.slice(1)];
    if (letter === '' || !known.includes(letter)) return 'CLIENT_ERROR invalid flag\r\n';
    if (tokens.has(letter)) return 'CLIENT_ERROR duplicate flag\r\n';
    if (times.includes(letter) && parseTime(token) === undefined) return badToken;
    if (uint64s.includes(letter) && parseUint64(token) === undefined) return badToken;
    if (letter === 'F' && parseFlags(token) === undefined) return badToken;
    if (letter === 'M' && token.length !== 1) return 'CLIENT_ERROR incorrect length for M token\r\n';
    tokens.set(letter, token);
    flags.push([letter, token]);
  }
  const isBase64 = tokens.has('b');
  const key = isBase64 ? decoded(keyWord) : keyWord;
  if (key === undefined) return 'CLIENT_ERROR error decoding key\r\n';
  return {
    key,
    keyWord,
    isBase64,
    flags,
    quiet: tokens.has('q'),
    token: (letter) => tokens.get(letter),
    number: (letter) => parseTime(tokens.get(letter)),
    big: (letter) => parseUint64(tokens.get(letter) ?? ''),
  };
};

const decoded = (word: string): string | undefined =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(word) && word !== ''
    ? Buffer.from(word, 'base64').toString('latin1')
    : undefined;

/**
 * The flags of an answer, in the order of the request's: opaque and key, which every command gives back, and what else
 * this one does.
 */
export const answeredFlags = (
  { flags, keyWord, isBase64 }: MetaRequest,
  others: (letter: string, token: string) => string = () => '',
): string =>
  flags
    .map(([letter, token]) => {
      if (letter === 'O') return ` O${token}`;
      return letter === 'k' ? ` k${keyWord}${isBase64 ? ' b' : ''}` : others(letter, token);
    })
    .join('');
