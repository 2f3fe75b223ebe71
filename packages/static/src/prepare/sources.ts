import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { type FindPolicy, type FoundFile, findFiles } from '../find/find-files.ts';
import type { Source } from '../options.ts';
import { StaticError } from '../static-error.ts';
import { defaultIgnores, ignores } from './ignore.ts';

/** A file to publish. */
export interface SourceFile extends FoundFile {
  /** The folder that it was found in. */
  readonly folder: string;
}

export interface SourceRules {
  readonly policy: FindPolicy;
  readonly ignore: readonly string[];
  readonly duplicates: 'error' | 'first';
  readonly warn: (message: string) => void;
}

/** Every file of every source, in the order of the sources; several may have one name. */
export const listSources = (sources: readonly Source[], rules: SourceRules): SourceFile[] => {
  const ignored = ignores([
    ...rules.ignore,
    ...defaultIgnores.filter((pattern) => pattern !== '.*' || rules.policy.dotfiles === 'hide'),
  ]);
  return sources.flatMap(({ folder, namePrefix }) => {
    if (!existsSync(folder))
      throw new StaticError('unreadable-source', `there is no folder ${folder}; make it or take it out of the sources`);
    return findFiles(folder, rules.policy, rules.warn)
      .filter(({ name }) => !ignored(name.replace(/^\.well-known\//, '')))
      .map((file) => ({ ...file, name: namePrefix + file.name, folder }));
  });
};

/**
 * The one file for each name, sorted by name.
 * @throws StaticError `duplicate-name` when two different files have one name, unless the first shall win
 */
export const chooseSources = (files: readonly SourceFile[], rules: SourceRules): SourceFile[] => {
  const chosen = new Map<string, SourceFile>();
  const clashes: string[] = [];
  for (const file of files) {
    const first = chosen.get(file.name);
    if (first === undefined) chosen.set(file.name, file);
    else if (rules.duplicates === 'error' && !haveSameBytes(first, file))
      clashes.push(`two sources have a file for the name ${file.name}: ${first.path} and ${file.path}`);
  }
  if (clashes.length > 0) {
    throw new StaticError(
      'duplicate-name',
      `${clashes.join('\n')}\nrename one, put a source under a prefix (PREFIX=FOLDER), or let the first win (--duplicates first)`,
    );
  }
  return [...chosen.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
};

const haveSameBytes = (one: SourceFile, other: SourceFile): boolean =>
  one.path === other.path ||
  (one.stats.size === other.stats.size && readFileSync(one.path).equals(readFileSync(other.path)));

/** @throws StaticError `bad-setting` when what is published would become a source, or the other way round */
export const keepApart = (sources: readonly Source[], root: string): void => {
  const target = existsSync(root) ? realpathSync(root) : root;
  for (const { folder } of sources) {
    const source = existsSync(folder) ? realpathSync(folder) : folder;
    if (source !== target && !source.startsWith(target + sep) && !target.startsWith(source + sep)) continue;
    throw new StaticError(
      'bad-setting',
      `the source ${folder} and the root ${root} lie in each other; choose a root outside of the sources`,
    );
  }
};
