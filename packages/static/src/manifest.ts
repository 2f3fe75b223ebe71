import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPlainName } from './find/name.ts';
import { StaticError, systemCode } from './static-error.ts';

/** The file that `collectstatic` writes last; it is never served. */
export const manifestName = 'static-manifest.json';

/** Where a file is published. */
export interface ManifestEntry {
  /** Its fingerprinted name. */
  readonly path: string;
  /** Subresource Integrity of the published bytes (`sha384-…`). */
  readonly integrity: string;
  /** The codings in which it is there, too; undefined in manifests that don't say. */
  readonly codings?: readonly string[];
}

/** What a collected folder holds. */
export interface Manifest {
  readonly version: 1;
  /** The codings that were tried. */
  readonly encodings: readonly string[];
  /** Whether files are also there under their own names. */
  readonly originals: boolean;
  /** By original name, sorted. */
  readonly files: Readonly<Record<string, ManifestEntry>>;
  /** Fingerprinted names of earlier releases that are still there; the latest release first. */
  readonly kept: readonly (readonly string[])[];
}

/**
 * The manifest of a folder; undefined when it has none.
 * @throws StaticError `broken-manifest` when it can't be read or isn't ours
 */
export const readManifest = (root: string): Manifest | undefined => {
  const path = join(root, manifestName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(cause))) return undefined;
    throw broken(path, systemCode(cause) || String(cause));
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw broken(path, 'it is not JSON');
  }
  if (!isManifest(data)) throw broken(path, 'it does not have the form of a manifest of version 1');
  return data;
};

/** As bytes: the same manifest always gives the same ones. */
export const formatManifest = ({ version, encodings, originals, files, kept }: Manifest): string => {
  const sorted = Object.fromEntries(Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1)));
  return `${JSON.stringify({ version, encodings, originals, files: sorted, kept }, null, 1)}\n`;
};

/** The fingerprinted names of a manifest's current release. */
export const fingerprintedNames = ({ files }: Manifest): string[] =>
  Object.entries(files).flatMap(([name, { path }]) => (path === name ? [] : [path]));

const broken = (path: string, why: string): StaticError =>
  new StaticError('broken-manifest', `the manifest ${path} can't be used: ${why}; run collectstatic again`);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isName = (value: unknown): boolean => typeof value === 'string' && isPlainName(value);

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string');

const isManifest = (data: unknown): data is Manifest =>
  isRecord(data) &&
  data.version === 1 &&
  isTexts(data.encodings) &&
  typeof data.originals === 'boolean' &&
  isRecord(data.files) &&
  Object.values(data.files).every(
    (entry) =>
      isRecord(entry) &&
      isName(entry.path) &&
      typeof entry.integrity === 'string' &&
      (entry.codings === undefined || isTexts(entry.codings)),
  ) &&
  Array.isArray(data.kept) &&
  data.kept.every((names) => Array.isArray(names) && names.every(isName));
