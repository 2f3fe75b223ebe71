import { AsyncLocalStorage } from 'node:async_hooks';
import { CompiledQuery, type DatabaseConnection } from 'kysely';

/** Somebody on whose behalf the store is changed. */
export interface ActingAs {
  /** Null before it is known who it is. */
  readonly id: string | null;
  readonly email: string | null;
  /** The door they came through: `api`, `cli`, `dashboard`, `git`. */
  readonly via: string;
}

const acting = new AsyncLocalStorage<ActingAs>();

/** Runs a piece of work whose changes of the store are noted as this somebody's; what it starts and leaves behind counts as well. */
export const actAs = <T>(who: ActingAs, work: () => T): T => acting.run(who, work);

const said = new WeakMap<DatabaseConnection, string>();

/**
 * Tells a connection of the store for whom it works from now on; asks nothing of it when it knows.
 * Never throws: the pool would lose the connection. One that can't be told is broken, and its next query says so.
 */
export const sayWhoActs = async (connection: DatabaseConnection): Promise<void> => {
  const who = acting.getStore();
  const text = who === undefined ? '' : JSON.stringify(who);
  if ((said.get(connection) ?? '') === text) return;
  try {
    await connection.executeQuery(CompiledQuery.raw("SELECT set_config('ravine.actor', $1, false)", [text]));
    said.set(connection, text);
  } catch {
    said.delete(connection);
  }
};
