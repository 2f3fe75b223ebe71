import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fingerprintedNames, type Manifest } from '../manifest.ts';
import { suffixes } from '../place.ts';
import { StaticError } from '../static-error.ts';
import { type CompressedCoding, compress, mayCompress } from './compress.ts';
import type { Output } from './output.ts';
import type { SourceFile } from './sources.ts';

/** One file to publish. */
export interface Planned {
  readonly name: string;
  readonly source: SourceFile;
  /** Link to the source instead of copying. */
  readonly link: boolean;
  readonly fingerprinted: boolean;
  /** Undefined when the source's bytes are published as they are. */
  readonly rewritten?: Buffer | undefined;
  /** Of the bytes that the name stands for. */
  readonly integrity?: string;
}

export type PublishEvent = { readonly kind: 'write' | 'link' | 'unmodified' | 'remove'; readonly name: string };

type Variants = ReadonlyMap<CompressedCoding, Buffer>;

/** Writes files and their variants, unless they are there already. */
export class Publisher {
  /** Every name that this run wrote or found right. */
  readonly present = new Set<string>();
  written = 0;
  unmodified = 0;
  compressed = 0;
  readonly #output: Output;
  readonly #codings: readonly CompressedCoding[];
  readonly #report: (event: PublishEvent) => void;
  /** What an earlier run finished, with the same codings. */
  readonly #finished: ReadonlySet<string>;
  /** The codings in which each source is published, by its name. */
  readonly #codingsOf = new Map<string, readonly string[]>();
  readonly #codingsBefore: ReadonlyMap<string, readonly string[] | undefined>;

  constructor(
    output: Output,
    previous: Manifest | undefined,
    codings: readonly CompressedCoding[],
    report: (event: PublishEvent) => void,
  ) {
    const cutOff = new Set(output.leftovers());
    this.#output = output;
    this.#codings = codings;
    this.#report = report;
    const comparable = previous !== undefined && previous.encodings.join() === codings.join();
    const plain = comparable && previous.originals ? Object.keys(previous.files) : [];
    const finished = comparable ? [...fingerprintedNames(previous), ...previous.kept.flat(), ...plain] : [];
    this.#finished = new Set(finished.filter((name) => !cutOff.has(name)));
    this.#codingsBefore = new Map(
      Object.entries(comparable ? previous.files : {}).flatMap(([name, { path, codings }]) => [
        [name, codings],
        [path, codings],
      ]),
    );
  }

  /** The same manifest, saying which variants there are. */
  complete(manifest: Manifest): Manifest {
    const files = Object.entries(manifest.files).map(([name, entry]) => {
      const codings = this.#codingsOf.get(name);
      return [name, codings === undefined ? entry : { ...entry, codings }] as const;
    });
    return { ...manifest, files: Object.fromEntries(files) };
  }

  /** Publishes files that come of one source. */
  async publish(files: readonly Planned[]): Promise<void> {
    let last: { readonly bytes: Buffer; readonly variants: Variants } | undefined;
    for (const planned of files) {
      if (planned.link) await this.#link(planned);
      else if (await this.#isThere(planned)) {
        this.unmodified++;
        await this.#notePresent(planned);
        this.#report({ kind: 'unmodified', name: planned.name });
      } else {
        const bytes = await bytesOf(planned);
        if (last === undefined || !last.bytes.equals(bytes))
          last = { bytes, variants: await this.#variantsOf(planned.name, bytes) };
        await this.#write(planned, bytes, last.variants);
      }
    }
  }

  async #isThere({ name, source, rewritten, fingerprinted }: Planned): Promise<boolean> {
    if (!this.#finished.has(name)) return false;
    const size = rewritten?.length ?? source.stats.size;
    if ((await this.#output.statsOf(name))?.size !== size) return false;
    for (const coding of this.#codingsBefore.get(name) ?? []) {
      if ((await this.#output.statsOf(variantName(name, coding))) === undefined) return false;
    }
    // A fingerprint stands for the bytes. A plain name doesn't, and times are often set to one and the same by builds.
    return fingerprinted || (await readFile(source.path)).equals(await this.#output.read(name));
  }

  async #notePresent({ name, source }: Planned): Promise<void> {
    this.present.add(name);
    const codings: string[] = [];
    for (const [coding, suffix] of suffixes) {
      if ((await this.#output.statsOf(name + suffix)) === undefined) continue;
      this.present.add(name + suffix);
      codings.push(coding);
    }
    this.#codingsOf.set(source.name, codings);
  }

  async #variantsOf(name: string, bytes: Buffer): Promise<Variants> {
    return mayCompress(name, bytes.length) ? compress(bytes, this.#codings) : new Map();
  }

  async #write({ name, source }: Planned, bytes: Buffer, variants: Variants): Promise<void> {
    // In this order a server that starts meanwhile never finds a variant of other bytes.
    for (const [coding, suffix] of suffixes)
      if (coding !== 'identity' && !variants.has(coding)) await this.#output.remove(name + suffix);
    if (!(await this.#hasSameBytes(name, bytes)))
      for (const suffix of suffixes.values()) await this.#output.remove(name + suffix);
    await this.#output.write(name, bytes, source.stats.mtimeMs);
    this.present.add(name);
    this.#codingsOf.set(
      source.name,
      [...suffixes.keys()].filter((coding) => coding !== 'identity' && variants.has(coding)),
    );
    for (const [coding, variant] of variants) {
      const path = variantName(name, coding);
      await this.#output.write(path, variant, source.stats.mtimeMs);
      this.present.add(path);
      this.compressed++;
    }
    this.written++;
    this.#report({ kind: 'write', name });
  }

  async #hasSameBytes(name: string, bytes: Buffer): Promise<boolean> {
    return (await this.#output.statsOf(name)) !== undefined && bytes.equals(await this.#output.read(name));
  }

  async #link({ name, source }: Planned): Promise<void> {
    for (const suffix of suffixes.values()) await this.#output.remove(name + suffix);
    const right = (await this.#output.linkTarget(name)) === source.path;
    if (!right) await this.#output.link(name, source.path);
    this.present.add(name);
    this[right ? 'unmodified' : 'written']++;
    this.#report({ kind: right ? 'unmodified' : 'link', name });
  }
}

const suffixOf: ReadonlyMap<string, string> = suffixes;

const variantName = (name: string, coding: string): string => name + (suffixOf.get(coding) ?? '');

const bytesOf = async ({ source, rewritten, integrity }: Planned): Promise<Buffer> => {
  if (rewritten !== undefined) return rewritten;
  const bytes = await readFile(source.path);
  const now = `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
  if (integrity === undefined || integrity === now) return bytes;
  throw new StaticError('unreadable-source', `${source.path} changed while it was collected; collect again`);
};
