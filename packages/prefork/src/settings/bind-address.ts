/** Where to listen: an address to bind, a unix socket to make, or a descriptor that was passed to this process. */
export type BindAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'fd'; readonly fd: number };

/**
 * Reads `HOST:PORT`, `[v6]:PORT`, `:PORT`, `PORT`, `unix:PATH` or `fd://N`.
 * @throws Error when it is none of these.
 */
export const parseBind = (text: string): BindAddress => {
  if (text.startsWith('unix:') && text.length > 'unix:'.length) {
    const path = text.slice('unix:'.length);
    return { kind: 'unix', path: path.startsWith('//') ? path.slice(2) : path };
  }
  const [, fd] = /^fd:\/\/(\d{1,4})$/.exec(text) ?? [];
  if (fd !== undefined && Number(fd) > 2) return { kind: 'fd', fd: Number(fd) };
  const [, bracketed, plain, port] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]*)):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw new Error(`expected HOST:PORT, [IPv6]:PORT, :PORT, unix:PATH or fd://N with N from 3 up, got "${text}"`);
  }
  return { kind: 'tcp', host: bracketed ?? (plain || '0.0.0.0'), port: Number(port) };
};
