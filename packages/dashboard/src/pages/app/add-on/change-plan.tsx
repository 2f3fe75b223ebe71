import { useState } from 'react';
import { useChange } from '../../../api/change.ts';
import { usePlans } from '../../../api/queries.ts';
import type { AddOn } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { SelectField } from '../../../parts/field.tsx';
import type { OfAddOn } from './of-add-on.ts';

export const ChangePlan = ({ app, addOn, onClose }: OfAddOn & { readonly onClose: () => void }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const { data: plans = [] } = usePlans(addOn.addon_service.name);
  const [plan, setPlan] = useState(addOn.plan.name);
  const change = useChange<AddOn>(app, (changed) => {
    onClose();
    announce(t('addOnPlanChanged', { name: changed.name, plan: changed.plan.human_name }));
  });
  return (
    <FormDialog
      title={t('choosePlan', { name: addOn.name })}
      submit={t('changePlan')}
      busy={change.isPending}
      disabled={plan === addOn.plan.name}
      error={change.error}
      onSubmit={() => change.mutate({ method: 'PATCH', path: `/addons/${addOn.id}`, body: { plan } })}
      onClose={onClose}
    >
      <SelectField
        label={t('plan')}
        hint={t('planHint')}
        value={plan}
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
