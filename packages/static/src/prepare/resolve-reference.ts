import { posix } from 'node:path';
import type { Prefix } from '../options.ts';
import type { Reference } from './reference.ts';

/** A reference that leads, or should lead, to a file of the collection. */
export interface Target {
  readonly name: string;
  /** Offsets in the text of the last part of the path, the one that gets a fingerprint. */
  readonly start: number;
  readonly end: number;
  /** Whether it certainly means a file here; an absolute path may also mean a page of the application. */
  readonly certain: boolean;
}

const hasScheme = /^[a-z][a-z0-9+.-]*:/i;

/**
 * The file that a reference means, seen from the file it stands in.
 * Undefined when it leads elsewhere: another site, `data:`, a fragment, a bare module name, above the root.
 */
export const resolveReference = (
  reference: Reference,
  text: string,
  from: string,
  prefix: Prefix,
): Target | undefined => {
  const raw = text.slice(reference.start, reference.end);
  const rawPath = raw.slice(0, suffixAt(raw));
  const path = reference.value.slice(0, suffixAt(reference.value));
  if (path === '' || path.endsWith('/')) return undefined;
  const local = path.startsWith(prefix.url) ? prefix.path + path.slice(prefix.url.length) : path;
  if (hasScheme.test(local) || local.startsWith('//')) return undefined;
  if (reference.kind === 'import' && !/^\.{0,2}\//.test(local)) return undefined;
  const name = nameOf(decode(local), from, prefix);
  if (name === undefined) return undefined;
  const start = reference.start + rawPath.lastIndexOf('/') + 1;
  const certain = reference.kind !== 'sourceMappingURL' && (!local.startsWith('/') || prefix.path !== '/');
  return { name, start, end: reference.start + rawPath.length, certain };
};

const suffixAt = (value: string): number => {
  const at = value.search(/[?#]/);
  return at === -1 ? value.length : at;
};

const decode = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

const nameOf = (path: string, from: string, prefix: Prefix): string | undefined => {
  if (path.startsWith('/'))
    return path.startsWith(prefix.path) ? posix.normalize(path.slice(prefix.path.length)) : undefined;
  const absolute = posix.join('/', prefix.path, posix.dirname(from), path);
  return absolute.startsWith(prefix.path) ? absolute.slice(prefix.path.length) : undefined;
};
