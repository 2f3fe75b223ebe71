import { useState } from 'react';
import { useTransfers } from '../../../api/add-on-queries.ts';
import type { Transfer } from '../../../api/add-on-shapes.ts';
import { useChange } from '../../../api/change.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import { DeleteBackup, RestoreBackup } from './backup-dialogs.tsx';
import { BackupSchedule } from './backup-schedule.tsx';
import type { OfAddOn } from './of-add-on.ts';
import { TransferRow } from './transfer-row.tsx';

type Asking = { readonly what: 'restore' | 'delete'; readonly backup: Transfer } | undefined;

/** Dumps of the app's databases: taken, downloaded, restored, deleted, and taken by schedule. */
export const Backups = ({ app, addOn }: OfAddOn) => {
  const { t } = useWording();
  const owner = addOn.app.name;
  const { data: transfers, error } = useTransfers(owner);
  const [asking, setAsking] = useState<Asking>();
  const close = (): void => setAsking(undefined);
  const capture = useChange(app);
  return (
    <Card
      title={t('backups')}
      text={t('backupsText')}
      action={
        <Button
          small
          busy={capture.isPending}
          onClick={() => capture.mutate({ method: 'POST', path: `/client/v11/databases/${addOn.name}/backups` })}
        >
          <Icon name="add" size={16} />
          {t('captureBackup')}
        </Button>
      }
    >
      <Problem error={error ?? capture.error} />
      <BackupSchedule app={app} addOn={addOn} />
      {transfers?.length === 0 && <Empty icon="database" title={t('noBackups')} text={t('noBackupsText')} />}
      <ul className="rows">
        {transfers
          ?.toSorted((one, other) => other.num - one.num)
          .map((transfer) => (
            <TransferRow
              key={transfer.uuid}
              app={owner}
              transfer={transfer}
              onRestore={() => setAsking({ what: 'restore', backup: transfer })}
              onDelete={() => setAsking({ what: 'delete', backup: transfer })}
            />
          ))}
      </ul>
      {asking?.what === 'restore' && <RestoreBackup app={app} addOn={addOn} backup={asking.backup} onClose={close} />}
      {asking?.what === 'delete' && <DeleteBackup app={app} addOn={addOn} backup={asking.backup} onClose={close} />}
    </Card>
  );
};
