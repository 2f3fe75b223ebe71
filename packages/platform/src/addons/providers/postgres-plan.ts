import type { Archivist } from '../../postgres/backup/archivist.ts';
import type { SuperuserConnection } from '../../postgres/cluster.ts';
import { quoteName, withSuperuser } from '../../postgres/superuser.ts';
import { besidePlan } from '../../postgres/tuning.data.ts';
import type { Plan } from '../catalogue.ts';
import type { Resource } from '../provider.ts';
import type { Allocation } from './postgres-allocation.ts';

/**
 * How many days back a database can be restored to any moment: as the Dev Center's "Heroku Postgres Rollback" says for
 * Standard and Premium, and a day where Heroku has none.
 */
export const keptDays = (plan: string | undefined): number => {
  if (plan?.startsWith('premium')) return 7;
  return plan === undefined || plan.startsWith('standard') ? 4 : 1;
};

/** A follower's server is set up for its leader's connections at least, which its record has. */
export const connectionsFor = (plan: Plan | undefined, { follows }: Allocation, { connections }: Resource): number => {
  if (plan === undefined) return Number(connections);
  return follows === undefined ? plan.connections : Math.max(plan.connections, Number(connections));
};

const sizesEveryMs = 10 * 60_000;

export interface PlanFitOptions {
  readonly server: SuperuserConnection;
  readonly allocation: Allocation;
  readonly archivist: Pick<Archivist, 'keepDays'> | undefined;
  /** Told once of a database that is larger than its plan; nothing is taken from it for that. */
  readonly onTooLarge: (reason: string) => void;
}

/** Brings one database that runs to the plan that it shall have. */
export class PlanFit {
  readonly #options: PlanFitOptions;
  #plan: Plan | undefined;
  #isTooLarge = false;
  #sizeAtMs = 0;

  constructor(options: PlanFitOptions) {
    this.#options = options;
  }

  /** @returns false when the server has to be started anew for that */
  async to(plan: Plan, resource: Resource): Promise<boolean> {
    const { server, allocation, archivist } = this.#options;
    if (this.#plan !== plan) {
      archivist?.keepDays(keptDays(plan.name));
      const connections = connectionsFor(plan, allocation, resource);
      if (!(await fitConnections(server, connections, allocation.follows === undefined))) return false;
      this.#plan = plan;
    }
    if (allocation.follows === undefined && performance.now() >= this.#sizeAtMs) await this.#judgeSize(plan);
    return true;
  }

  async #judgeSize(plan: Plan): Promise<void> {
    const { server, allocation, onTooLarge } = this.#options;
    this.#sizeAtMs = performance.now() + sizesEveryMs;
    const bytes = await withSuperuser(server, 'postgres', async (client) => {
      const sql = 'SELECT pg_database_size($1) AS bytes';
      return Number((await client.query<{ bytes: string }>(sql, [allocation.database])).rows[0]?.bytes ?? 0);
    });
    const isTooLarge = bytes > plan.sizeBytes;
    if (isTooLarge && !this.#isTooLarge) {
      onTooLarge(
        `The database has ${mb(bytes)} MB, and its plan ${plan.name} has ${mb(plan.sizeBytes)} MB. Take a larger one with heroku addons:upgrade, or delete data and run VACUUM FULL.`,
      );
    }
    this.#isTooLarge = isTooLarge;
  }
}

const mb = (bytes: number): number => Math.ceil(bytes / 1024 / 1024);

/**
 * Gives the roles of a running server as many connections as its plan has.
 * @param ofRoles not those of a follower, which are its leader's
 * @returns false when the server was started for fewer, and has to be started anew
 */
const fitConnections = (server: SuperuserConnection, connections: number, ofRoles: boolean): Promise<boolean> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rows } = await client.query<{ most: number; role: string | null }>(
      `SELECT current_setting('max_connections')::int AS most, r.rolname AS role
        FROM (SELECT 1) one LEFT JOIN pg_roles r
        ON r.rolcanlogin AND NOT r.rolsuper AND NOT r.rolreplication AND r.rolconnlimit <> $1`,
      [connections],
    );
    if ((rows[0]?.most ?? 0) < connections + besidePlan) return false;
    for (const { role } of ofRoles ? rows : []) {
      if (role !== null) await client.query(`ALTER ROLE ${quoteName(role)} CONNECTION LIMIT ${connections}`);
    }
    return true;
  });
