import type { UpgradeState } from '../../addons/providers/postgres-upgrades.ts';
import { conflict, invalidParams } from '../../contract/platform-error.ts';
import type { AddOn } from '../../store/add-ons.ts';
import { ok } from '../answer.ts';
import type { Endpoint } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { onDatabase } from '../postgres-database.ts';
import type { Services } from '../services.ts';

const upgrade = '/client/v11/databases/:database/upgrade';

/** What `heroku pg:upgrade:*` asks for: a database that an older PostgreSQL has made is brought to the version of ours. */
export const upgradeEndpoints = ({ db, databases }: Pick<Services, 'db' | 'databases'>): Endpoint[] => {
  /** @throws PlatformError when there is nothing to upgrade, or another version is asked for than the one there is */
  const assertOlder = async (addOn: AddOn, version: string | undefined): Promise<string> => {
    const older = await databases.olderVersion(addOn);
    const { info } = await databases.facts(addOn);
    if (older === undefined) {
      throw invalidParams(
        `version: ${addOn.name} runs PostgreSQL ${info?.version ?? newest}, the only version of this Ravine${version === undefined ? '' : `; got ${JSON.stringify(version)}`}. There is nothing to upgrade to.`,
      );
    }
    if (version === undefined || version.split('.')[0] === newest) return older;
    throw invalidParams(
      `version: expected ${newest}, the only version of this Ravine; got ${JSON.stringify(version)}.`,
    );
  };
  const steps = {
    prepare: (name: string, older: string) =>
      `${name} is of PostgreSQL ${older}. There is nothing to prepare: run \`heroku pg:upgrade:run\`.`,
    dry_run: (name: string, older: string) =>
      `${name} is of PostgreSQL ${older} and can be brought to ${newest}: run \`heroku pg:upgrade:run\`.`,
    cancel: (name: string, older: string) => `${name} stays at PostgreSQL ${older}; nothing was under way.`,
  };
  const assertNone = (addOn: AddOn): void => {
    if (databases.upgradeState(addOn).kind === 'running') throw conflict(`${addOn.name} is being upgraded just now.`);
  };
  return [
    onDatabase(db, 'GET', `${upgrade}/wait_status`, 'view', async (_call, addOn) =>
      ok(told(databases.upgradeState(addOn))),
    ),
    ...Object.entries(steps).map(([step, say]) =>
      onDatabase(db, 'POST', `${upgrade}/${step}`, 'operate', async (call, addOn) => {
        assertNone(addOn);
        const older = await assertOlder(addOn, new Fields(call.body).text('version'));
        return ok({ message: say(addOn.name, older) });
      }),
    ),
    onDatabase(db, 'POST', `${upgrade}/run`, 'operate', async (call, addOn) => {
      assertNone(addOn);
      await assertOlder(addOn, new Fields(call.body).text('version'));
      await databases.upgrade(addOn);
      return ok({ message: `${addOn.name} is being brought to PostgreSQL ${newest}. See \`heroku pg:upgrade:wait\`.` });
    }),
  ];
};

const newest = '18';

const told = (state: UpgradeState) => {
  if (state.kind === 'running') return { 'waiting?': true, 'error?': false, message: 'being upgraded' };
  if (state.kind === 'failed') {
    return {
      'waiting?': false,
      'error?': true,
      message: `The upgrade failed, and nothing has changed: ${state.reason}`,
    };
  }
  if (state.kind === 'none') return { 'waiting?': false, 'error?': false, message: 'Nothing is being upgraded.' };
  const left = state.warnings.length === 0 ? '' : ` Left out: ${state.warnings.join('; ')}`;
  return { 'waiting?': false, 'error?': false, message: `upgraded.${left}` };
};
