import { useState } from 'react';
import type { Frequency, Job } from '../../../api/add-on-shapes.ts';
import { useChange } from '../../../api/change.ts';
import { useDynoSizes } from '../../../api/queries.ts';
import { useWording } from '../../../language/language.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { SelectField, Switch, TextField } from '../../../parts/field.tsx';
import { frequencies } from './describe-times.ts';
import { ownZone } from './own-zone.ts';

interface JobFormProps {
  readonly app: string;
  /** Absent: another one is added. */
  readonly job?: Job;
  readonly onClose: () => void;
}

/** What the API takes when nothing is said. */
const usualSize = 'Basic';

/** What `at` is where nothing was said, by how often a job runs. */
const usualTimes: Readonly<Record<Frequency, string>> = {
  'every-10-minutes': '',
  hourly: '0',
  daily: '02:00',
  cron: '0 2 * * *',
};

export const JobForm = ({ app, job, onClose }: JobFormProps) => {
  const { t } = useWording();
  const { data: sizes = [] } = useDynoSizes();
  const [command, setCommand] = useState(job?.command ?? '');
  const [frequency, setFrequency] = useState<Frequency>(job?.frequency ?? 'daily');
  const [at, setAt] = useState(job?.at ?? usualTimes.daily);
  const [size, setSize] = useState(job?.size ?? usualSize);
  const [enabled, setEnabled] = useState(job?.enabled ?? true);
  const zone = job?.time_zone ?? ownZone();
  const save = useChange<Job>(app, onClose);
  const path = `/apps/${app}/scheduler/jobs`;
  const body = { command, frequency, at, time_zone: zone, enabled, size };
  return (
    <FormDialog
      title={job === undefined ? t('addJob') : t('editJob', { name: job.command })}
      submit={t(job === undefined ? 'addJob' : 'save')}
      busy={save.isPending}
      disabled={command.trim() === ''}
      error={save.error}
      onSubmit={() =>
        save.mutate(
          job === undefined ? { method: 'POST', path, body } : { method: 'PATCH', path: `${path}/${job.id}`, body },
        )
      }
      onClose={onClose}
    >
      <TextField
        label={t('command')}
        hint={t('commandHint')}
        placeholder="python manage.py clearsessions"
        className="input mono ltr"
        autoComplete="off"
        spellCheck={false}
        value={command}
        onChange={(event) => setCommand(event.target.value)}
      />
      <SelectField
        label={t('frequency')}
        value={frequency}
        onChange={(event) => {
          const chosen = event.target.value as Frequency; // the options below are all there are
          setFrequency(chosen);
          setAt(usualTimes[chosen]);
        }}
      >
        {Object.entries(frequencies).map(([value, key]) => (
          <option key={value} value={value}>
            {t(key)}
          </option>
        ))}
      </SelectField>
      {frequency === 'hourly' && (
        <TextField
          label={t('minuteOf')}
          type="number"
          min={0}
          max={59}
          required
          className="input number"
          value={at}
          onChange={(event) => setAt(event.target.value)}
        />
      )}
      {frequency === 'daily' && (
        <TextField
          label={t('timeOfDay', { zone })}
          type="time"
          required
          className="input ltr"
          value={at}
          onChange={(event) => setAt(event.target.value)}
        />
      )}
      {frequency === 'cron' && (
        <TextField
          label={`${t('cronExpression')} (${zone})`}
          hint={t('cronHint')}
          className="input mono ltr"
          autoComplete="off"
          spellCheck={false}
          value={at}
          onChange={(event) => setAt(event.target.value)}
        />
      )}
      <SelectField label={t('dynoSize')} value={size} onChange={(event) => setSize(event.target.value)}>
        {sizes.length === 0 && <option>{size}</option>}
        {sizes.map(({ id, name }) => (
          <option key={id}>{name}</option>
        ))}
      </SelectField>
      <Switch label={t('enabled')} checked={enabled} onChange={() => setEnabled(!enabled)} />
    </FormDialog>
  );
};
