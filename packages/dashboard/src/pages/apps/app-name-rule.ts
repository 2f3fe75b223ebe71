import type { MessageKey } from '../../language/en.data.ts';

/** What is wrong with a name for an app before the API is asked (Dev Center "Creating Apps"); undefined is nothing. */
export const appNameProblem = (name: string): MessageKey | undefined => {
  if (name === '') return undefined;
  if (/[^a-z0-9-]/.test(name)) return 'appNameCharacters';
  if (!/^[a-z]/.test(name)) return 'appNameStart';
  if (name.length < 3) return 'appNameShort';
  if (name.length > 30) return 'appNameLong';
  return name.endsWith('-') ? 'appNameEnd' : undefined;
};
