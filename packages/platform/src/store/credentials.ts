import type { Selectable } from 'kysely';
import type { AddOnId } from '../domain/ids.ts';
import type { CredentialsTable } from './credential-tables.ts';
import type { Database } from './database.ts';

export type Credential = Selectable<CredentialsTable>;

/** Credentials of databases beside the default one, whose secrets are the add-on's own config. */
export const credentials = {
  /** Of an add-on, by name. */
  ofAddOn: (db: Database, addOnId: AddOnId): Promise<Credential[]> =>
    db.selectFrom('credentials').selectAll().where('addOnId', '=', addOnId).orderBy('name').execute(),

  find: (db: Database, addOnId: AddOnId, name: string): Promise<Credential | undefined> =>
    db.selectFrom('credentials').selectAll().where('addOnId', '=', addOnId).where('name', '=', name).executeTakeFirst(),

  /** @throws a unique violation of `credentials_pkey` when there is one of that name. */
  insert: async (db: Database, row: Pick<Credential, 'addOnId' | 'name' | 'state' | 'sealedConfig'>): Promise<void> => {
    await db.insertInto('credentials').values(row).execute();
  },

  put: async (db: Database, row: Pick<Credential, 'addOnId' | 'name' | 'state' | 'sealedConfig'>): Promise<void> => {
    const { state, sealedConfig } = row;
    await db
      .insertInto('credentials')
      .values(row)
      .onConflict((on) => on.columns(['addOnId', 'name']).doUpdateSet({ state, sealedConfig, updatedAt: new Date() }))
      .execute();
  },

  become: async (db: Database, { addOnId, name }: CredentialKey, state: Credential['state']): Promise<void> => {
    await db
      .updateTable('credentials')
      .set({ state, updatedAt: new Date() })
      .where('addOnId', '=', addOnId)
      .where('name', '=', name)
      .execute();
  },

  remove: async (db: Database, { addOnId, name }: CredentialKey): Promise<void> => {
    await db.deleteFrom('credentials').where('addOnId', '=', addOnId).where('name', '=', name).execute();
  },

  removeAll: async (db: Database, addOnId: AddOnId): Promise<void> => {
    await db.deleteFrom('credentials').where('addOnId', '=', addOnId).execute();
  },
};

type CredentialKey = Pick<Credential, 'addOnId' | 'name'>;
