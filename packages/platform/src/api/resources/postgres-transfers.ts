import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { nextDaily } from '../../addons/providers/daily.ts';
import { conflict, invalidParams, notAvailable, notFound, PlatformError } from '../../contract/platform-error.ts';
import type { AddOn } from '../../store/add-ons.ts';
import { addOns } from '../../store/add-ons.ts';
import { attachments } from '../../store/attachments.ts';
import { type NewTransfer, type Transfer, transferSchedules, transfers } from '../../store/transfers.ts';
import { accepted, created, ok } from '../answer.ts';
import { authorizeApp } from '../authorize-app.ts';
import { type AppCall, anyone, type Endpoint, onApp, param, type SignedInCall } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { assertLeads, onDatabase, postgresService } from '../postgres-database.ts';
import { newTicket, openTicket } from '../sealed-ticket.ts';
import type { Services } from '../services.ts';
import { scheduleShape, transferShape } from '../transfer-view.ts';
import { extensionsOf } from './postgres-databases.ts';

const v11 = '/client/v11/databases/:database';
const ofApp = '/client/v11/apps/:app/transfers';
/** How long an address of a backup can be used (Dev Center "Heroku PGBackups"). */
const ticketMs = 60 * 60 * 1000;
const purpose = 'backup';

const blank = {
  fromAddOnId: null,
  toAddOnId: null,
  backupId: null,
  sealedUrl: null,
  scheduleId: null,
  dueAt: null,
  startedAt: null,
  finishedAt: null,
} as const;

type Uses = Pick<Services, 'db' | 'keyring' | 'databases' | 'now' | 'urls'>;

/** The part of Heroku's data API behind `heroku pg:backups` and `pg:copy`. */
export const postgresTransferEndpoints = (services: Uses): Endpoint[] => {
  const { db, keyring, databases, now } = services;
  const insert = async (
    call: SignedInCall,
    row: Omit<NewTransfer, keyof typeof blank | 'requestKey'> & Partial<NewTransfer>,
  ) => {
    const before = call.requestKey === null ? undefined : await transfers.byRequestKey(db, call.requestKey);
    const made = before ?? (await transfers.insert(db, { ...blank, ...row, requestKey: call.requestKey }));
    if (made === undefined) throw new Error('a transfer that no schedule asked for was not made');
    databases.nudge();
    return made;
  };
  const shape = (call: SignedInCall, transfer: Transfer, verbose = true) =>
    transferShape(transfer, https(call.base), verbose);
  const found = async (call: AppCall): Promise<Transfer> => {
    const transfer = await transfers.find(db, call.app.id, param(call, 'transfer'));
    if (transfer === undefined)
      throw notFound('transfer', `${call.app.name} has no backup or transfer of this number.`);
    return transfer;
  };

  return [
    onDatabase(db, 'POST', `${v11}/backups`, 'operate', async (call, addOn, app) => {
      const fromName = await nameOf(services, addOn);
      return created(
        shape(
          call,
          await insert(call, { appId: app.id, kind: 'backup', fromAddOnId: addOn.id, fromName, toName: 'BACKUP' }),
        ),
      );
    }),
    onDatabase(
      db,
      'POST',
      `${v11}/restores`,
      'operate',
      async (call, addOn, app) => {
        await assertLeads(databases, addOn);
        const fields = new Fields(call.body);
        const source = await restoreSource(services, call, fields.requiredText('backup_url'), app.id);
        const toName = await nameOf(services, addOn);
        const extensions = extensionsOf(fields);
        return created(
          shape(
            call,
            await insert(call, { appId: app.id, kind: 'restore', toAddOnId: addOn.id, toName, extensions, ...source }),
          ),
        );
      },
      { secret: true },
    ),
    onDatabase(
      db,
      'POST',
      `${v11}/transfers`,
      'operate',
      async (call, addOn) => {
        const fields = new Fields(call.body);
        const from = await databaseAt(services, call, fields.requiredText('from_url'), 'view');
        const to = await databaseAt(services, call, fields.requiredText('to_url'), 'operate');
        if (from === undefined || to === undefined) {
          const which = from === undefined ? 'from_url' : 'to_url';
          throw invalidParams(
            `${which}: expected a database of this Ravine. For others use pg:push or pg:pull, or restore a dump with pg:backups:restore.`,
          );
        }
        if (from.id === to.id) throw invalidParams('to_url: expected another database than from_url.');
        await assertLeads(databases, to);
        const names = { fromName: fields.text('from_name') ?? from.name, toName: fields.text('to_name') ?? to.name };
        return created(
          shape(
            call,
            await insert(call, { appId: addOn.appId, kind: 'copy', fromAddOnId: from.id, toAddOnId: to.id, ...names }),
          ),
        );
      },
      { secret: true },
    ),
    onApp('GET', ofApp, 'view', async (call) =>
      ok((await transfers.ofApp(db, call.app.id)).map((transfer) => shape(call, transfer, false))),
    ),
    onApp('GET', `${ofApp}/:transfer`, 'view', async (call) =>
      ok(shape(call, await found(call), call.query.verbose === 'true')),
    ),
    onApp('DELETE', `${ofApp}/:transfer`, 'operate', async (call) => {
      const transfer = await found(call);
      if (transfer.state === 'running' || transfer.state === 'pending') {
        throw conflict('The transfer has not ended yet; cancel it first with heroku pg:backups:cancel.');
      }
      await transfers.remove(db, transfer.id);
      await rm(databases.file(transfer.id), { force: true });
      return ok(shape(call, transfer));
    }),
    onApp('POST', `${ofApp}/:transfer/actions/cancel`, 'operate', async (call) => {
      const transfer = await found(call);
      await databases.cancel(transfer.id);
      return ok({ canceled_at: now().toISOString() });
    }),
    onApp(
      'POST',
      `${ofApp}/:transfer/actions/public-url`,
      'view',
      async (call) => {
        const transfer = await found(call);
        if (transfer.kind !== 'backup' || transfer.state !== 'succeeded') {
          throw invalidParams(`Transfer ${transfer.number} is not a backup that succeeded, so there is no file of it.`);
        }
        const expiresAt = new Date(now().getTime() + ticketMs);
        const url = `${https(call.base)}/backups/${newTicket(keyring, purpose, transfer.id, expiresAt)}`;
        return ok({ url, expires_at: expiresAt.toISOString() });
      },
      { secret: true },
    ),
    anyone('GET', '/backups/:ticket', async (call) => {
      const id = openTicket(keyring, purpose, param(call, 'ticket'), now());
      if (id === undefined)
        throw notFound(
          'backup',
          'This address is unknown, or its hour is over; get another one with heroku pg:backups:url.',
        );
      const file = databases.file(id);
      const facts = await stat(file).catch(() => undefined);
      if (facts === undefined) throw new PlatformError('gone', 'The backup has been deleted.');
      return {
        kind: 'written',
        write: async (_req, res) => {
          res.writeHead(200, {
            'content-type': 'application/octet-stream',
            'content-length': facts.size,
            'content-disposition': 'attachment; filename="latest.dump"',
          });
          await pipeline(createReadStream(file, { highWaterMark: 256 * 1024 }), res).catch(() => {}); // the reader went away
        },
      };
    }),
    onDatabase(db, 'GET', `${v11}/transfer-schedules`, 'view', async (_call, addOn) =>
      // The CLI asks any database of the app for the schedules of all.
      ok((await transferSchedules.ofApp(db, addOn.appId)).map(scheduleShape)),
    ),
    onDatabase(db, 'POST', `${v11}/transfer-schedules`, 'operate', async (call, addOn) => {
      const fields = new Fields(call.body);
      const hour = fields.integer('hour', 0, 23);
      if (hour === undefined) throw invalidParams('hour is required: expected a whole number from 0 to 23.');
      const timezone = fields.text('timezone') ?? 'UTC';
      const nextAt = nextTime(hour, timezone, now());
      const name = fields.text('schedule_name') ?? 'DATABASE_URL';
      const schedule = await transferSchedules.put(db, { addOnId: addOn.id, name, hour, timezone, nextAt });
      databases.nudge();
      return created(scheduleShape(schedule));
    }),
    onDatabase(db, 'DELETE', `${v11}/transfer-schedules/:schedule`, 'operate', async (call, addOn) => {
      const removed = await transferSchedules.remove(db, addOn.id, param(call, 'schedule'));
      if (removed === undefined) throw notFound('schedule');
      return accepted(scheduleShape(removed));
    }),
    onDatabase(db, 'POST', `${v11}/links/:link`, 'view', async () => {
      throw notAvailable('Links between databases');
    }),
  ];
};

/** The same address over TLS, which one port speaks as well; `pg:backups:download` takes no other. */
const https = (base: string): string => base.replace(/^http:/, 'https:');

const nextTime = (hour: number, timezone: string, now: Date): Date => {
  try {
    return nextDaily(hour, timezone, now);
  } catch {
    throw invalidParams(`timezone: expected a name like Europe/Paris, got ${JSON.stringify(timezone)}.`);
  }
};

/** What the CLI calls the database: its attachment on the app that owns it. */
const nameOf = async ({ db }: Uses, addOn: AddOn): Promise<string> => {
  const names = (await attachments.ofAddOn(db, addOn.id))
    .filter((one) => one.appId === addOn.appId)
    .map((one) => one.name);
  return names.find((name) => name === 'DATABASE') ?? names[0] ?? addOn.name;
};

/** The database that an address leads to, among those that somebody may use so. */
const databaseAt = async ({ db, databases }: Uses, call: SignedInCall, url: string, ability: 'view' | 'operate') => {
  for (const addOn of await addOns.ofAccount(db, call.account.id)) {
    if (addOn.service !== postgresService || addOn.state !== 'provisioned' || databases.url(addOn) !== url) continue;
    await authorizeApp(db, call.account, addOn.appId, ability);
    return addOn;
  }
  return undefined;
};

/** A backup of ours, by the address that lists of transfers show, or one elsewhere. */
const restoreSource = async ({ db, keyring }: Uses, call: SignedInCall, address: string, appId: AddOn['appId']) => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalidParams(
      `backup_url: expected an address that begins with https:// or http://, got ${JSON.stringify(address)}.`,
    );
  }
  const own = /^\/client\/v11\/transfers\/([0-9a-f-]{36})$/.exec(url.pathname)?.[1];
  if (own === undefined) {
    const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '') || url.hostname;
    return { sealedUrl: keyring.seal(address, `app:${appId}:transfer-url`), fromName: name };
  }
  const backup = await transfers.byId(db, own);
  if (backup === undefined) throw notFound('backup');
  await authorizeApp(db, call.account, backup.appId, 'view');
  if (backup.kind !== 'backup' || backup.state !== 'succeeded') {
    throw invalidParams(`backup_url: transfer ${backup.number} is not a backup that succeeded.`);
  }
  return { backupId: backup.id, fromName: 'BACKUP' };
};
