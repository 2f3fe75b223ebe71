import { useState } from 'react';
import { useAddOnFacts } from '../../../api/add-on-queries.ts';
import { useChange } from '../../../api/change.ts';
import type { AddOn } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { Button } from '../../../parts/button.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { SelectField, TextField } from '../../../parts/field.tsx';
import { Card } from '../../../parts/section.tsx';
import { navigate } from '../../../routing/router.tsx';
import type { OfAddOn } from './of-add-on.ts';
import { localMoment } from './own-zone.ts';

/** Another database out of this one, as it is or as it was. */
export const ForkDatabase = ({ app, addOn }: OfAddOn) => {
  const { t } = useWording();
  const [asking, setAsking] = useState(false);
  return (
    <Card
      title={t('forkDatabase')}
      text={t('forkDatabaseText')}
      action={
        <Button small onClick={() => setAsking(true)}>
          {t('fork')}
        </Button>
      }
    >
      {asking && <Fork app={app} addOn={addOn} onClose={() => setAsking(false)} />}
    </Card>
  );
};

const Fork = ({ app, addOn, onClose }: OfAddOn & { readonly onClose: () => void }) => {
  const { t, dateTime } = useWording();
  const announce = useAnnounce();
  const { data: facts } = useAddOnFacts(app, addOn.name);
  const since = facts?.backups?.since ?? undefined;
  const [how, setHow] = useState<'fork' | 'rollback'>('fork');
  const [moment, setMoment] = useState(() => localMoment(new Date()));
  const fork = useChange<AddOn>(app, (made) => {
    onClose();
    announce(t('forked', { name: made.name }));
    navigate(`/apps/${app}/resources/${made.name}`);
  });
  const config =
    how === 'fork' ? { fork: addOn.name } : { rollback: addOn.name, to: new Date(moment || 0).toISOString() };
  return (
    <FormDialog
      title={t('forkDatabase')}
      submit={t('provision')}
      busy={fork.isPending}
      disabled={how === 'rollback' && moment === ''}
      error={fork.error}
      onSubmit={() =>
        fork.mutate({ method: 'POST', path: `/apps/${app}/addons`, body: { plan: addOn.plan.name, config } })
      }
      onClose={onClose}
    >
      <p>{t('promoteHint')}</p>
      <SelectField
        label={t('whatToMake')}
        value={how}
        onChange={(event) => setHow(event.target.value === 'rollback' ? 'rollback' : 'fork')}
      >
        <option value="fork">{t('copyOfDatabase')}</option>
        <option value="rollback">{t('rollBackTo_moment')}</option>
      </SelectField>
      {how === 'rollback' && (
        <TextField
          type="datetime-local"
          label={t('moment')}
          hint={t('momentHint', { time: since === undefined ? '–' : dateTime(since) })}
          className="input ltr"
          value={moment}
          onChange={(event) => setMoment(event.target.value)}
        />
      )}
    </FormDialog>
  );
};
