import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether a path relative to the top (`a/b.txt`, no leading slash) is to be left out. */
export type IgnoreMatcher = (path: string, isFolder: boolean) => boolean;

const wildcards: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };

const toRegExp = (pattern: string): RegExp => {
  const anchored = pattern.replace(/^\//, '');
  const source = anchored.replace(/\*\*\/|\*\*|\*|\?|[\\^$.|+(){}[\]]/g, (part) => wildcards[part] ?? `\\${part}`);
  return new RegExp(`^${pattern.includes('/') ? '' : '(?:.*/)?'}${source}$`);
};

/** Reads .slugignore: as .gitignore, but negation (`!`) is not supported and such lines have no effect. */
export const parseSlugIgnore = (text: string): IgnoreMatcher => {
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('!'))
    .map((line) => ({ foldersOnly: line.endsWith('/'), regExp: toRegExp(line.replace(/\/+$/, '')) }));
  return (path, isFolder) => rules.some(({ foldersOnly, regExp }) => (isFolder || !foldersOnly) && regExp.test(path));
};

/** Removes what the matcher names from a tree; symbolic links are removed, never followed. */
export const removeIgnored = async (folder: string, isIgnored: IgnoreMatcher, below = ''): Promise<void> => {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (isIgnored(path, entry.isDirectory())) await rm(join(folder, path), { recursive: true, force: true });
    else if (entry.isDirectory()) await removeIgnored(folder, isIgnored, path);
  }
};
