import { useState } from 'react';
import type { Transfer } from '../../../api/add-on-shapes.ts';
import { useChange } from '../../../api/change.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { TextField } from '../../../parts/field.tsx';
import type { OfAddOn } from './of-add-on.ts';
import { nameOfTransfer } from './transfer-name.ts';

type BackupProps = OfAddOn & { readonly backup: Transfer; readonly onClose: () => void };

/** What is in the database now goes: the app's name has to be typed. */
export const RestoreBackup = ({ app, addOn, backup, onClose }: BackupProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const [typed, setTyped] = useState('');
  const restore = useChange(app, () => {
    onClose();
    announce(t('restoreStarted'));
  });
  const path = `/client/v11/databases/${addOn.name}/restores`;
  return (
    <FormDialog
      title={t('restoreBackup', { name: nameOfTransfer(backup) })}
      submit={t('restoreShort')}
      danger
      busy={restore.isPending}
      disabled={typed !== app}
      error={restore.error}
      onSubmit={() => restore.mutate({ method: 'POST', path, body: { backup_url: backup.to_url } })}
      onClose={onClose}
    >
      <p>{t('restoreText', { name: addOn.name })}</p>
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

export const DeleteBackup = ({ app, addOn, backup, onClose }: BackupProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const name = nameOfTransfer(backup);
  const remove = useChange(app, () => {
    onClose();
    announce(t('backupDeleted', { name }));
  });
  return (
    <FormDialog
      title={t('deleteBackup', { name })}
      submit={t('remove')}
      danger
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() =>
        remove.mutate({ method: 'DELETE', path: `/client/v11/apps/${addOn.app.name}/transfers/${backup.num}` })
      }
      onClose={onClose}
    >
      <p>{t('deleteBackupText')}</p>
    </FormDialog>
  );
};
