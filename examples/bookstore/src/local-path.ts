/** A path on this site; anything that could lead elsewhere becomes the home page. */
export function localPath(wanted: string | null): string {
  return wanted !== null && /^\/(?![/\\])[\w\-./?=&%#+]*$/.test(wanted) ? wanted : '/';
}
