import type { Database } from './database.ts';
import { hashPassword, verifyPassword } from './passwords.ts';

/** Somebody with an account. */
export interface Reader {
  readonly id: number;
  readonly name: string;
  /** Whether they work in the shop. */
  readonly staff: boolean;
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
       ON CONFLICT (email) DO NOTHING RETURNING id, name, staff`,
      [name, email, await hashPassword(password)],
    );
    return rows[0];
  }

  /** The reader with this e-mail address and password; undefined when either is wrong. */
  async recognize(email: string, password: string): Promise<Reader | undefined> {
    const { rows } = await this.#database.query<Reader & { hash: string | null }>(
      'SELECT id, name, staff, password_hash AS hash FROM readers WHERE email = lower($1)',
      [email],
    );
    const [found] = rows;
    const right = await verifyPassword(password, found?.hash);
    return right && found ? { id: found.id, name: found.name, staff: found.staff } : undefined;
  }

  /** Says who works in the shop; false when nobody has this e-mail address. */
  async setStaff(email: string, staff: boolean): Promise<boolean> {
    const text = 'UPDATE readers SET staff = $2 WHERE email = lower($1)';
    return (await this.#database.query(text, [email, staff])).rowCount === 1;
  }
}
