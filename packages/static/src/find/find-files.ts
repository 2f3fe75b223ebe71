import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { StaticError, systemCode } from '../static-error.ts';
import { isHidden, isPlainName } from './name.ts';

/** Which files count. */
export interface FindPolicy {
  /** `hide` leaves out every name with a part that begins with a dot, but for `.well-known/`. */
  readonly dotfiles: 'hide' | 'serve';
  /** `inside` follows a link only to what lies below the root. */
  readonly symlinks: 'inside' | 'follow' | 'refuse';
}

export interface FoundFile {
  /** Relative to the root, with slashes. */
  readonly name: string;
  /** On disk. */
  readonly path: string;
  readonly stats: Stats;
}

/** Names that `collectstatic` uses while it works; never served. */
export const workName = /^\.static-collect(?:\.json$|\/|$)/;

/**
 * Every regular file below the root, sorted by name; what the policy leaves out is told to `warn` when that may surprise.
 * @throws StaticError `unreadable-source` when a folder can't be read
 */
export const findFiles = (root: string, policy: FindPolicy, warn: (message: string) => void): FoundFile[] => {
  const found: FoundFile[] = [];
  const realRoot = realpathSync(root);
  const walk = (folder: string, prefix: string, above: readonly string[]): void => {
    for (const entry of entriesOf(folder)) {
      const name = prefix + entry.name;
      if (!isPlainName(name) || workName.test(name)) continue;
      if (policy.dotfiles === 'hide' && isHidden(name)) continue;
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink() && !mayFollow(path, realRoot, policy, warn)) continue;
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats?.isFile()) found.push({ name, path, stats });
      if (!stats?.isDirectory()) continue;
      const real = entry.isSymbolicLink() ? realpathSync(path) : path;
      if (above.includes(real)) warn(`${path} is a link to a folder that it lies in; it isn't followed`);
      else walk(path, `${name}/`, [...above, real]);
    }
  };
  walk(realRoot, '', [realRoot]);
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
};

const entriesOf = (folder: string): Dirent[] => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw new StaticError(
      'unreadable-source',
      `the folder ${folder} can't be read (${systemCode(cause)}); make it readable or leave it out`,
      { cause },
    );
  }
};

const mayFollow = (path: string, realRoot: string, policy: FindPolicy, warn: (message: string) => void): boolean => {
  if (policy.symlinks === 'refuse') return false;
  let target: string;
  try {
    target = realpathSync(path);
  } catch {
    warn(`${path} is a link to nothing; it is left out`);
    return false;
  }
  if (policy.symlinks === 'follow' || target === realRoot || target.startsWith(realRoot + sep)) return true;
  warn(`${path} is a link out of ${realRoot}; it is left out (set symlinks to 'follow' to serve it)`);
  return false;
};

/**
 * One file by its name, as `findFiles` would find it now; undefined when there is none or the policy leaves it out.
 * Safe for names that come from outside: nothing above the root can be reached.
 */
export const findFile = (root: string, name: string, policy: FindPolicy): FoundFile | undefined => {
  if (!isPlainName(name) || workName.test(name)) return undefined;
  if (policy.dotfiles === 'hide' && isHidden(name)) return undefined;
  try {
    const realRoot = realpathSync(root);
    const path = join(realRoot, name);
    const real = realpathSync(path);
    if (policy.symlinks === 'refuse' && real !== path) return undefined;
    if (policy.symlinks === 'inside' && !real.startsWith(realRoot + sep)) return undefined;
    const stats = statSync(real);
    return stats.isFile() ? { name, path, stats } : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES'].includes(systemCode(error))) return undefined;
    throw error;
  }
};
