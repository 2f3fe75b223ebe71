import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** When every file of a test's folder was last changed, unless it says otherwise. */
export const written = new Date('2024-05-06T07:08:09Z');

/** A folder with these files, gone after the test. */
export const makeFolder = (context: TestContext, files: Readonly<Record<string, string | Buffer>> = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), 'static-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  putFiles(folder, files);
  return folder;
};

/** Writes files below a folder, dated `written`. */
export const putFiles = (folder: string, files: Readonly<Record<string, string | Buffer>>): void => {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    utimesSync(path, written, written);
  }
};

/** Serves for as long as the test lasts. @returns the origin, such as `http://127.0.0.1:49152` */
export const listen = async (server: Server, context: TestContext): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
};

/** A text that compresses well, with its two usual variants. */
export const css = 'body { color: teal; margin: 0 }\n'.repeat(64);
export const styled = {
  'app.css': css,
  'app.css.gz': gzipSync(css),
  'app.css.br': brotliCompressSync(css),
};

/** An answer with its whole body. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

/** Asks without changing the path in any way, as browsers and others may send it. */
export const ask = (
  origin: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Got> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const options = { host: hostname, port, path, method, headers, agent: false as const };
    request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString() });
      });
    })
      .on('error', reject)
      .end();
  });
