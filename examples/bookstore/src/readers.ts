import type { Database } from './database.ts';
import { hashPassword, verifyPassword } from './passwords.ts';

/** Somebody with an account. */
export interface Reader {
  readonly id: number;
  readonly name: string;
}

export class Readers {
  readonly #database: Database;
  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes an account; undefined when the e-mail address has one already. */
  async signUp(name: string, email: string, password: string): Promise<Reader | undefined> {
    const { rows } = await this.#database.query<Reader>(
      `INSERT INTO readers (name, email, password_hash) VALUES ($1, lower($2), $3)
       ON CONFLICT (email) DO NOTHING RETURNING id, name`,
      [name, email, await hashPassword(password)],
    );
    return rows[0];
  }

  /** The reader with this e-mail address and password; undefined when either is wrong. */
  async recognize(email: string, password: string): Promise<Reader | undefined> {
    const { rows } = await this.#database.query<Reader & { hash: string | null }>(
      'SELECT id, name, password_hash AS hash FROM readers WHERE email = lower($1)',
      [email],
    );
    const [found] = rows;
    return (await verifyPassword(password, found?.hash)) && found ? { id: found.id, name: found.name } : undefined;
  }
}
