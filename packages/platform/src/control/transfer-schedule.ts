import { nextDaily } from '../addons/providers/daily.ts';
import { addOns } from '../store/add-ons.ts';
import type { Database } from '../store/database.ts';
import { transferSchedules, transfers } from '../store/transfers.ts';

/**
 * Makes a backup of each database whose hour has come. The backup carries the time it was due at, of which there is
 * one only: whoever is killed between making it and noting the next time makes no second one. Hours that were missed
 * while Ravine was down are made up for by one backup.
 */
export const scheduleDue = async (db: Database, now: Date): Promise<void> => {
  // A clock that was set back must not put backups off until it is there again.
  for (const schedule of await transferSchedules.all(db)) {
    const next = nextDaily(schedule.hour, schedule.timezone, now);
    if (schedule.nextAt > next) await transferSchedules.setNext(db, schedule.id, next);
  }
  for (const schedule of await transferSchedules.due(db, now)) {
    const addOn = await addOns.byId(db, schedule.addOnId);
    if (addOn?.state === 'provisioned') {
      await transfers.insert(db, {
        appId: addOn.appId,
        kind: 'backup',
        fromAddOnId: addOn.id,
        toAddOnId: null,
        fromName: schedule.name.replace(/_URL$/, ''),
        toName: 'BACKUP',
        backupId: null,
        sealedUrl: null,
        scheduleId: schedule.id,
        scheduled: true,
        dueAt: schedule.nextAt,
        requestKey: null,
        startedAt: null,
        finishedAt: null,
      });
    }
    await transferSchedules.setNext(db, schedule.id, nextDaily(schedule.hour, schedule.timezone, now));
  }
};
