import { type JsToken, jsTokens } from './js-tokens.ts';
import { type Reference, sourceMapIn } from './reference.ts';

/** Whether tokenizing can find anything. */
const worthReading = /\b(?:import|export)\b|sourceMappingURL/;

/**
 * What a script or module refers to: imports and re-exports, `import()` and `import.meta.resolve()` with a literal,
 * `new URL(…, import.meta.url)`, and its source map. Undefined when the text can't be read as JavaScript.
 */
export const jsReferences = (text: string): Reference[] | undefined => {
  if (!worthReading.test(text)) return [];
  const all = jsTokens(text);
  if (all === undefined) return undefined;
  const found: Reference[] = [];
  let map: Reference | undefined;
  for (const { kind, text: comment, start } of all)
    if (kind === 'comment') map = sourceMapIn(comment.replace(/\*\/$/, '').slice(2), start + 2) ?? map;
  const tokens = all.filter(({ kind }) => kind !== 'comment');
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' || ['.', '?.'].includes(tokens[index - 1]?.text ?? '')) continue;
    const next = tokens.slice(index + 1, index + 10);
    if (token.text === 'import') addTo(found, importedBy(tokens, index), 'import');
    else if (token.text === 'export') addTo(found, reexportedBy(tokens, index), 'import');
    else if (token.text === 'new') addTo(found, urlIn(next), 'new URL()');
  }
  if (map !== undefined) found.push(map);
  return found;
};

const addTo = (found: Reference[], literal: JsToken | undefined, kind: Reference['kind']): void => {
  if (literal === undefined) return;
  const raw = literal.text.slice(1, -1);
  // Escapes in a path are so rare that a path with one is taken for something else.
  if (!raw.includes('\\')) found.push({ start: literal.start + 1, end: literal.end - 1, value: raw, kind });
};

const isLiteral = (token: JsToken | undefined): token is JsToken =>
  token?.kind === 'string' || (token?.kind === 'template' && token.text.startsWith('`') && token.text.endsWith('`'));

const spell = (tokens: readonly (JsToken | undefined)[]): string => tokens.map((token) => token?.text ?? '').join('');

const importedBy = (tokens: readonly JsToken[], index: number): JsToken | undefined => {
  const [first, second, third, ...others] = tokens.slice(index + 1, index + 7);
  if (first?.kind === 'string') return first;
  if (first?.text === '(' && isLiteral(second) && /^[,)]$/.test(third?.text ?? '')) return second;
  const resolved = others.at(2);
  if (spell([first, second, third, ...others.slice(0, 2)]) === '.meta.resolve(' && isLiteral(resolved)) return resolved;
  if (first?.text === '(' || first?.text === '.') return undefined;
  return stringAfterFrom(tokens, index + 1);
};

const reexportedBy = (tokens: readonly JsToken[], index: number): JsToken | undefined =>
  /^[*{]$/.test(tokens[index + 1]?.text ?? '') ? stringAfterFrom(tokens, index + 1) : undefined;

/** `a, * as b from` has six. */
const mostOutsideBraces = 8;

/** The module's name in `a, { b as c } from 'module'`; undefined when the clause is anything else. */
const stringAfterFrom = (tokens: readonly JsToken[], from: number): JsToken | undefined => {
  let inBraces = false;
  let outside = 0;
  for (let index = from; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) return undefined;
    if (!inBraces && ++outside > mostOutsideBraces) return undefined;
    if (token.text === '{' && !inBraces) inBraces = true;
    else if (token.text === '}' && inBraces) inBraces = false;
    else if (token.text === 'from' && !inBraces && tokens[index + 1]?.kind === 'string') return tokens[index + 1];
    else if (token.kind === 'string' ? !inBraces : token.kind !== 'word' && !/^[,*]$/.test(token.text))
      return undefined;
  }
  return undefined;
};

const urlIn = (next: readonly JsToken[]): JsToken | undefined => {
  const [url, bracket, literal, comma, ...base] = next;
  if (spell([url, bracket]) !== 'URL(' || !isLiteral(literal) || comma?.text !== ',') return undefined;
  return spell(base.slice(0, 5)).startsWith('import.meta.url') ? literal : undefined;
};
