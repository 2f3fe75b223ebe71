/**
 * This document for a library that makes style elements and style attributes, both of which the page's policy refuses: its
 * elements of the first kind hold style sheets of the document instead, and attributes are set property by property.
 */
export const strictDocument = (): Document =>
  new Proxy(document, {
    get: (target, name) => {
      if (name === 'createElement') return createElement;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

/** Runs something that makes such elements of the document itself, in spite of being given another. */
export const strictly = (make: () => void): void => {
  document.createElement = createElement;
  try {
    make();
  } finally {
    // Cast: what was set here hides the method that every document has.
    delete (document as Partial<Pick<Document, 'createElement'>>).createElement;
  }
};

const makeElement = Document.prototype.createElement;

const createElement = (tag: string): HTMLElement => {
  if (tag === 'style') return sheetElement();
  const element: HTMLElement = makeElement.call(document, tag);
  if (tag !== 'span') return element;
  element.setAttribute = (name, value) => {
    if (name === 'style') element.style.cssText = value;
    else Element.prototype.setAttribute.call(element, name, value);
  };
  return element;
};

/** An element that shows nothing, whose text is a style sheet of the document for as long as it is not removed. */
const sheetElement = (): HTMLElement => {
  const sheet = new CSSStyleSheet();
  const element: HTMLElement = makeElement.call(document, 'span');
  element.hidden = true;
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text) });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
};
