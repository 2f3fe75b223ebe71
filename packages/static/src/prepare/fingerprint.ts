import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { encodeName, lastPart } from '../find/name.ts';
import { nearest } from '../nearest.ts';
import type { Prefix } from '../options.ts';
import { StaticError } from '../static-error.ts';
import { components } from './components.ts';
import { cssReferences } from './css-references.ts';
import { jsReferences } from './js-references.ts';
import { lineAt } from './reference.ts';
import { resolveReference, type Target } from './resolve-reference.ts';
import type { SourceFile } from './sources.ts';

/** A file under its fingerprinted name. */
export interface Fingerprinted {
  readonly source: SourceFile;
  readonly path: string;
  /** Of what is published. */
  readonly integrity: string;
  /** Undefined when the source's bytes are published as they are. */
  readonly rewritten: Buffer | undefined;
}

export interface FingerprintRules {
  readonly prefix: Prefix;
  readonly missing: 'error' | 'warn';
  readonly warn: (message: string) => void;
}

interface Node {
  readonly source: SourceFile;
  /** Undefined for what refers to nothing. */
  readonly text: string | undefined;
  readonly targets: readonly Target[];
}

const fingerprintLength = 12;
const mostToldAtOnce = 20;

/**
 * Gives each file a name that changes exactly when what a browser gets from it changes, itself or through what it refers to.
 * Files that refer to each other change together.
 * @throws StaticError `missing-reference` naming each file, line and reference that leads to nothing
 */
export const fingerprint = (sources: readonly SourceFile[], rules: FingerprintRules): Fingerprinted[] => {
  const nodes = new Map(sources.map((source) => [source.name, readNode(source, rules)]));
  checkTargets(nodes, rules);
  const edges = new Map([...nodes].map(([name, { targets }]) => [name, targets.map((target) => target.name)]));
  const done = new Map<string, Fingerprinted>();
  const urlPart = (name: string): string => encodeName(lastPart(done.get(name)?.path ?? name));
  for (const group of components(edges)) {
    const [first = ''] = group;
    const alone = group.length === 1 && !edges.get(first)?.includes(first);
    const groupHash = createHash('sha256');
    // Within the group names are still plain, so that the hash doesn't depend on itself.
    if (!alone) for (const name of group) groupHash.update(`${name}\0`).update(contentOf(nodes.get(name), urlPart));
    const groupDigest = groupHash.digest('hex');
    const ownContent = alone ? contentOf(nodes.get(first), urlPart) : undefined;
    const paths = new Map(
      group.map((name) => {
        const hash = createHash('sha256')
          .update(ownContent ?? `${groupDigest}${name}`)
          .digest('hex');
        return [name, pathOf(name, hash.slice(0, fingerprintLength))];
      }),
    );
    const inGroup = (name: string): string => encodeName(lastPart(paths.get(name) ?? done.get(name)?.path ?? name));
    for (const [name, path] of paths) {
      const node = nodes.get(name);
      if (node === undefined) continue;
      const content = ownContent ?? contentOf(node, inGroup);
      const integrity = `sha384-${createHash('sha384').update(content).digest('base64')}`;
      const rewritten = node.targets.some((target) => nodes.has(target.name)) ? Buffer.from(content) : undefined;
      done.set(name, { source: node.source, path, integrity, rewritten });
    }
  }
  return sources.flatMap(({ name }) => done.get(name) ?? []);
};

const readNode = (source: SourceFile, { prefix, warn }: FingerprintRules): Node => {
  const find = /\.css$/i.test(source.name) ? cssReferences : /\.m?js$/i.test(source.name) ? jsReferences : undefined;
  if (find === undefined) return { source, text: undefined, targets: [] };
  const bytes = readFileSync(source.path);
  const text = bytes.toString('utf8');
  const references = find(text);
  if (references === undefined)
    warn(`${source.path} can't be read as JavaScript; what it refers to keeps its plain name`);
  const targets = (references ?? [])
    .flatMap((reference) => resolveReference(reference, text, source.name, prefix) ?? [])
    .sort((one, other) => one.start - other.start);
  // Bytes that are not UTF-8 would not survive a rewrite.
  return targets.length === 0 || !Buffer.from(text).equals(bytes)
    ? { source, text: undefined, targets: [] }
    : { source, text, targets };
};

const contentOf = (node: Node | undefined, urlPart: (name: string) => string): string | Buffer => {
  if (node === undefined) return '';
  const { source, text, targets } = node;
  if (text === undefined) return readFileSync(source.path);
  let content = '';
  let from = 0;
  for (const { name, start, end } of targets) {
    content += text.slice(from, start) + urlPart(name);
    from = end;
  }
  return content + text.slice(from);
};

/** `css/app.min.css` becomes `css/app.min.0123456789ab.css`. */
const pathOf = (name: string, hash: string): string => {
  const file = lastPart(name);
  const dot = file.lastIndexOf('.');
  const at = name.length - file.length + (dot <= 0 ? file.length : dot);
  return `${name.slice(0, at)}.${hash}${name.slice(at)}`;
};

/** Takes out the targets that aren't there, or fails for them. */
const checkTargets = (nodes: Map<string, Node>, { missing, warn }: FingerprintRules): void => {
  const problems: string[] = [];
  for (const [name, node] of nodes) {
    const absent = node.targets.filter((target) => !nodes.has(target.name));
    if (absent.length === 0) continue;
    nodes.set(name, { ...node, targets: node.targets.filter((target) => nodes.has(target.name)) });
    const told = new Set<string>();
    for (const target of absent) {
      if (!target.certain || told.has(target.name)) continue;
      told.add(target.name);
      const { text = '', source } = node;
      const line = lineAt(text, target.start);
      const written = text.slice(text.slice(0, target.start).search(/[^\s"'`(=]*$/), target.end);
      const close = nearest(target.name, nodes.keys());
      problems.push(
        `${source.path}:${line}: "${written}" leads to ${target.name}, which no source has${close === undefined ? '' : `; did you mean ${close}?`}`,
      );
    }
  }
  if (problems.length === 0) return;
  if (missing === 'warn') {
    for (const problem of problems) warn(problem);
    return;
  }
  const end = 'add the file, mend the reference, or let it be with --missing warn';
  const more = problems.length > mostToldAtOnce ? [`and ${problems.length - mostToldAtOnce} more like these`] : [];
  throw new StaticError('missing-reference', [...problems.slice(0, mostToldAtOnce), ...more, end].join('\n'));
};
