/** A piece of XML that is escaped already. */
export type Xml = string & { readonly xml: unique symbol };

const asXml = (text: string): Xml => text as Xml; // the one place where text becomes XML

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters that would not survive XML's line ends, or that it has no way to say, are given as references. */
const escaped = (text: string): string =>
  text.replace(/[&<>"\p{Cc}\uFFFE\uFFFF]/gu, (found) => entities[found] ?? `&#x${found.charCodeAt(0).toString(16)};`);

/** `<Name>text</Name>` */
export const leaf = (name: string, value: string | number | boolean): Xml =>
  asXml(`<${name}>${escaped(String(value))}</${name}>`);

/** As {@link leaf}, or nothing where there is no value. */
export const leafIf = (name: string, value: string | number | boolean | undefined): Xml =>
  value === undefined ? asXml('') : leaf(name, value);

/** An element of others; `attributes` are ours, never a client's. */
export const element = (name: string, children: readonly Xml[], attributes = ''): Xml =>
  asXml(`<${name}${attributes}>${children.join('')}</${name}>`);

const s3Namespace = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** A whole answer: declaration and root element in S3's namespace. */
export const document = (name: string, children: readonly Xml[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, children, s3Namespace)}`;

/** As {@link document}, without the namespace, as S3 gives errors. */
export const errorDocument = (children: readonly Xml[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', children)}`;
