import { useChange } from '../../../api/change.ts';
import type { Attachment } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';

interface DetachProps {
  readonly attachment: Attachment;
  readonly onClose: () => void;
}

/** Takes an add-on off an app; the add-on stays. */
export const DetachAddOn = ({ attachment: { id, name, app }, onClose }: DetachProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const detach = useChange(app.name, () => {
    onClose();
    announce(t('detached', { name }));
  });
  return (
    <FormDialog
      title={t('detachThis', { name, app: app.name })}
      submit={t('detach')}
      danger
      busy={detach.isPending}
      error={detach.error}
      onSubmit={() => detach.mutate({ method: 'DELETE', path: `/addon-attachments/${id}` })}
      onClose={onClose}
    >
      <p>{t('detachText', { app: app.name })}</p>
    </FormDialog>
  );
};
