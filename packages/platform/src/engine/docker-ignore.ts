interface Rule {
  readonly pattern: RegExp;
  readonly keeps: boolean;
}

/** One pattern of a .dockerignore file, of Go's filepath.Match with `**` for any number of folders. */
const patternOf = (glob: string): RegExp => {
  let source = '';
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob[at] ?? '';
    if (glob.startsWith('**/', at)) {
      source += '(?:.*/)?';
      at += 2;
    } else if (glob.startsWith('**', at)) {
      source += '.*';
      at += 1;
    } else if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[' && glob.indexOf(']', at + 1) > 0) {
      const end = glob.indexOf(']', at + 1);
      source += glob.slice(at, end + 1);
      at = end;
    } else if (char === '\\' && at + 1 < glob.length) {
      at += 1;
      source += RegExp.escape(glob[at] ?? '');
    } else source += RegExp.escape(char);
  }
  // What lies in a folder that matches goes with it.
  return new RegExp(`^${source}(?:/.*)?$`, 's');
};

const tidy = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

/** Which files of a build context stay at home: the rules of a .dockerignore file, of which the last that matches counts. */
export class DockerIgnore {
  readonly #rules: readonly Rule[];

  constructor(text: string) {
    this.#rules = text
      .replace(/^\uFEFF/, '')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.trim())
      .map((line) => ({ keeps: line.startsWith('!'), glob: tidy(line.replace(/^!\s*/, '')) }))
      .filter(({ glob }) => glob !== '')
      .map(({ keeps, glob }) => ({ keeps, pattern: patternOf(glob) }));
  }

  /** Whether a file or folder is left out, by its path from the context's root. */
  ignores(path: string): boolean {
    return this.#rules.findLast(({ pattern }) => pattern.test(path))?.keeps === false;
  }

  /** Whether nothing in an ignored folder can be kept, so that it need not be looked into. */
  get isFinal(): boolean {
    return !this.#rules.some(({ keeps }) => keeps);
  }
}
