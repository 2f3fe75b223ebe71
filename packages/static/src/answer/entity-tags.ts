const oneTag = /[\s,]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?=,|$)/y;

/**
 * Whether a list as in If-Match or If-None-Match names this strong tag; `*` names every tag.
 * A weak member only counts when the comparison is weak. What can't be read names nothing.
 * @see RFC 9110 section 8.8.3.2
 */
export const listNames = (list: string, etag: string | undefined, comparison: 'strong' | 'weak'): boolean => {
  if (list.trim() === '*') return true;
  oneTag.lastIndex = 0;
  for (let match = oneTag.exec(list); match !== null; match = oneTag.exec(list)) {
    if (match[2] === etag && (comparison === 'weak' || match[1] === undefined)) return true;
    if (oneTag.lastIndex >= list.length) return false;
  }
  return false;
};
