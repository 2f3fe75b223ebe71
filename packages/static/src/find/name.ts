/** The part of a name after the last slash. */
export const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** A name (`css/ä b.css`) as it stands in a URL (`css/%C3%A4%20b.css`), in HTML, CSS and JavaScript alike. */
export const encodeName = (name: string): string =>
  name
    .split('/')
    .map(encodeURIComponent)
    .join('/')
    .replace(/['()]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);

/** The path of a request target, decoded; undefined when it isn't a path, or no UTF-8 is behind its percents. */
export const decodeTarget = (target: string): string | undefined => {
  const end = target.search(/[?#]/);
  const path = end === -1 ? target : target.slice(0, end);
  if (!path.startsWith('/')) return undefined;
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
};

/** Whether a name can only mean one file below its root: no empty, `.` or `..` parts, no backslash, no control characters. */
export const isPlainName = (name: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
  !/[\\\u0000-\u001f\u007f]/.test(name) &&
  name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** Whether the name, or a folder on the way to it, begins with a dot; `.well-known/` is not hidden. Source: RFC 8615. */
export const isHidden = (name: string): boolean =>
  name.split('/').some((part, index) => part.startsWith('.') && !(index === 0 && part === '.well-known'));
