import type { Reply } from './reply.ts';
import type { Session } from './sessions.ts';

/** A request as pages see it: parsed, with its session, its form already checked for its CSRF token. */
export interface Visit {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Empty for GET. */
  readonly form: URLSearchParams;
  readonly session: Session;
  /** Whether the browser came over https. */
  readonly secure: boolean;
}

export type Page = (visit: Visit) => Reply | Promise<Reply>;
