import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Platform } from './platform.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Somebody who fills in an app's forms: keeps the session's cookie and follows no redirect. */
export class Reader {
  readonly #port: number;
  readonly #host: string;
  #cookie = '';

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
    form.set('csrf', /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '');
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const written = new Response(form);
    const type = written.headers.get('content-type') ?? '';
    return this.#send('POST', path, type, Buffer.from(await written.arrayBuffer()));
  }

  #send(method: string, path: string, type?: string, body?: Buffer): Promise<Answer> {
    const headers = {
      host: this.#host,
      ...(this.#cookie !== '' && { cookie: this.#cookie }),
      ...(type !== undefined && { 'content-type': type, 'content-length': body?.length ?? 0 }),
    };
    return new Promise((resolve, reject) => {
      const at = { host: '127.0.0.1', port: this.#port, agent: false };
      request({ ...at, method, path, headers }, (response) => {
        const session = response.headers['set-cookie']?.find((cookie) => cookie.startsWith('session='));
        if (session !== undefined) this.#cookie = session.split(';')[0] ?? '';
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
