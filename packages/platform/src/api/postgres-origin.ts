import type { Service } from '../addons/catalogue.ts';
import { parseMoment, parseSpan } from '../contract/moment.ts';
import { invalidParams } from '../contract/platform-error.ts';
import type { AddOn } from '../store/add-ons.ts';
import type { AppCall } from './endpoint.ts';
import type { Fields } from './fields.ts';
import { resolveAddOns, resolveAttachments } from './find-add-ons.ts';
import { assertLeads, postgresService } from './postgres-database.ts';
import type { Services } from './services.ts';

type Uses = Pick<Services, 'db' | 'databases' | 'now'>;

/**
 * What a database is to be made from, of `--fork`, `--rollback`, `--follow`, `--to` and `--by` (Dev Center "Heroku Postgres
 * Fork", "Heroku Postgres Rollback", "Heroku Postgres Follower Databases"); empty for one that begins empty, and for other services.
 * @throws PlatformError invalid_params when there is no such database or it can't be had as it was then.
 */
export const originOf = async (
  services: Uses,
  call: AppCall,
  service: Service,
  config: Fields,
): Promise<Readonly<Record<string, string>>> => {
  if (service.name !== postgresService) return {};
  const [fork, rollback, follow] = [config.text('fork'), config.text('rollback'), config.text('follow')];
  const [to, by] = [config.text('to'), config.text('by')];
  if (follow !== undefined) {
    if ([fork, rollback, to, by].some((other) => other !== undefined)) {
      throw invalidParams('follow: a follower is as its leader is now; leave out fork, rollback, to and by.');
    }
    return { follow: (await findSource(services, call, follow)).id };
  }
  if (fork === undefined && rollback === undefined) {
    if (to !== undefined || by !== undefined)
      throw invalidParams('to, by: name a database too, with --fork or --rollback.');
    return {};
  }
  if (fork !== undefined && rollback !== undefined) throw invalidParams('fork, rollback: give one of the two.');
  if (rollback !== undefined && to === undefined && by === undefined) {
    throw invalidParams("rollback: say to when, with --to '2026-11-23 18:00 Europe/Paris' or --by '2 hours'.");
  }
  const source = await findSource(services, call, fork ?? rollback ?? '');
  const until = momentOf(services.now(), to, by);
  if (until !== undefined) await assertWithinReach(services, source, until);
  return { from: source.id, ...(until && { until: until.toISOString() }) };
};

const findSource = async ({ db, databases }: Uses, call: AppCall, name: string): Promise<AddOn> => {
  const attached = await resolveAttachments(db, call.account, name, call.app.name, postgresService);
  const [source] =
    attached.length > 0
      ? attached.map((one) => one.addOn)
      : await resolveAddOns(db, call.account, name, call.app.name, postgresService);
  if (source === undefined)
    throw invalidParams(`fork, rollback, follow: ${call.app.name} has no database ${JSON.stringify(name)}.`);
  if (source.state !== 'provisioned')
    throw invalidParams(`fork, rollback, follow: ${source.name} is not there yet; ask again soon.`);
  await assertLeads(databases, source);
  return source;
};

const momentOf = (now: Date, to: string | undefined, by: string | undefined): Date | undefined => {
  if (to !== undefined && by !== undefined) throw invalidParams('to, by: give one of the two.');
  if (to !== undefined) {
    const moment = parseMoment(to);
    if (moment === undefined) {
      throw invalidParams(`to: expected a time like '2026-11-23 18:00 Europe/Paris', got ${JSON.stringify(to)}.`);
    }
    if (moment > now) throw invalidParams(`to: expected a time that has been, got ${moment.toISOString()}.`);
    return moment;
  }
  if (by === undefined) return undefined;
  const span = parseSpan(by);
  if (span === undefined) throw invalidParams(`by: expected a span like '3 days 7 hours', got ${JSON.stringify(by)}.`);
  return new Date(now.getTime() - span);
};

const assertWithinReach = async ({ databases }: Uses, source: AddOn, until: Date): Promise<void> => {
  const { since } = (await databases.facts(source)).backups;
  if (since !== undefined && until >= since) return;
  throw invalidParams(
    since === undefined
      ? `${source.name} has no base backup yet; the first one is made within a minute of its creation.`
      : `to, by: ${source.name} can be had as it was at ${since.toISOString()} or later, got ${until.toISOString()}.`,
  );
};
