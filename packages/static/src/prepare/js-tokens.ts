/** A piece of JavaScript. Numbers, blanks and line ends are left out. */
export interface JsToken {
  readonly kind: 'word' | 'string' | 'template' | 'regex' | 'mark' | 'comment';
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Words after which a slash begins a regular expression. */
const beforeExpression = new Set(
  'await case delete do else extends in instanceof new of return throw typeof void yield default'.split(' '),
);
const beforeCondition = new Set(['if', 'while', 'for', 'with']);

const blank = /\s+/y;
const word = /[\p{ID_Start}$_#\\](?:[\p{ID_Continue}$\\]|\u200c|\u200d)*/uy;
const number = /\.?\d(?:[\w.]|(?<=e)[+-])*/iy;
const string = /"(?:[^"\\\n\r]|\\(?:\r\n|[\s\S]))*"|'(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*'/y;
const regex = /\/(?![*/])(?:[^\\/[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+\/[\p{ID_Continue}$]*/uy;
const comment = /\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\//y;
const templatePart = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/** What an open bracket was, which says what a slash behind its end means. */
interface Open {
  readonly mark: string;
  /** A slash after the closing bracket begins a regular expression. */
  readonly regexAfter: boolean;
}

/**
 * Cuts a script or module into tokens; undefined when it can't (not JavaScript, or cut off).
 * Regular expressions and divisions are told apart by what stands before them, which is right but for code that nobody writes.
 */
export const jsTokens = (text: string): JsToken[] | undefined => {
  const tokens: JsToken[] = [];
  const open: Open[] = [];
  let before: JsToken | undefined;
  let regexMayFollow = true;
  let at = text.startsWith('#!') ? (matchAt(/[^\n\r]*/y, text, 0)?.length ?? 0) : 0;

  const add = (kind: JsToken['kind'], piece: string, regexAfter: boolean): void => {
    const token = { kind, start: at, end: at + piece.length, text: piece };
    tokens.push(token);
    at = token.end;
    if (kind === 'comment') return;
    before = token;
    regexMayFollow = regexAfter;
  };
  /** From a backtick or from the end of `${…}` on; false when the template never ends. */
  const template = (): boolean => {
    const piece = text[at] + (matchAt(templatePart, text, at + 1) ?? '');
    const closes = text[at + piece.length] === '`';
    if (!closes && !text.startsWith('${', at + piece.length)) return false;
    if (!closes) open.push({ mark: '`', regexAfter: false });
    add('template', piece + (closes ? '`' : '${'), !closes);
    return true;
  };

  while (at < text.length) {
    const char = text[at] ?? '';
    const gap = matchAt(blank, text, at);
    if (gap !== undefined) {
      at += gap.length;
      continue;
    }
    const remark = char === '/' ? matchAt(comment, text, at) : undefined;
    const numeral = /[\d.]/.test(char) ? matchAt(number, text, at) : undefined;
    const name = remark === undefined && numeral === undefined ? matchAt(word, text, at) : undefined;
    if (remark !== undefined) add('comment', remark, regexMayFollow);
    else if (numeral !== undefined) {
      at += numeral.length;
      regexMayFollow = false;
    } else if (name !== undefined) add('word', name, beforeExpression.has(name) && before?.text !== '.');
    else if (char === '"' || char === "'") {
      const literal = matchAt(string, text, at);
      if (literal === undefined) return undefined;
      add('string', literal, false);
    } else if (char === '`') {
      if (!template()) return undefined;
    } else if (char === '/' && regexMayFollow) {
      const literal = matchAt(regex, text, at);
      if (literal === undefined) return undefined;
      add('regex', literal, false);
    } else if ('([{'.includes(char)) {
      // A block begins where a statement can; a slash behind its end begins a regular expression.
      const regexAfter =
        char === '{'
          ? !regexMayFollow ||
            before === undefined ||
            [';', '}', '{', ')', '=>', 'else', 'do', ':'].includes(before.text)
          : char === '(' && beforeCondition.has(before?.text ?? '');
      open.push({ mark: char, regexAfter });
      add('mark', char, true);
    } else if (')]}'.includes(char)) {
      const opened = open.pop();
      if (opened === undefined) return undefined;
      if (opened.mark !== '`') add('mark', char, opened.regexAfter);
      else if (!template()) return undefined;
    } else {
      const operator = /^(?:\.\.\.|\?\.(?!\d)|\+\+|--|=>)/.exec(text.slice(at, at + 4))?.[0] ?? char;
      // After `x++` a slash divides; before `++x` there is nothing to divide.
      add('mark', operator, operator === '++' || operator === '--' ? regexMayFollow : true);
    }
  }
  return open.length === 0 ? tokens : undefined;
};
