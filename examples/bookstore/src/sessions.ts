import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from './database.ts';
import type { Reader } from './readers.ts';

const lifetimeSeconds = 14 * 24 * 60 * 60;

/** One browser's visit: an id in a signed cookie; a row in the database only while somebody is logged in. */
export class Session {
  readonly id: string;
  readonly reader: Reader | undefined;
  readonly #csrfToken: string;
  #needsCookie = false;
  readonly #isNew: boolean;

  constructor(id: string, csrfToken: string, isNew: boolean, reader: Reader | undefined) {
    this.id = id;
    this.reader = reader;
    this.#csrfToken = csrfToken;
    this.#isNew = isNew;
  }

  /** For a hidden field of a form. Showing a form is what starts a session: visitors who only look get no cookie. */
  csrfToken(): string {
    this.#needsCookie = this.#isNew;
    return this.#csrfToken;
  }

  get needsCookie(): boolean {
    return this.#needsCookie;
  }

  /** Whether a form was made by us for this very browser. */
  accepts(token: string): boolean {
    return !this.#isNew && sameText(token, this.#csrfToken);
  }
}

export class Sessions {
  readonly #database: Database;
  readonly #secret: string;
  constructor(database: Database, secret: string) {
    this.#database = database;
    this.#secret = secret;
  }

  /** The session that the Cookie header names, or a new one when it names none or its signature is wrong. */
  async open(cookieHeader: string | undefined): Promise<Session> {
    const [, id, signature] = /(?:^|;\s*)session=([\w-]+)\.([\w-]+)/.exec(cookieHeader ?? '') ?? [];
    if (id === undefined || signature === undefined || !sameText(signature, this.#sign('session', id))) {
      const fresh = newId();
      return new Session(fresh, this.#sign('form', fresh), true, undefined);
    }
    const { rows } = await this.#database.query<Reader>(
      `SELECT readers.id, readers.name, readers.staff FROM sessions JOIN readers ON readers.id = sessions.reader_id
        WHERE sessions.id_hash = $1 AND sessions.expires_at > now()`,
      [hash(id)],
    );
    return new Session(id, this.#sign('form', id), false, rows[0]);
  }

  /** Logs a reader in under a new id (an id known from before could be a stranger's) and returns that id. */
  async logIn(reader: Reader): Promise<string> {
    const id = newId();
    await this.#database.query('DELETE FROM sessions WHERE expires_at < now()');
    await this.#database.query(
      'INSERT INTO sessions (id_hash, reader_id, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3))',
      [hash(id), reader.id, lifetimeSeconds],
    );
    return id;
  }

  async logOut(session: Session): Promise<void> {
    await this.#database.query('DELETE FROM sessions WHERE id_hash = $1', [hash(session.id)]);
  }

  /** The Set-Cookie header that keeps this session; `undefined` forgets it. */
  cookie(id: string | undefined, secure: boolean): string {
    const value =
      id === undefined
        ? 'session=; Max-Age=0'
        : `session=${id}.${this.#sign('session', id)}; Max-Age=${lifetimeSeconds}`;
    return `${value}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  }

  #sign(purpose: 'session' | 'form', id: string): string {
    return createHmac('sha256', this.#secret).update(`${purpose}:${id}`).digest('base64url');
  }
}

function newId(): string {
  return randomBytes(24).toString('base64url');
}

function hash(id: string): Buffer {
  return createHash('sha256').update(id).digest();
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
