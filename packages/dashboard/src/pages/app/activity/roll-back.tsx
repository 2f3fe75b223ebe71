import { useChange } from '../../../api/change.ts';
import type { Release } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { useAnnounce } from '../../../parts/announcements.tsx';
import { FormDialog } from '../../../parts/dialog.tsx';
import { Said } from '../../../parts/said.tsx';

interface RollBackProps {
  readonly app: string;
  readonly release: Release;
  readonly onClose: () => void;
}

/** Makes a new release of an old one's parts. */
export const RollBack = ({ app, release, onClose }: RollBackProps) => {
  const { t } = useWording();
  const announce = useAnnounce();
  const version = `v${release.version}`;
  const rollBack = useChange<Release>(app, (made) => {
    onClose();
    announce(t('rolledBack', { version, made: `v${made.version}` }));
  });
  return (
    <FormDialog
      title={t('rollBackTo', { version })}
      submit={t('rollBack')}
      busy={rollBack.isPending}
      error={rollBack.error}
      onSubmit={() => rollBack.mutate({ method: 'POST', path: `/apps/${app}/releases`, body: { release: release.id } })}
      onClose={onClose}
    >
      <p>
        <Said className="strong" text={release.description} />
      </p>
      <p>{t('rollBackText')}</p>
    </FormDialog>
  );
};
