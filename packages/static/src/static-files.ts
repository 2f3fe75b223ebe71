import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Answer, answerWith, redirectTo, type StaticRequest } from './answer/answer.ts';
import type { StaticFile } from './answer/static-file.ts';
import { decodeTarget, encodeName } from './find/name.ts';
import { lookUp, lookUpName } from './look-up.ts';
import { fingerprintedNames, readManifest } from './manifest.ts';
import { nearest } from './nearest.ts';
import { checkSettings, type Prefix, readFolder, readPrefix, readSource, type StaticOptions } from './options.ts';
import { type Place, type Served, scanPlace } from './place.ts';
import { StaticError } from './static-error.ts';

/** What a browser takes in `<script type="importmap">`. */
export interface ImportMap {
  readonly imports: Readonly<Record<string, string>>;
  readonly integrity: Readonly<Record<string, string>>;
}

/** A set of files that was scanned once, and is answered from memory. */
export class StaticFiles {
  /** What answers were made of, for the adapters in this package. */
  readonly options: StaticOptions;
  readonly #places: Place[] = [];
  /** By decoded path. */
  readonly #served = new Map<string, Served>();
  /** Those whose paths stand in requests as they are. */
  readonly #undecoded = new Map<string, Served>();
  readonly #hashes = new WeakMap<StaticFile, string>();

  /** @throws StaticError `bad-setting`, `broken-manifest` or `unreadable-source` */
  constructor(options: StaticOptions) {
    checkSettings(options);
    this.options = options;
    const prefix = readPrefix(options.prefix ?? '/');
    const sources = options.development ? (options.sources ?? []).map(readSource).reverse() : [];
    if (sources.length === 0) this.#add(readFolder(options.root), prefix, '');
    for (const { folder, namePrefix } of sources) this.#add(folder, prefix, namePrefix);
  }

  /** Adds another folder below its own prefix; where two have a file for one URL, the later wins. */
  addFiles(root: string | URL, prefix: string): this {
    this.#add(readFolder(root), readPrefix(prefix), '');
    return this;
  }

  #add(root: string, prefix: Prefix, namePrefix: string): void {
    const manifest = this.options.development ? undefined : readManifest(root);
    const fingerprinted = new Set(manifest && [...fingerprintedNames(manifest), ...manifest.kept.flat()]);
    const place: Place = { root, prefix, namePrefix, manifest, fingerprinted, files: new Map() };
    this.#places.unshift(place);
    if (this.options.development) return;
    for (const [path, served] of scanPlace(place, this.options, this.#memoryLeft())) this.#set(path, served);
  }

  #set(path: string, served: Served | undefined): void {
    const maps = /[?#%]/.test(path) ? [this.#served] : [this.#served, this.#undecoded];
    for (const map of maps) {
      if (served === undefined) map.delete(path);
      else map.set(path, served);
    }
  }

  #memoryLeft(): number {
    let left = this.options.memoryBytes ?? 64 * 1024 * 1024;
    for (const served of this.#served.values()) {
      if (served.kind === 'file') for (const { bytes } of served.file.variants) left -= bytes?.length ?? 0;
    }
    return left;
  }

  /**
   * The answer to a request; undefined when no file has this URL, so that the application answers.
   * @param target as in the request line: path and query
   */
  answer(target: string, request: StaticRequest): Answer | undefined {
    const served = this.find(target);
    return served && this.answerWith(served, target, request);
  }

  /** What a target leads to, for the adapters in this package: what is for no file shall cost nothing else. */
  find(target: string): Served | undefined {
    // Most targets are a path and nothing else.
    const served = this.#undecoded.get(target);
    if (served !== undefined) return served;
    const path = decodeTarget(target);
    if (path === undefined) return undefined;
    return this.options.development ? lookUp(this.#places, path, this.options) : this.#served.get(path);
  }

  /** The answer with what `find` found; undefined when that is gone. */
  answerWith(served: Served, target: string, request: StaticRequest): Answer | undefined {
    if (served.kind === 'redirect') return redirectTo(served.location, request, target);
    const answer = answerWith(served.file, request);
    if (answer !== 'replaced') return answer;
    // A large file was replaced on disk: what was written down about it is no longer true.
    const path = decodeTarget(target) ?? '';
    const current = lookUp(this.#places, path, this.options);
    if (!this.options.development) this.#set(path, current);
    return current && this.answerWith(current, target, request);
  }

  /**
   * The URL of a file, with its fingerprint where it has one; a query or fragment behind the name is kept.
   * @throws StaticError `missing-file` when no file has the name (unless `strict` is off)
   */
  url(name: string): string {
    const [, plain = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(name) ?? [];
    const found = this.#published(plain);
    if (found !== undefined) return found.place.prefix.url + encodeName(found.path) + rest;
    const prefix = this.#places.at(-1)?.prefix.url ?? '/';
    if (plain === '' || plain.endsWith('/') || this.options.strict === false) return prefix + encodeName(plain) + rest;
    throw this.#missing(plain);
  }

  /**
   * Subresource Integrity (`sha384-…`) of a file's bytes as they are served without coding.
   * @throws StaticError `missing-file`
   */
  integrity(name: string): string {
    const found = this.#published(name);
    if (found === undefined) throw this.#missing(name);
    if (found.integrity !== undefined) return found.integrity;
    const { file } = found;
    const hash = this.#hashes.get(file) ?? hashOf(file);
    if (file.isInMemory) this.#hashes.set(file, hash);
    return hash;
  }

  /**
   * For modules that scripts name at run time, or by a bare name: every module's plain URL, and the given bare names, with where they are.
   * @param bare module specifiers with the name of a file: `{ lit: 'vendor/lit.js' }`
   */
  importMap(bare: Readonly<Record<string, string>> = {}): ImportMap {
    const imports: Record<string, string> = {};
    const integrity: Record<string, string> = {};
    for (const { prefix, manifest } of this.#places.toReversed()) {
      for (const [name, entry] of Object.entries(manifest?.files ?? {})) {
        if (!/\.m?js$/.test(name)) continue;
        const url = prefix.url + encodeName(entry.path);
        imports[prefix.url + encodeName(name)] = url;
        integrity[url] = entry.integrity;
      }
    }
    for (const [specifier, name] of Object.entries(bare)) imports[specifier] = this.url(name);
    return { imports, integrity };
  }

  #published(name: string): Published | undefined {
    for (const place of this.#places) {
      const entry =
        place.manifest && Object.hasOwn(place.manifest.files, name) ? place.manifest.files[name] : undefined;
      if (entry !== undefined) return { place, path: entry.path, integrity: entry.integrity };
      const file = this.options.development ? lookUpName(place, name, this.options) : place.files.get(name);
      if (file !== undefined) return { place, path: name, integrity: undefined, file };
    }
    return undefined;
  }

  #missing(name: string): StaticError {
    const names = this.#places.flatMap(({ manifest, files }) => [
      ...Object.keys(manifest?.files ?? {}),
      ...files.keys(),
    ]);
    const close = nearest(name, names);
    const where = this.#places.map(({ root }) => root).join(', ');
    const hint = close === undefined ? 'add it, or run collectstatic' : `did you mean "${close}"?`;
    return new StaticError('missing-file', `no static file is called "${name}" in ${where}; ${hint}`);
  }
}

/** Where a name is: in a manifest, which says what its bytes are, or else as a file. */
type Published = { readonly place: Place; readonly path: string } & (
  | { readonly integrity: string }
  | { readonly integrity: undefined; readonly file: StaticFile }
);

const hashOf = ({ variants: [plain] }: StaticFile): string => {
  const bytes = plain?.bytes ?? readFileSync(plain?.path ?? '');
  return `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
};

/**
 * Scans a folder and serves it: `const assets = staticFiles({ root: 'staticfiles', prefix: '/static/' })`.
 * @throws StaticError `bad-setting`, `broken-manifest` or `unreadable-source`
 */
export const staticFiles = (options: StaticOptions): StaticFiles => new StaticFiles(options);
