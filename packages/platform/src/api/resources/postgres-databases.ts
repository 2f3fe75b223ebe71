import { findPlan } from '../../addons/catalogue.ts';
import { invalidParams, notAvailable, notFound } from '../../contract/platform-error.ts';
import type { AddOn } from '../../store/add-ons.ts';
import { planOf } from '../add-on-view.ts';
import { accepted, ok } from '../answer.ts';
import { type Endpoint, param } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { onDatabase } from '../postgres-database.ts';
import { requester } from '../requester.ts';
import type { DatabaseFacts, Services } from '../services.ts';

const v11 = '/client/v11/databases/:database';
const v0 = '/postgres/v0/databases/:database';

/** The part of Heroku's data API that is about one database (`heroku pg:info`, `pg:wait`, `pg:reset`, `pg:credentials`). */
export const postgresDatabaseEndpoints = ({ db, databases }: Pick<Services, 'db' | 'databases'>): Endpoint[] => {
  const credential = (addOn: AddOn) => {
    const url = new URL(databases.url(addOn));
    return {
      uuid: addOn.id,
      name: 'default',
      state: 'active',
      database: url.pathname.slice(1),
      host: url.hostname,
      port: Number(url.port),
      credentials: [{ user: url.username, password: url.password, state: 'active', connections: null }],
    };
  };
  const absent = [
    ['GET', `${v11}/links`, 'Links between databases'],
    ['POST', `${v11}/links`, 'Links between databases'],
    ['POST', `${v11}/connection-pooling`, 'Connection pooling'],
    ['PUT', `${v11}/unfollow`, 'Followers'],
    ['POST', `${v0}/credentials`, 'Credentials beside the default one'],
    ['DELETE', `${v0}/credentials/:name`, 'Credentials beside the default one'],
    ['POST', `${v0}/repair-default`, 'Credentials beside the default one'],
  ] as const;
  return [
    onDatabase(db, 'GET', v11, 'view', async (_call, addOn) => {
      const facts = await databases.facts(addOn);
      return ok({
        info: infoOf(addOn, facts),
        resource_url: databases.url(addOn),
        following: null,
        leader: null,
        forked_from: null,
      });
    }),
    onDatabase(db, 'GET', `${v11}/wait_status`, 'view', async (_call, addOn) => {
      const running = (await databases.facts(addOn)).info !== undefined;
      return ok({ 'waiting?': !running, 'error?': false, message: running ? 'available' : 'starting' });
    }),
    onDatabase(db, 'PUT', `${v11}/reset`, 'operate', async (call, addOn) => {
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
    onDatabase(db, 'GET', `${v11}/upgrade/wait_status`, 'view', async () =>
      ok({ 'waiting?': false, message: upToDate }),
    ),
    ...['prepare', 'run', 'dry_run', 'cancel'].map((step) =>
      onDatabase(db, 'POST', `${v11}/upgrade/${step}`, 'operate', async (call, addOn) => {
        const version = new Fields(call.body).text('version');
        const { info } = await databases.facts(addOn);
        throw invalidParams(
          `version: ${addOn.name} runs PostgreSQL ${info?.version ?? '18'}, the only version of this Ravine${version === undefined ? '' : `; got ${JSON.stringify(version)}`}. There is nothing to upgrade to.`,
        );
      }),
    ),
    onDatabase(db, 'GET', `${v0}/credentials`, 'view', async (_call, addOn) => ok([credential(addOn)])),
    onDatabase(db, 'GET', `${v0}/credentials/:name`, 'view', async (call, addOn) => {
      assertDefault(param(call, 'name'));
      return ok(credential(addOn));
    }),
    onDatabase(db, 'POST', `${v0}/credentials_rotation`, 'operate', async (call, addOn) => {
      await databases.rotate(addOn, requester(call));
      return accepted({ message: 'The password has been rotated.' });
    }),
    onDatabase(db, 'POST', `${v0}/credentials/:name/credentials_rotation`, 'operate', async (call, addOn) => {
      assertDefault(param(call, 'name'));
      await databases.rotate(addOn, requester(call));
      return accepted({ message: 'The password has been rotated.' });
    }),
    ...absent.map(([method, path, what]) =>
      onDatabase(db, method, path, 'view', async () => {
        throw notAvailable(what);
      }),
    ),
  ];
};

const upToDate = 'Nothing is being upgraded.';

const assertDefault = (name: string): void => {
  if (name !== 'default')
    throw notFound('credential', `There is no credential ${JSON.stringify(name)}, only "default".`);
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

/** The lines of `heroku pg:info`. */
const infoOf = (addOn: AddOn, { info, backups }: DatabaseFacts) => {
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
    lines.push(
      ['Data Size', `${bytes(info.sizeBytes)}${limit}${share}`],
      ['Tables', String(info.tables)],
      ['PG Version', info.version],
      ['Connections', `${info.connections}/${info.connectionLimit}`],
    );
  }
  lines.push(
    ['Connection Pooling', 'Not available'],
    ['Credentials', '1'],
    ['Fork/Follow', 'Fork available'],
    ['Rollback', since === undefined ? 'from the first base backup on' : `earliest from ${minute(since)}`],
    ['Created', minute(addOn.createdAt)],
  );
  if (lastBase !== undefined)
    lines.push(['Base Backup', `${minute(new Date(lastBase.finishedAtMs))}, ${bytes(lastBase.storedBytes)}`]);
  if (trouble !== null) lines.push(['Backup Trouble', trouble]);
  if (drill !== undefined) {
    const outcome = drill.succeeded ? 'restored' : 'FAILED';
    lines.push(['Restore Drill', `${outcome} ${minute(new Date(drill.finishedAtMs))}: ${drill.detail}`]);
  }
  return lines.map(([name, value]) => ({ name, values: [value] }));
};
