/** Left out always, as editors and version control leave them behind. */
export const defaultIgnores: readonly string[] = ['CVS', '.*', '*~'];

/**
 * Whether a name matches a pattern: `*` stands for anything but a slash, `**` for anything, `?` for one character, `[abc]` for one of these.
 * A pattern without a slash is held against each part of the name, one with a slash against the whole name and the folders on the way.
 */
export const ignores = (patterns: readonly string[]): ((name: string) => boolean) => {
  const tests = patterns.map((pattern) => ({ whole: pattern.includes('/'), regex: toRegex(pattern) }));
  return (name) => {
    const parts = name.split('/');
    return tests.some(({ whole, regex }) =>
      parts.some((part, index) => regex.test(whole ? parts.slice(0, index + 1).join('/') : part)),
    );
  };
};

const toRegex = (pattern: string): RegExp => {
  const source = pattern.replace(/\*\*\/?|\*|\?|\[!?[^\]]+\]|[^*?[]+|\[/g, (piece) => {
    if (piece.startsWith('**')) return piece.endsWith('/') ? '(?:.*/)?' : '.*';
    if (piece === '*') return '[^/]*';
    if (piece === '?') return '[^/]';
    if (piece.length > 2 && piece.startsWith('[')) return piece.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 'u');
};
