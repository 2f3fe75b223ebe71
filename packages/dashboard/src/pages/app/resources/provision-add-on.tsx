import { useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { useAddOnServices, usePlans } from '../../../api/queries.ts';
import type { AddOn } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { SelectField } from '../../../parts/field.tsx';

interface ProvisionProps {
  readonly app: string;
  readonly onClose: () => void;
}

export const ProvisionAddOn = ({ app, onClose }: ProvisionProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const { data: services = [], error } = useAddOnServices();
  const [chosen, setChosen] = useState('');
  const service = chosen === '' ? (services[0]?.name ?? '') : chosen;
  const { data: plans = [] } = usePlans(service);
  const [plan, setPlan] = useState('');
  const standard = plans.find((one) => one.default) ?? plans[0];
  const wanted = plans.find(({ name }) => name === plan) ?? standard;
  const provision = useChange<AddOn>(app, (made) => {
    onClose();
    announce(t('addOnCreated', { name: made.name }));
  });
  return (
    <FormDialog
      title={t('addAddOn')}
      submit={t('provision')}
      busy={provision.isPending}
      disabled={wanted === undefined}
      error={error ?? provision.error}
      onSubmit={() =>
        provision.mutate({ method: 'POST', path: `/apps/${app}/addons`, body: { plan: wanted?.name ?? service } })
      }
      onClose={onClose}
    >
      <SelectField label={t('service')} value={service} onChange={(event) => setChosen(event.target.value)}>
        {services.map(({ name, human_name: title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('plan')}
        hint={t('planHint')}
        value={wanted?.name ?? ''}
        onChange={(event) => setPlan(event.target.value)}
      >
        {plans.map(({ name, human_name: title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </SelectField>
    </FormDialog>
  );
};
