import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseAllDocuments } from 'yaml';
import { BuildFailed } from './build-failed.ts';

const maxCharacters = 64 * 1024;

interface Source {
  readonly document: Document;
  readonly lines: LineCounter;
}

const failAt = ({ lines }: { lines: LineCounter }, offset: number, problem: string): never => {
  const { line, col } = lines.linePos(offset);
  throw new BuildFailed('invalid_heroku_yml', `heroku.yml, line ${line}, column ${col}: ${problem}`);
};

const offsetOf = (node: unknown): number | undefined =>
  // Every node that the parser made has a range; those of other makes are looked up through what holds them.
  (node as { range?: readonly number[] } | null)?.range?.[0];

/** One value of heroku.yml that knows where it stands, so that whoever finds it wrong can say so. */
export class HerokuYmlField {
  /** Keys from the top, as in `run.worker.image`; empty for the file itself. */
  readonly path: string;
  readonly #source: Source;
  readonly #node: unknown;
  readonly #offset: number;
  readonly #keyOffset: number;

  constructor(source: Source, node: unknown, path: string, keyOffset: number) {
    this.path = path;
    this.#source = source;
    this.#offset = offsetOf(node) ?? keyOffset;
    this.#keyOffset = keyOffset;
    this.#node = isAlias(node)
      ? (node.resolve(source.document) ?? this.fail(`no "&${node.source}" stands above this.`))
      : node;
  }

  /** @throws BuildFailed `invalid_heroku_yml`, always */
  fail(problem: string): never {
    return failAt(this.#source, this.#offset, this.path === '' ? problem : `${this.path}: ${problem}`);
  }

  isMap(): boolean {
    return isMap(this.#node);
  }

  isList(): boolean {
    return isSeq(this.#node);
  }

  /** In the order of the file; merge keys (`<<`) are followed, and keys beside them win. */
  entries(): ReadonlyMap<string, HerokuYmlField> {
    return this.#entries(new Set());
  }

  /** The same with a fixed set of keys. */
  known<Key extends string>(keys: readonly Key[]): { readonly [K in Key]?: HerokuYmlField } {
    const entries = this.entries();
    for (const [key, field] of entries) {
      // includes() asks for a Key where the question is whether it is one.
      if (!keys.includes(key as Key)) this.#failOnKey(key, field.#keyOffset, keys);
    }
    // Each key is one of Key: the others were refused above.
    return Object.fromEntries(entries) as { [K in Key]?: HerokuYmlField };
  }

  items(): readonly HerokuYmlField[] {
    const node = this.#node;
    if (!isSeq(node)) return this.fail(`expected a list, got ${this.#kind()}.`);
    return node.items.map(
      (item, index) => new HerokuYmlField(this.#source, item, `${this.path}[${index}]`, this.#offset),
    );
  }

  /** A string, or a number or boolean as it is spelt in the file. */
  text(expected: string): string {
    const node = this.#node;
    if (!isScalar(node) || node.value === null) return this.fail(`expected ${expected}, got ${this.#kind()}.`);
    return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  }

  filledText(expected: string): string {
    const text = this.text(expected).trim();
    return text === '' ? this.fail(`expected ${expected}, got an empty string.`) : text;
  }

  #failOnKey(key: string, offset: number, keys: readonly string[]): never {
    const got = `${this.path === '' ? '' : `${this.path}: `}unknown key ${JSON.stringify(key.slice(0, 80))}`;
    return failAt(this.#source, offset, `${got}; expected ${keys.join(', ')}. Remove it or mend its spelling.`);
  }

  #entries(within: Set<unknown>): Map<string, HerokuYmlField> {
    const node = this.#node;
    if (!isMap(node)) return this.fail(`expected a map, got ${this.#kind()}.`);
    if (within.has(node)) return this.fail('this map merges itself into itself.');
    within.add(node);
    const merged: [string, HerokuYmlField][] = [];
    const own: [string, HerokuYmlField][] = [];
    for (const pair of node.items) {
      const [key, field] = this.#entry(pair);
      if (key !== '<<') own.push([key, field]);
      else for (const part of field.isList() ? field.items() : [field]) merged.unshift(...part.#entries(within));
    }
    within.delete(node);
    return new Map([...merged, ...own]);
  }

  #entry({ key, value }: Pair): [string, HerokuYmlField] {
    const offset = offsetOf(key) ?? this.#offset;
    const node = isAlias(key) ? key.resolve(this.#source.document) : key;
    if (!isScalar(node)) return failAt(this.#source, offset, 'expected a word as key.');
    const name = typeof node.value === 'string' ? node.value : (node.source ?? '');
    if (name === '<<') return [name, new HerokuYmlField(this.#source, value, this.path, offset)];
    const path = this.path === '' ? name : `${this.path}.${name}`;
    return [name, new HerokuYmlField(this.#source, value, path, offset)];
  }

  #kind(): string {
    if (isMap(this.#node)) return 'a map';
    if (isSeq(this.#node)) return 'a list';
    const value = isScalar(this.#node) ? this.#node.value : null;
    return value === null ? 'nothing' : `a ${typeof value}`;
  }
}

/** Reads YAML. @throws BuildFailed `invalid_heroku_yml` with line and column of what is no YAML */
export const readHerokuYml = (text: string): HerokuYmlField => {
  const lines = new LineCounter();
  if (text.length > maxCharacters) {
    const got = `${Math.ceil(text.length / 1024)} KiB`;
    throw new BuildFailed('invalid_heroku_yml', `heroku.yml: expected 64 KiB at most, got ${got}. Shorten it.`);
  }
  const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (!document) throw new BuildFailed('invalid_heroku_yml', 'heroku.yml: expected a map, got an empty file.');
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) failAt({ lines }, problem.pos[0], `not readable as YAML: ${problem.message}`);
  if (second) failAt({ lines }, second.range[0], 'expected one document, got a second one after "---". Remove it.');
  return new HerokuYmlField({ document, lines }, document.contents, '', 0);
};
