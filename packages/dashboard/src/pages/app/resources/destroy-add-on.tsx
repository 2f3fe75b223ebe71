import { useState } from 'react';
import { useChange } from '../../../api/change.ts';
import type { AddOn } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { TextField } from '../../../parts/field.tsx';

interface DestroyProps {
  readonly app: string;
  readonly addOn: AddOn;
  readonly onClose: () => void;
  /** Where to go when it is gone; else the dialog closes. */
  readonly onDestroyed?: () => void;
}

/** The app's name has to be typed, as `heroku addons:destroy` asks for it: the data goes. */
export const DestroyAddOn = ({ app, addOn, onClose, onDestroyed = onClose }: DestroyProps) => {
  const { t } = useWording();
  const [typed, setTyped] = useState('');
  const destroy = useChange(app, onDestroyed);
  return (
    <FormDialog
      title={t('destroyThis', { name: addOn.name })}
      submit={t('destroy')}
      danger
      busy={destroy.isPending}
      disabled={typed !== app}
      error={destroy.error}
      onSubmit={() => destroy.mutate({ method: 'DELETE', path: `/apps/${app}/addons/${addOn.id}` })}
      onClose={onClose}
    >
      <p>{t('destroyAddOnText')}</p>
      <TextField
        label={t('typeName', { name: app })}
        className="input ltr"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </FormDialog>
  );
};
