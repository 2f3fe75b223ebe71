import { findPlan } from '../../addons/catalogue.ts';
import { invalidParams, notAvailable } from '../../contract/platform-error.ts';
import type { AddOn } from '../../store/add-ons.ts';
import { planOf } from '../add-on-view.ts';
import { ok } from '../answer.ts';
import type { Endpoint } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { assertLeads, onDatabase } from '../postgres-database.ts';
import type { DatabaseFacts, Services } from '../services.ts';
import { upgradeEndpoints } from './postgres-upgrades.ts';

const v11 = '/client/v11/databases/:database';

/** The part of Heroku's data API that is about one database (`heroku pg:info`, `pg:wait`, `pg:reset`, `pg:unfollow`). */
export const postgresDatabaseEndpoints = ({ db, databases }: Pick<Services, 'db' | 'databases'>): Endpoint[] => {
  const absent = [
    ['POST', `${v11}/links`, 'Links between databases'],
    ['POST', `${v11}/connection-pooling`, 'Connection pooling'],
  ] as const;
  const isThere = (addOn: AddOn): boolean => addOn.state === 'provisioned';
  return [
    onDatabase(db, 'GET', v11, 'view', async (_call, addOn) => {
      const leader = await databases.leaderOf(addOn);
      const around = {
        leader: leader && (leader.url ?? `postgres://localhost/${leader.name}`),
        followers: (await databases.followersOf(addOn)).filter(isThere).map(databases.url),
        credentials: 1 + (await databases.credentials.list(addOn)).length,
      };
      return ok({
        info: infoOf(addOn, await databases.facts(addOn), around),
        resource_url: databases.url(addOn),
        following: around.leader ?? null,
        leader: leader?.name ?? null,
        forked_from: null,
      });
    }),
    onDatabase(db, 'GET', `${v11}/links`, 'view', async () => ok([])),
    onDatabase(db, 'GET', `${v11}/wait_status`, 'view', async (_call, addOn) => {
      const running = (await databases.facts(addOn)).info !== undefined;
      return ok({ 'waiting?': !running, 'error?': false, message: running ? 'available' : 'starting' });
    }),
    onDatabase(db, 'PUT', `${v11}/unfollow`, 'operate', async (_call, addOn) => {
      if ((await databases.leaderOf(addOn)) === undefined) throw invalidParams(`${addOn.name} is not a follower.`);
      await databases.unfollow(addOn);
      return ok({ message: `${addOn.name} is a database of its own now.` });
    }),
    onDatabase(db, 'PUT', `${v11}/reset`, 'operate', async (call, addOn) => {
      await assertLeads(databases, addOn);
      const extensions = extensionsOf(new Fields(call.body));
      await databases.reset(addOn, extensions);
      return ok({ message: `${addOn.name} is empty.` });
    }),
    onDatabase(db, 'POST', `${v11}/connection_reset`, 'operate', async (_call, addOn) => {
      await databases.disconnect(addOn);
      return ok({});
    }),
    onDatabase(db, 'PUT', `${v11}/stats_reset`, 'operate', async (_call, addOn) => {
      await databases.resetStatistics(addOn);
      return ok({ message: 'The statistics have been reset.' });
    }),
    ...upgradeEndpoints({ db, databases }),
    ...absent.map(([method, path, what]) =>
      onDatabase(db, method, path, 'view', async () => {
        throw notAvailable(what);
      }),
    ),
  ];
};

/** Names of extensions, with a schema or not. @throws PlatformError invalid_params when one is malformed. */
export const extensionsOf = (fields: Fields): string[] =>
  (fields.array('extensions') ?? []).map((name) => {
    if (typeof name === 'string' && /^([a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_-]*$/.test(name)) return name;
    throw invalidParams(`extensions: expected names like "hstore" or "myschema.hstore", got ${JSON.stringify(name)}.`);
  });

const minute = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const bytes = (count: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = count === 0 ? 0 : Math.min(Math.floor(Math.log(count) / Math.log(1024)), units.length - 1);
  return `${(count / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
};

/** A line of `heroku pg:info`; addresses are shown by the names of the config vars that have them. */
interface InfoLine {
  readonly name: string;
  readonly values: readonly string[];
  readonly resolve_db_name?: true;
}

interface Around {
  /** Addresses of its leader and of its followers. */
  readonly leader: string | undefined;
  readonly followers: readonly string[];
  readonly credentials: number;
}

const infoOf = (addOn: AddOn, { info, backups, commitsBehind }: DatabaseFacts, around: Around): InfoLine[] => {
  const plan = findPlan(planOf(addOn).fullName);
  const { since, lastBase, trouble, drill } = backups;
  const lines: [string, string][] = [
    ['Plan', plan?.humanName ?? addOn.plan],
    [
      'Status',
      info === undefined ? `Unavailable${addOn.failureReason === null ? '' : `: ${addOn.failureReason}`}` : 'Available',
    ],
  ];
  if (info !== undefined) {
    const limit = plan === undefined ? '' : ` / ${bytes(plan.sizeBytes)}`;
    const share = plan === undefined ? '' : ` (${((100 * info.sizeBytes) / plan.sizeBytes).toFixed(2)}%)`;
    const isOver = plan !== undefined && info.sizeBytes > plan.sizeBytes;
    lines.push(
      ['Data Size', `${bytes(info.sizeBytes)}${limit}${share}${isOver ? ' (Above limits)' : ''}`],
      ['Tables', String(info.tables)],
      ['PG Version', info.version],
      ['Connections', `${info.connections}/${info.connectionLimit}`],
    );
  }
  const follows = around.leader !== undefined;
  lines.push(
    ['Connection Pooling', 'Not available'],
    ['Credentials', String(around.credentials)],
    ['Fork/Follow', follows ? 'Unavailable on followers' : 'Available'],
    ['Rollback', rollbackText(follows, since)],
    ['Created', minute(addOn.createdAt)],
  );
  if (lastBase !== undefined)
    lines.push(['Base Backup', `${minute(new Date(lastBase.finishedAtMs))}, ${bytes(lastBase.storedBytes)}`]);
  if (trouble !== null) lines.push(['Backup Trouble', trouble]);
  if (drill !== undefined) {
    const outcome = drill.succeeded ? 'restored' : drill.skipped ? 'NOT TRIED' : 'FAILED';
    lines.push(['Restore Drill', `${outcome} ${minute(new Date(drill.finishedAtMs))}: ${drill.detail}`]);
  }
  const behind =
    commitsBehind === undefined ? 'not known now' : `${commitsBehind} commit${commitsBehind === 1 ? '' : 's'}`;
  return [
    ...lines.map(([name, value]) => ({ name, values: [value] })),
    ...(around.leader === undefined
      ? []
      : [
          { name: 'Following', values: [around.leader], resolve_db_name: true as const },
          { name: 'Behind By', values: [behind] },
        ]),
    ...(around.followers.length === 0
      ? []
      : [{ name: 'Followers', values: around.followers, resolve_db_name: true as const }]),
  ];
};

const rollbackText = (follows: boolean, since: Date | undefined): string => {
  if (follows) return 'by its leader';
  return since === undefined ? 'from the first base backup on' : `earliest from ${minute(since)}`;
};
