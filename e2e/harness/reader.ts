import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Platform } from './platform.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Somebody who fills in an app's forms: keeps cookies and follows no redirect. */
export class Reader {
  readonly #port: number;
  readonly #host: string;
  readonly #cookies = new Map<string, string>();

  constructor({ routerPort }: Pick<Platform, 'routerPort'>, appName: string) {
    this.#port = routerPort;
    this.#host = `${appName}.localhost:${routerPort}`;
  }

  get(path: string): Promise<Answer> {
    return this.#send('GET', path);
  }

  /** Opens a page, takes its CSRF token, and posts the fields to its own address, as forms for uploads do. */
  async submit(path: string, fields: Readonly<Record<string, string | File>>): Promise<Answer> {
    const page = (await this.get(path)).body.toString();
    const form = new FormData();
    const [, token = 'csrf', value = ''] = /name="(csrf\w*)" value="([^"]+)"/.exec(page) ?? [];
    form.set(token, value);
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const written = new Response(form);
    const type = written.headers.get('content-type') ?? '';
    return this.#send('POST', path, type, Buffer.from(await written.arrayBuffer()));
  }

  #send(method: string, path: string, type?: string, body?: Buffer): Promise<Answer> {
    const headers = {
      host: this.#host,
      ...(this.#cookies.size > 0 && { cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; ') }),
      ...(type !== undefined && { 'content-type': type, 'content-length': body?.length ?? 0 }),
    };
    return new Promise((resolve, reject) => {
      const at = { host: '127.0.0.1', port: this.#port, agent: false };
      request({ ...at, method, path, headers }, (response) => {
        for (const cookie of response.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
          this.#cookies.set(name, value);
        }
        buffer(response).then(
          (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }),
          reject,
        );
      })
        .on('error', reject)
        .end(body);
    });
  }
}
