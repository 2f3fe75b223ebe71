import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { migrate } from '../src/migrate.ts';
import { createDatabase } from './postgres.ts';

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

/** Starts the shop on a free port, as `npm start` does, and waits until it serves. */
export async function startServer(env: Record<string, string>): Promise<ServerProcess> {
  const child = spawn('prefork', ['src/server.ts', '--bind', '127.0.0.1:0'], {
    cwd: new URL('..', import.meta.url),
    env: { PATH: process.env.PATH, SESSION_SECRET: 'only-for-the-tests', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  let port: string | undefined;
  for await (const line of createInterface(child.stderr)) {
    port = /serving .+ on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined) break;
  }
  if (port === undefined || child.pid === undefined) throw new Error('expected the server to listen, but it ended');
  child.stderr.resume();
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT'); // Not SIGTERM, which lets clients keep their idle connections for as long as they were promised.
      await ended;
    },
  };
}

/** A shop with its first books, on a database of its own. */
export async function openShop(env: Record<string, string> = {}) {
  const database = await createDatabase();
  await migrate(database.url);
  const server = await startServer({ DATABASE_URL: database.url, ...env });
  return {
    url: server.url,
    databaseUrl: database.url,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Keeps cookies and fills in forms as a browser does; it doesn't follow redirects. */
export class Browser {
  readonly #shop: { readonly url: string };
  readonly #headers: Record<string, string>;
  /** Of the session. */
  cookie = '';
  #language = '';

  constructor(shop: { readonly url: string }, headers: Record<string, string> = {}) {
    this.#shop = shop;
    this.#headers = headers;
  }

  async get(path: string): Promise<Response> {
    return this.#send(path, {});
  }

  async text(path: string): Promise<string> {
    return (await this.get(path)).text();
  }

  /** Opens a page, takes its CSRF token, and posts the fields to `path`, with files as forms for uploads do. */
  async submit(
    page: string,
    path: string,
    fields: Record<string, string>,
    files?: Record<string, File>,
  ): Promise<Response> {
    const csrf = /name="csrf" value="([^"]+)"/.exec(await this.text(page))?.[1] ?? '';
    if (files === undefined) return this.post(path, { csrf, ...fields });
    const body = new FormData();
    for (const [name, value] of Object.entries({ csrf, ...fields, ...files })) body.set(name, value);
    return this.#send(path, { method: 'POST', body });
  }

  async post(path: string, fields: Record<string, string>): Promise<Response> {
    return this.#send(path, { method: 'POST', body: new URLSearchParams(fields) });
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const cookie = [this.cookie, this.#language].filter(Boolean).join('; ');
    const headers = { ...this.#headers, ...(cookie !== '' && { cookie }) };
    const response = await fetch(this.#shop.url + path, { ...init, headers, redirect: 'manual' });
    const [set] = response.headers.getSetCookie();
    if (set?.startsWith('language=')) this.#language = set.split(';')[0] ?? '';
    else if (set !== undefined) this.cookie = set.includes('Max-Age=0') ? '' : (set.split(';')[0] ?? '');
    return response;
  }
}
