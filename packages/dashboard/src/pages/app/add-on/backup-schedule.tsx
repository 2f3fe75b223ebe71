import { type FormEvent, useState } from 'react';
import { useBackupSchedules } from '../../../api/add-on-queries.ts';
import { useChange } from '../../../api/change.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { SelectField } from '../../../parts/field.tsx';
import { Problem } from '../../../parts/problem.tsx';
import type { OfAddOn } from './of-add-on.ts';
import { ownZone } from './own-zone.ts';

const hours = Array.from({ length: 24 }, (_, hour) => hour);

/** One backup a day, at an hour of the visitor's own time zone. */
export const BackupSchedule = ({ app, addOn }: OfAddOn) => {
  const { t, number } = useWording();
  const { data: schedules = [], error } = useBackupSchedules(app, addOn.name);
  const [hour, setHour] = useState('2');
  const change = useChange(app);
  const path = `/client/v11/databases/${addOn.name}/transfer-schedules`;
  const zone = ownZone();
  const send = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate({ method: 'POST', path, body: { hour: Number(hour), timezone: zone } });
  };
  return (
    <div className="padded stack">
      {schedules.map((schedule) => (
        <div key={schedule.uuid} className="actions">
          <span>
            {t('scheduled', { hour: number(schedule.hour), zone: schedule.timezone })} <code>{schedule.name}</code>
          </span>
          <Button
            small
            kind="quiet"
            busy={change.isPending}
            onClick={() => change.mutate({ method: 'DELETE', path: `${path}/${schedule.uuid}` })}
          >
            {t('scheduleOff')}
          </Button>
        </div>
      ))}
      {schedules.length === 0 && (
        <form className="inline-form narrow" onSubmit={send}>
          <SelectField
            label={`${t('scheduleBackups')}: ${t('hourOf', { zone })}`}
            value={hour}
            onChange={(event) => setHour(event.target.value)}
          >
            {hours.map((one) => (
              <option key={one} value={one}>
                {number(one)}
              </option>
            ))}
          </SelectField>
          <Button type="submit" busy={change.isPending}>
            {t('setSchedule')}
          </Button>
        </form>
      )}
      <Problem error={error ?? change.error} />
    </div>
  );
};
