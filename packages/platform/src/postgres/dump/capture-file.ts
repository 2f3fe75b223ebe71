/** What WASI's fd_write is called with: a file descriptor, a list of pieces of memory, and where to note their sum. */
type FileWrite = (descriptor: number, pieces: number, count: number, total: number) => number;

type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
interface Loaded {
  readonly instance: { readonly exports: Readonly<Record<string, unknown>> };
}

/** What we use of WebAssembly; its types come with those of browsers. */
declare const WebAssembly: {
  instantiate: (source: Uint8Array, imports?: Imports) => Promise<Loaded>;
  readonly Memory: new () => { readonly buffer: ArrayBuffer };
};

/**
 * From now on keeps what WebAssembly programs write to files, byte by byte: the package that brings pg_dump gives its
 * output as text only, which a dump in custom format isn't. To be called before such a program is loaded.
 */
export const captureFile = (): (() => Buffer) => {
  const parts: Buffer[] = [];
  const instantiate = WebAssembly.instantiate.bind(WebAssembly);
  const patched: typeof instantiate = async (source, imports = {}) => {
    const wasi = imports.wasi_snapshot_preview1;
    if (wasi === undefined) return instantiate(source, imports);
    const write = wasi.fd_write as FileWrite; // as WASI defines it
    let memory = imports.env?.memory;
    const capture: FileWrite = (descriptor, pieces, count, total) => {
      if (descriptor > 2 && memory instanceof WebAssembly.Memory) {
        const view = new DataView(memory.buffer);
        for (let n = 0; n < count; n++) {
          const [from, length] = [view.getUint32(pieces + 8 * n, true), view.getUint32(pieces + 8 * n + 4, true)];
          parts.push(Buffer.from(new Uint8Array(memory.buffer.slice(from, from + length))));
        }
      }
      return write(descriptor, pieces, count, total);
    };
    const own = new Proxy(wasi, { get: (target, name) => (name === 'fd_write' ? capture : Reflect.get(target, name)) });
    const result = await instantiate(source, { ...imports, wasi_snapshot_preview1: own });
    memory ??= result.instance.exports.memory;
    return result;
  };
  WebAssembly.instantiate = patched;
  return () => Buffer.concat(parts);
};
