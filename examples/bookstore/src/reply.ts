import type { Html } from './html.ts';

/** An answer before it is written to the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export function htmlReply(status: number, document: Html): Reply {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: `<!doctype html>\n${document}` };
}

/** Sends the browser on with GET, so that a reload doesn't post again; `to` is a path of this site. */
export function redirect(to: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 303, headers: { ...headers, location: to }, body: '' };
}

/** A request that gets an error page: thrown anywhere, shown by the app. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
