import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { SuperuserConnection } from '../cluster.ts';
import { scramVerifier } from '../scram-verifier.ts';
import { quoteName, withSuperuser } from '../superuser.ts';

const prefix = 'ravine_follower_';

/** What a follower's role and replication slot are called on its leader; of letters, digits and `_`. */
export const followerName = (id: string): string => `${prefix}${id.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`;

/**
 * Lets a follower stream the log: its role may do nothing else, and from now on the log is kept for it. Repeated, it
 * gives another password.
 * @returns the password.
 */
export const admitFollower = (leader: SuperuserConnection, name: string): Promise<string> =>
  withSuperuser(leader, 'postgres', async (client) => {
    const password = `p${randomBytes(32).toString('hex')}`;
    const { rowCount: roles } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
    await client.query(
      `${roles ? 'ALTER' : 'CREATE'} ROLE ${quoteName(name)} LOGIN REPLICATION PASSWORD '${await scramVerifier(password)}'`,
    );
    const { rowCount: slots } = await client.query('SELECT 1 FROM pg_replication_slots WHERE slot_name = $1', [name]);
    if (!slots) await client.query('SELECT pg_create_physical_replication_slot($1, true)', [name]);
    return password;
  });

/**
 * Forgets all followers but those that `remaining` names, so that no log is kept for one that is gone; asked only when
 * there are any. Does nothing on a server that follows itself.
 */
export const dismissFollowers = (
  server: SuperuserConnection,
  remaining: () => Promise<ReadonlySet<string>>,
): Promise<void> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rows } = await client.query<{ name: string; slot: boolean }>(
      `SELECT rolname AS name, false AS slot FROM pg_roles WHERE starts_with(rolname, '${prefix}') AND NOT pg_is_in_recovery()
       UNION ALL SELECT slot_name, true FROM pg_replication_slots WHERE starts_with(slot_name, '${prefix}')`,
    );
    if (rows.length === 0) return;
    const kept = await remaining();
    const gone = rows.filter(({ name }) => !kept.has(name));
    // Roles first: with its role away, a follower that is still there can't come again.
    for (const { name } of gone.filter(({ slot }) => !slot)) await client.query(`DROP ROLE ${quoteName(name)}`);
    for (const { name } of gone.filter(({ slot }) => slot)) await dropSlot(client, name);
  });

/** Ends the connection that uses a slot, and drops it. */
const dropSlot = async (client: pg.Client, name: string): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    await client.query(
      'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active',
      [name],
    );
    try {
      await client.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [
        name,
      ]);
      return;
    } catch (error) {
      if (attempt === dropAttempts) throw error;
      await sleep(20 * attempt);
    }
  }
};

/** A connection takes a moment to end. */
const dropAttempts = 15;
