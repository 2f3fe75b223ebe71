import { type Reference, sourceMapIn } from './reference.ts';

const token = new RegExp(
  [
    String.raw`\/\*(?<comment>[\s\S]*?)(?:\*\/|$)`,
    String.raw`"(?<double>(?:[^"\\\n]|\\[\s\S])*)"`,
    String.raw`'(?<single>(?:[^'\\\n]|\\[\s\S])*)'`,
    // Some write pictures unquoted, with quotes inside.
    String.raw`(?<![\w-])url\(\s*data:[^)]*(?:\)|$)`,
    String.raw`(?<![\w-])(?<open>url\(\s*)(?<bare>(?:[^"'()\\\s]|\\[^\n])+)\s*\)`,
    String.raw`(?<name>@?-{0,2}[a-z_\u0080-\uffff](?:[\w\u0080-\uffff-]|\\.)*)(?<call>\()?`,
    String.raw`(?<mark>[^\s\w])`,
  ].join('|'),
  'gi',
);

const takesUrls = /^(?:url|src|(?:-webkit-)?image-set)$/i;

/**
 * What a stylesheet refers to: `url()`, `src()`, `image-set()`, `@import` and its source map.
 * Comments and other strings are left alone.
 * @see CSS Values and Units 4, section "URLs"
 */
export const cssReferences = (text: string): Reference[] => {
  const found: Reference[] = [];
  const functions: string[] = [];
  let imports = false;
  for (const match of text.matchAll(token)) {
    const { comment, double, single, open = '', bare, name, call, mark } = match.groups ?? {};
    if (comment !== undefined) {
      const map = sourceMapIn(comment, match.index + 2);
      if (map !== undefined) found.push(map);
      continue;
    }
    const inString = double ?? single;
    if (inString !== undefined && (imports || takesUrls.test(functions.at(-1) ?? ''))) {
      found.push(referenceAt(match.index + 1, inString, imports ? '@import' : 'url()'));
    } else if (bare !== undefined) {
      found.push(referenceAt(match.index + open.length, bare, 'url()'));
    } else if (call !== undefined) functions.push(name ?? '');
    else if (mark === '(') functions.push('');
    else if (mark === ')') functions.pop();
    else if (mark === '{' || mark === '}') functions.length = 0;
    // `@import url("…")` has its string inside a function.
    imports = name?.toLowerCase() === '@import';
  }
  return found;
};

const referenceAt = (start: number, raw: string, kind: Reference['kind']): Reference => ({
  start,
  end: start + raw.length,
  value: undoEscapes(raw),
  kind,
});

/** @see CSS Syntax 3, section 4.3.7 */
const undoEscapes = (raw: string): string =>
  raw.replace(/\\(?:([0-9a-f]{1,6})\s?|(\n)|([\s\S]))/gi, (_, hex?: string, newline?: string, other?: string) =>
    hex === undefined ? (newline === undefined ? (other ?? '') : '') : codePoint(Number.parseInt(hex, 16)),
  );

const codePoint = (code: number): string =>
  code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
