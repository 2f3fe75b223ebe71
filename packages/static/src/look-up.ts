import type { Coding } from './answer/accept-encoding.ts';
import type { StaticFile } from './answer/static-file.ts';
import { type FoundFile, findFile } from './find/find-files.ts';
import { lastPart } from './find/name.ts';
import { manifestName } from './manifest.ts';
import type { StaticOptions } from './options.ts';
import { buildFile, indexNameOf, ownerOf, type Place, policyOf, type Served, suffixes, toFolder } from './place.ts';

/** Nothing that is looked up is kept, but small files are read at once. */
const mostBytesRead = 1024 * 1024;

/** What a decoded path leads to on the disk now; the first place that has it wins. */
export const lookUp = (places: readonly Place[], path: string, options: StaticOptions): Served | undefined => {
  for (const place of places) {
    const served = lookUpIn(place, path, options);
    if (served !== undefined) return served;
  }
  return undefined;
};

const lookUpIn = (place: Place, path: string, options: StaticOptions): Served | undefined => {
  const indexName = indexNameOf(options);
  if (`${path}/` === place.prefix.path && indexName !== '')
    return lookUpName(place, indexName, options) && { kind: 'redirect', location: toFolder(path) };
  if (!path.startsWith(place.prefix.path)) return undefined;
  const name = path.slice(place.prefix.path.length);
  if (indexName === '') return asFile(lookUpName(place, name, options));
  if (name === '' || name.endsWith('/')) return asFile(lookUpName(place, name + indexName, options));
  const file = lookUpName(place, name, options);
  if (file !== undefined) return lastPart(name) === indexName ? { kind: 'redirect', location: './' } : asFile(file);
  return lookUpName(place, `${name}/${indexName}`, options) && { kind: 'redirect', location: toFolder(path) };
};

const asFile = (file: StaticFile | undefined): Served | undefined => file && { kind: 'file', file };

/** One file by its name as it is on the disk now. */
export const lookUpName = (place: Place, name: string, options: StaticOptions): StaticFile | undefined => {
  if (!name.startsWith(place.namePrefix) || name === manifestName) return undefined;
  const policy = policyOf(options);
  const find = (wanted: string): FoundFile | undefined => {
    const found = findFile(place.root, wanted.slice(place.namePrefix.length), policy);
    return found && { ...found, name: wanted };
  };
  const plain = find(name);
  if (plain === undefined) return undefined;
  const owner = ownerOf(name);
  if (owner !== undefined && find(owner) !== undefined) return undefined;
  const group = new Map<Coding, FoundFile>([['identity', plain]]);
  // In development a variant beside a source is more likely to be a stale one.
  for (const [coding, suffix] of options.development ? [] : suffixes) {
    const variant = find(name + suffix);
    if (variant !== undefined) group.set(coding, variant);
  }
  return buildFile(place, group, options, ({ stats }) => stats.size <= mostBytesRead);
};
