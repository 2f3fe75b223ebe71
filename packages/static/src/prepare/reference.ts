/** A place in a text that names another file. */
export interface Reference {
  /** Offsets in the text, without quotes. */
  readonly start: number;
  readonly end: number;
  /** What stands there, with its escapes undone. */
  readonly value: string;
  readonly kind: 'url()' | '@import' | 'import' | 'new URL()' | 'sourceMappingURL';
}

/**
 * The source map that a comment names.
 * @param at offset of the comment's content
 * @see ECMA-426 section "Linking generated code to source maps"
 */
export const sourceMapIn = (comment: string, at: number): Reference | undefined => {
  const match = /^[#@]\s+sourceMappingURL=(\S+)\s*$/.exec(comment);
  const value = match?.[1];
  if (value === undefined) return undefined;
  const start = at + comment.indexOf('=') + 1;
  return { start, end: start + value.length, value, kind: 'sourceMappingURL' };
};

/** 1 is the first line. */
export const lineAt = (text: string, offset: number): number => {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
};
