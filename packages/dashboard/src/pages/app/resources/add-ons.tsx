import { useState } from 'react';
import { useAddOns, useAttachments } from '../../../api/queries.ts';
import type { AddOn } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import { Status } from '../../../parts/status.tsx';
import { DestroyAddOn } from './destroy-add-on.tsx';
import { ProvisionAddOn } from './provision-add-on.tsx';

export const AddOns = ({ app }: { readonly app: string }) => {
  const { t } = useWording();
  const { data: addOns, error, refetch } = useAddOns(app);
  const { data: attachments = [] } = useAttachments(app);
  const [provisioning, setProvisioning] = useState(false);
  const [destroying, setDestroying] = useState<AddOn>();
  return (
    <Card
      title={t('addOns')}
      action={
        <Button small onClick={() => setProvisioning(true)}>
          <Icon name="add" size={16} />
          {t('addAddOn')}
        </Button>
      }
    >
      <Problem error={error} onRetry={() => void refetch()} />
      {addOns?.length === 0 && (
        <Empty
          icon="database"
          title={t('noAddOns')}
          text={t('noAddOnsText')}
          command={`heroku addons:create heroku-postgresql -a ${app}`}
        />
      )}
      <ul className="rows">
        {addOns?.map((addOn) => (
          <li key={addOn.id} className="row">
            <Icon name="database" />
            <span className="row-main">
              <bdi className="strong">{addOn.addon_service.human_name}</bdi>
              <span className="soft small-text">
                <bdi>{addOn.name}</bdi> · {t('attachedAs')}{' '}
                <code>
                  {attachments
                    .filter(({ addon }) => addon.id === addOn.id)
                    .map(({ name }) => name)
                    .join(', ')}
                </code>
              </span>
            </span>
            {addOn.state === 'provisioned' ? (
              <bdi className="soft small-text">{addOn.plan.human_name}</bdi>
            ) : (
              <Status tone="calm">{t(addOn.state === 'provisioning' ? 'creating' : 'destroying')}</Status>
            )}
            {addOn.app.name === app && (
              <button
                type="button"
                className="icon-button"
                aria-label={t('destroyThis', { name: addOn.name })}
                onClick={() => setDestroying(addOn)}
              >
                <Icon name="remove" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {provisioning && <ProvisionAddOn app={app} onClose={() => setProvisioning(false)} />}
      {destroying !== undefined && (
        <DestroyAddOn app={app} addOn={destroying} onClose={() => setDestroying(undefined)} />
      )}
    </Card>
  );
};
