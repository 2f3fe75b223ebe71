import { useChange } from '../../../api/change.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import type { OfAddOn } from './of-add-on.ts';

/** Everything in a cache is forgotten. */
export const FlushCache = ({ app, addOn: { id, name }, onClose }: OfAddOn & { readonly onClose: () => void }) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const flush = useChange(app, () => {
    onClose();
    announce(t('cleared', { name }));
  });
  return (
    <FormDialog
      title={t('clearThis', { name })}
      submit={t('clearCache')}
      danger
      busy={flush.isPending}
      error={flush.error}
      onSubmit={() => flush.mutate({ method: 'POST', path: `/addons/${id}/memcache/actions/flush` })}
      onClose={onClose}
    >
      <p>{t('clearCacheText')}</p>
    </FormDialog>
  );
};
