import { randomBytes } from 'node:crypto';
import { hashToken } from './token.ts';
import { base32 } from './totp.ts';

const codes = 10;
/** 80 bits: too many to guess, so that a plain hash keeps them. */
const codeBytes = 10;

/** Ten codes, each of which stands in once for a lost authenticator: `abcd-efgh-ijkl-mnop`. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: codes }, () => (base32(randomBytes(codeBytes)).toLowerCase().match(/.{4}/g) ?? []).join('-'));

/** The form in which the store keeps a code; undefined when the text is none. Case, blanks and dashes don't matter. */
export const hashRecoveryCode = (text: string): Buffer | undefined => {
  const plain = text.replace(/[\s-]/g, '').toLowerCase();
  return /^[a-z2-7]{16}$/.test(plain) ? hashToken(plain) : undefined;
};
