import type { Transfer } from '../../../api/add-on-shapes.ts';
import { useChange } from '../../../api/change.ts';
import { pathOf } from '../../../api/request.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Status } from '../../../parts/status.tsx';
import { TimeAgo } from '../../../parts/time-ago.tsx';
import { nameOfTransfer } from './transfer-name.ts';

interface TransferRowProps {
  /** The app whose databases it is about. */
  readonly app: string;
  readonly transfer: Transfer;
  readonly onRestore: () => void;
  readonly onDelete: () => void;
}

/** A backup, or a restore or copy that there was. */
export const TransferRow = ({ app, transfer, onRestore, onDelete }: TransferRowProps) => {
  const { t, bytes } = useWording();
  const path = `/client/v11/apps/${app}/transfers/${transfer.num}`;
  // The file comes from here by a link of its own, which is good for an hour.
  const download = useChange<{ readonly url: string }>(app, ({ url }) => window.location.assign(pathOf(url)));
  const cancel = useChange(app);
  const name = nameOfTransfer(transfer);
  const isBackup = transfer.to_url !== null;
  const isOver = transfer.finished_at !== null;
  return (
    <li className="row wraps">
      <Icon name={isBackup ? 'database' : 'release'} />
      <span className="row-main">
        <bdi className="strong">{name}</bdi>
        <span className="soft small-text">
          <bdi>
            {transfer.from_name} → {transfer.to_name}
          </bdi>{' '}
          · <TimeAgo time={transfer.created_at} /> · {bytes(transfer.processed_bytes)}
        </span>
      </span>
      <Outcome transfer={transfer} />
      <div className="actions">
        {isBackup && transfer.succeeded === true && (
          <>
            <Button
              small
              kind="quiet"
              busy={download.isPending}
              aria-label={t('downloadThis', { name })}
              onClick={() => download.mutate({ method: 'POST', path: `${path}/actions/public-url` })}
            >
              {t('download')}
            </Button>
            <Button small kind="quiet" aria-label={t('restoreBackup', { name })} onClick={onRestore}>
              {t('restoreShort')}
            </Button>
          </>
        )}
        {isOver ? (
          <button type="button" className="icon-button" aria-label={t('deleteBackup', { name })} onClick={onDelete}>
            <Icon name="remove" />
          </button>
        ) : (
          <Button
            small
            kind="quiet"
            busy={cancel.isPending}
            onClick={() => cancel.mutate({ method: 'POST', path: `${path}/actions/cancel` })}
          >
            {t('cancel')}
          </Button>
        )}
      </div>
      <Problem error={download.error ?? cancel.error} />
    </li>
  );
};

const Outcome = ({ transfer }: { readonly transfer: Transfer }) => {
  const { t } = useWording();
  if (transfer.finished_at === null) return <Status tone="calm">{t('running')}</Status>;
  return transfer.succeeded === true ? (
    <Status tone="good">{t('succeeded')}</Status>
  ) : (
    <Status tone={transfer.canceled_at === null ? 'bad' : 'warn'}>{t('failed')}</Status>
  );
};
