import { useState } from 'react';
import { useAllAddOns } from '../../../api/add-on-queries.ts';
import { useChange } from '../../../api/change.ts';
import type { Attachment } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { SelectField, TextField } from '../../../parts/field.tsx';

interface AttachProps {
  readonly app: string;
  /** Ids of the add-ons that it has already. */
  readonly has: ReadonlySet<string>;
  readonly onClose: () => void;
}

/** Gives the app an add-on that another app has. */
export const AttachAddOn = ({ app, has, onClose }: AttachProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const { data: all, error } = useAllAddOns();
  const [chosen, setChosen] = useState('');
  const [name, setName] = useState('');
  const others = all?.filter(({ id, state }) => !has.has(id) && state === 'provisioned');
  const addOn = others?.find(({ id }) => id === chosen) ?? others?.[0];
  const attach = useChange<Attachment>(app, (made) => {
    onClose();
    announce(t('addOnCreated', { name: made.name }));
  });
  const body = { app, addon: addOn?.id, ...(name === '' ? {} : { name }) };
  return (
    <FormDialog
      title={t('attachAddOn')}
      submit={t('attach')}
      busy={attach.isPending}
      disabled={addOn === undefined}
      error={error ?? attach.error}
      onSubmit={() => attach.mutate({ method: 'POST', path: '/addon-attachments', body })}
      onClose={onClose}
    >
      {others?.length === 0 ? (
        <p className="soft">{t('noneToAttach')}</p>
      ) : (
        <>
          <SelectField
            label={t('addOns')}
            hint={t('attachHint')}
            value={addOn?.id ?? ''}
            onChange={(event) => setChosen(event.target.value)}
          >
            {others?.map((one) => (
              <option key={one.id} value={one.id}>
                {`${one.app.name} · ${one.addon_service.human_name} · ${one.name}`}
              </option>
            ))}
          </SelectField>
          <TextField
            label={t('attachmentName')}
            hint={t('attachmentNameHint')}
            placeholder="DATABASE"
            className="input ltr"
            autoComplete="off"
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.target.value.trim().toUpperCase())}
          />
        </>
      )}
    </FormDialog>
  );
};
