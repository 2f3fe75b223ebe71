import { S3Error } from '../s3-error.ts';

/** An element of a request body; attributes and namespaces are read over, text is trimmed only where nobody put any. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const mostDepth = 16;
const mostElements = 50_000;
const predefined: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const nameShape = '[A-Za-z_][\\w.\\-]*(?::[A-Za-z_][\\w.\\-]*)?';
const attributeShape = `\\s+${nameShape}\\s*=\\s*(?:"[^"<]*"|'[^'<]*')`;
const token = new RegExp(
  `<(${nameShape})((?:${attributeShape})*)\\s*(/?)>|</(${nameShape})\\s*>|<!--(?:(?!--)[^])*-->|<!\\[CDATA\\[((?:(?!]]>)[^])*)]]>|([^<]+)`,
  'y',
);
const declaration = /^\uFEFF?(?:<\?xml\s[^<>]*\?>)?\s*/;

/**
 * The strict subset of XML that S3 clients send: no document types, no entities but the five and numbers, no processing
 * instructions, bounded depth and number of elements.
 * @throws S3Error MalformedXML
 */
export const parseXml = (text: string): XmlElement => {
  token.lastIndex = declaration.exec(text)?.[0].length ?? 0;
  const root: Open = { name: '', children: [], text: '' };
  const open: Open[] = [root];
  let elements = 0;
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    if (found === null) throw malformed('expected an element or text');
    const [, start, , empty, end, verbatim, words] = found;
    const inner = open.at(-1);
    if (inner === undefined) throw malformed('more was closed than opened');
    if (start !== undefined) {
      elements += 1;
      if (elements > mostElements || open.length > mostDepth) throw malformed('it has too many or too deep elements');
      const child: Open = { name: withoutPrefix(start), children: [], text: '' };
      inner.children.push(child);
      if (empty !== '/') open.push(child);
    } else if (end !== undefined) {
      if (open.length < 2 || inner.name !== withoutPrefix(end)) throw malformed(`</${end}> closes nothing`);
      open.pop();
    } else if (verbatim !== undefined) {
      inner.text += verbatim;
    } else if (words !== undefined) {
      inner.text += decoded(words);
    }
  }
  const [only] = root.children;
  if (open.length !== 1 || root.children.length !== 1 || only === undefined || root.text.trim() !== '')
    throw malformed('expected exactly one complete root element');
  return only;
};

const withoutPrefix = (name: string): string => name.slice(name.indexOf(':') + 1);

const malformed = (why: string): S3Error => new S3Error('MalformedXML', `The XML is not well-formed: ${why}.`);

const decoded = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(/&([^;&]{1,10};)?/g, (_, name: string | undefined) => {
    const known = predefined[name?.slice(0, -1) ?? ''];
    if (known !== undefined) return known;
    const number = /^#(?:(\d+)|x([0-9a-fA-F]+));$/.exec(name ?? '');
    const code = number === null ? Number.NaN : Number.parseInt(number[1] ?? number[2] ?? '', number[1] ? 10 : 16);
    if (!(code > 0 && code <= 0x10ffff) || (code >= 0xd800 && code < 0xe000)) throw malformed('an unknown entity');
    return String.fromCodePoint(code);
  });

export const childrenOf = (parent: XmlElement, name: string): readonly XmlElement[] =>
  parent.children.filter((child) => child.name === name);

export const childOf = (parent: XmlElement, name: string): XmlElement | undefined =>
  parent.children.find((child) => child.name === name);

/** Text of a child, undefined where there is none. */
export const textOf = (parent: XmlElement, name: string): string | undefined => childOf(parent, name)?.text;
