import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { FindPolicy } from '../find/find-files.ts';
import { fingerprintedNames, formatManifest, type Manifest, manifestName, readManifest } from '../manifest.ts';
import { checkSettings, readFolder, readPrefix, readSource } from '../options.ts';
import { StaticError } from '../static-error.ts';
import { availableCodings, type CompressedCoding } from './compress.ts';
import { fingerprint } from './fingerprint.ts';
import { Output } from './output.ts';
import { type Planned, type PublishEvent, Publisher } from './publisher.ts';
import { keptReleases } from './releases.ts';
import { chooseSources, keepApart, listSources, type SourceFile } from './sources.ts';

/** What `collectStatic` takes; the README's table says each in a line. */
export interface CollectOptions {
  root: string | URL;
  sources: readonly string[];
  prefix?: string;
  dotfiles?: 'hide' | 'serve';
  symlinks?: 'inside' | 'follow' | 'refuse';
  ignore?: readonly string[];
  duplicates?: 'error' | 'first';
  missing?: 'error' | 'warn';
  originals?: boolean;
  fingerprints?: boolean;
  encodings?: readonly CompressedCoding[];
  keepReleases?: number;
  link?: boolean;
}

/** How one run goes about it. */
export interface CollectRun {
  /** Remove everything from the root that this run doesn't write. */
  readonly clear?: boolean;
  /** Only say what would be done. */
  readonly dryRun?: boolean;
  readonly warn?: (message: string) => void;
  /** Told each thing that is done, in order. */
  readonly report?: (event: CollectEvent) => void;
}

export type CollectEvent = { readonly kind: 'begin'; readonly total: number } | PublishEvent;

export interface CollectResult {
  readonly written: number;
  readonly unmodified: number;
  readonly removed: number;
  /** Compressed variants written. */
  readonly compressed: number;
  readonly fingerprinted: number;
}

/**
 * Publishes the sources in the root: under their own and under fingerprinted names, compressed, with a manifest, which comes last.
 * Killed at any moment, it leaves the folder servable; the next run carries on.
 * @throws StaticError any of its codes
 */
export const collectStatic = async (options: CollectOptions, run: CollectRun = {}): Promise<CollectResult> => {
  checkSettings(options);
  const root = readFolder(options.root);
  const sources = options.sources.map(readSource);
  if (sources.length === 0)
    throw new StaticError('bad-setting', 'there is nothing to collect: expected one source or more (--source FOLDER)');
  keepApart(sources, root);
  const warn = run.warn ?? ((message) => process.emitWarning(message, 'StaticFilesWarning'));
  const policy: FindPolicy = { dotfiles: options.dotfiles ?? 'hide', symlinks: options.symlinks ?? 'inside' };
  const rules = { policy, ignore: options.ignore ?? [], duplicates: options.duplicates ?? 'error', warn };
  const files = chooseSources(listSources(sources, rules), rules);
  const previous = run.clear ? undefined : readManifest(root);
  const plan = makePlan(files, options, previous, warn);
  const { report = () => {} } = run;
  const output = await Output.open(root, run.dryRun);
  try {
    const names = plan.bySource.flat().map(({ name }) => name);
    const keep = new Set([...names, ...plan.manifest.kept.flat()]);
    const obsolete = [...(previous === undefined ? [] : publishedBy(previous)), ...output.leftovers()];
    const publisher = new Publisher(output, previous, plan.codings, report);
    await output.begin([...names, ...obsolete]);
    report({ kind: 'begin', total: names.length });
    await inParallel(plan.bySource, (planned) => publisher.publish(planned));
    const manifest = formatManifest(publisher.complete(plan.manifest));
    if (previous === undefined || formatManifest(previous) !== manifest) await output.write(manifestName, manifest);
    const superfluous = run.clear
      ? output.names().filter((name) => name !== manifestName && !publisher.present.has(name))
      : obsolete.filter((name) => !keep.has(name)).flatMap(withVariants);
    let removed = 0;
    for (const name of new Set(superfluous)) {
      if (!(await output.remove(name))) continue;
      removed++;
      report({ kind: 'remove', name });
    }
    await output.finish();
    const { written, unmodified, compressed } = publisher;
    return { written, unmodified, compressed, removed, fingerprinted: plan.fingerprinted };
  } catch (error) {
    await output.abandon();
    throw error;
  }
};

interface Plan {
  /** Files of one source together. */
  readonly bySource: readonly (readonly Planned[])[];
  readonly codings: readonly CompressedCoding[];
  readonly manifest: Manifest;
  readonly fingerprinted: number;
}

const makePlan = (
  files: readonly SourceFile[],
  options: CollectOptions,
  previous: Manifest | undefined,
  warn: (message: string) => void,
): Plan => {
  const { originals = true, fingerprints = true, link = false, encodings = ['gzip', 'br', 'zstd'] } = options;
  if (!originals && !fingerprints)
    throw new StaticError('bad-setting', 'without originals and without fingerprints nothing is left to publish');
  const rules = { prefix: readPrefix(options.prefix ?? '/'), missing: options.missing ?? 'error', warn };
  const renamed = fingerprints ? fingerprint(files, rules) : [];
  const plainOf = (source: SourceFile): Planned => ({ name: source.name, source, link, fingerprinted: false });
  const bySource = fingerprints
    ? renamed.map(({ source, path, rewritten, integrity }): Planned[] => [
        ...(originals ? [plainOf(source)] : []),
        { name: path, source, link: false, fingerprinted: true, rewritten, integrity },
      ])
    : files.map((source) => [plainOf(source)]);
  const entries = fingerprints
    ? renamed.map(({ source, path, integrity }) => [source.name, { path, integrity }] as const)
    : files.map((source) => [source.name, { path: source.name, integrity: integrityOf(source) }] as const);
  const kept = keptReleases(previous, new Set(renamed.map(({ path }) => path)), options.keepReleases ?? 3);
  const codings = availableCodings(encodings);
  const manifest: Manifest = {
    version: 1,
    encodings: codings,
    originals,
    files: Object.fromEntries(entries),
    kept,
  };
  return { bySource, codings, manifest, fingerprinted: renamed.length };
};

const integrityOf = ({ path }: SourceFile): string =>
  `sha384-${createHash('sha384').update(readFileSync(path)).digest('base64')}`;

const publishedBy = (manifest: Manifest): string[] => [
  ...fingerprintedNames(manifest),
  ...manifest.kept.flat(),
  ...(manifest.originals ? Object.keys(manifest.files) : []),
];

const withVariants = (name: string): string[] => [name, `${name}.gz`, `${name}.br`, `${name}.zst`];

/** When it rejects, nothing is under way any more. */
const inParallel = async <Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> => {
  const queue = items.values();
  let failed = false;
  const work = async (): Promise<void> => {
    try {
      for (const item of queue) {
        if (failed) return;
        await act(item);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: availableParallelism() }, work));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
};
