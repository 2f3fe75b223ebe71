import type { Language } from './languages/language.ts';
import type { Reply } from './reply.ts';
import type { Session } from './sessions.ts';

/** A request as pages see it: parsed, with its session, its form already checked for its CSRF token. */
export interface Visit {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Empty for GET. */
  readonly form: FormData;
  readonly session: Session;
  readonly language: Language;
  /** Whether the browser came over https. */
  readonly secure: boolean;
}

/** What a page can be shown with when the request went wrong before it was a visit. */
export type Glimpse = Pick<Visit, 'language'> & Partial<Visit>;

export type Page = (visit: Visit) => Reply | Promise<Reply>;
