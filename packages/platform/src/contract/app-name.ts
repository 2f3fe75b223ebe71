import { randomInt } from 'node:crypto';
import { adjectives, nouns, reservedNames } from './app-name.data.ts';
import { invalidParams } from './platform-error.ts';

const minLength = 3;
const maxLength = 30;

/** @throws PlatformError saying which rule of the Dev Center's "Creating Apps" the name breaks. */
export const checkAppName = (name: string): void => {
  if (name.length < minLength) throw invalidParams(`Name is too short (minimum is ${minLength} characters)`);
  if (name.length > maxLength) throw invalidParams(`Name is too long (maximum is ${maxLength} characters)`);
  if (!/^[a-z][a-z0-9-]*[a-z0-9]$/.test(name)) {
    throw invalidParams(
      'Name must start with a letter, end with a letter or digit and can only contain lowercase letters, digits, and dashes.',
    );
  }
  if (reservedNames.has(name)) throw invalidParams(`Name ${name} is reserved; choose another one.`);
};

const pick = (words: readonly string[]): string => words[randomInt(words.length)] ?? 'app';

/** `quiet-harbor-48211`: free with high probability, not certainly. */
export const randomAppName = (): string => `${pick(adjectives)}-${pick(nouns)}-${randomInt(10_000, 100_000)}`;
