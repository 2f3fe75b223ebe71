import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { forbidden, notFound } from '../contract/platform-error.ts';
import type { Account } from '../store/accounts.ts';
import type { App } from '../store/apps.ts';
import type { Authorization } from '../store/authorizations.ts';
import type { Answer } from './answer.ts';
import type { Ability } from './authorize-app.ts';

/** One request, read. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
  /** Set on POSTs: what they make carries it, so that a repeated request finds it. */
  readonly requestKey: string | null;
  /** URL under which the client reached us, without a slash at the end. */
  readonly base: string;
  /** For bodies that stream. */
  readonly request: IncomingMessage;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

export interface SignedInCall extends Call {
  readonly account: Account;
  readonly authorization: Authorization;
}

export interface AppCall extends SignedInCall {
  readonly app: App;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** How the body comes: parsed JSON (the default), a parsed HTML form, or a stream the handler reads. */
export type BodyKind = 'json' | 'form' | 'stream';

interface Place {
  readonly method: Method;
  /** `/apps/:app/dynos/:dyno`; names or UUIDs. */
  readonly path: string;
  readonly body: BodyKind;
  /** Whether request or answer carry a password or a token, which even sealed must not rest in the store. */
  readonly secret: boolean;
}

/** A method and path, who may use it, and what it does. There is no endpoint without one of the three accesses. */
export type Endpoint = Place &
  (
    | { readonly access: 'anyone'; handle(call: Call): Promise<Answer> }
    | { readonly access: 'account'; handle(call: SignedInCall): Promise<Answer> }
    | { readonly access: 'app'; readonly ability: Ability; handle(call: AppCall): Promise<Answer> }
  );

type Options = Partial<Pick<Place, 'body' | 'secret'>>;

const place = (method: Method, path: string, options: Options): Place => ({
  method,
  path,
  body: options.body ?? 'json',
  secret: options.secret ?? false,
});

/** For everyone who knows the address; secrets in the path guard it where it needs guarding. */
export const anyone = (
  method: Method,
  path: string,
  handle: (call: Call) => Promise<Answer>,
  options: Options = {},
): Endpoint => ({ ...place(method, path, options), access: 'anyone', handle });

/** For everyone signed in; the handler shows only what belongs to `call.account`. */
export const signedIn = (
  method: Method,
  path: string,
  handle: (call: SignedInCall) => Promise<Answer>,
  options: Options = {},
): Endpoint => ({ ...place(method, path, options), access: 'account', handle });

/** For those who answer for the machine. */
export const asAdministrator = (
  method: Method,
  path: string,
  handle: (call: SignedInCall) => Promise<Answer>,
  options: Options = {},
): Endpoint =>
  signedIn(
    method,
    path,
    async (call) => {
      if (!call.account.administrator) throw forbidden('Only an administrator of this platform may see that.');
      return handle(call);
    },
    options,
  );

/** For those who have this ability on the app named by `:app`; to all others there is no such app. */
export const onApp = (
  method: Method,
  path: string,
  ability: Ability,
  handle: (call: AppCall) => Promise<Answer>,
  options: Options = {},
): Endpoint => ({ ...place(method, path, options), access: 'app', ability, handle });

/** A part of the path; absent or impossible ones are not found. */
export const param = (call: Call, name: string): string => {
  const value = call.params[name];
  if (value === undefined || value === '' || value.includes('\0')) throw notFound(name);
  return value;
};
