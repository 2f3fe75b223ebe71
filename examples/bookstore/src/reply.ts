import type { Html } from './html.ts';
import { english, type Words } from './languages/english.ts';
import type { Language } from './languages/language.ts';

/** An answer before it is written to the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export function htmlReply(status: number, { code }: Language, document: Html): Reply {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-language': code };
  return { status, headers, body: `<!doctype html>\n${document}` };
}

/** Sends the browser on with GET, so that a reload doesn't post again; `to` is a path of this site. */
export function redirect(to: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 303, headers: { ...headers, location: to }, body: '' };
}

/** A request that gets an error page: thrown anywhere, shown by the app in the visitor's language. */
export class Refusal extends Error {
  readonly status: number;
  readonly say: (words: Words) => string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, say: (words: Words) => string, headers: Readonly<Record<string, string>> = {}) {
    super(say(english));
    this.status = status;
    this.say = say;
    this.headers = headers;
  }
}
