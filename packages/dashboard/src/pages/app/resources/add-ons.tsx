import { useState } from 'react';
import { useAddOns, useAttachments } from '../../../api/queries.ts';
import type { AddOn, Attachment } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import { Status } from '../../../parts/status.tsx';
import { Link } from '../../../routing/router.tsx';
import { AttachAddOn } from './attach-add-on.tsx';
import { DestroyAddOn } from './destroy-add-on.tsx';
import { DetachAddOn } from './detach-add-on.tsx';
import { ProvisionAddOn } from './provision-add-on.tsx';

/** Which dialog is open; one about something closes when that is gone, whoever made it go. */
type Asking =
  | { readonly what: 'provision' | 'attach' }
  | { readonly what: 'destroy' | 'detach'; readonly id: string }
  | undefined;

export const AddOns = ({ app }: { readonly app: string }) => {
  const { t } = useWording();
  const { data: addOns, error, refetch } = useAddOns(app);
  const { data: attachments = [] } = useAttachments(app);
  const [asking, setAsking] = useState<Asking>();
  const close = (): void => setAsking(undefined);
  const others = attachments.filter(({ addon }) => addon.app.name !== app);
  const about = asking !== undefined && 'id' in asking ? asking : undefined;
  const destroying = about?.what === 'destroy' ? addOns?.find(({ id }) => id === about.id) : undefined;
  const detaching = about?.what === 'detach' ? others.find(({ id }) => id === about.id) : undefined;
  return (
    <Card
      title={t('addOns')}
      action={
        <div className="actions">
          <Button small kind="quiet" onClick={() => setAsking({ what: 'attach' })}>
            {t('attachAddOn')}
          </Button>
          <Button small onClick={() => setAsking({ what: 'provision' })}>
            <Icon name="add" size={16} />
            {t('addAddOn')}
          </Button>
        </div>
      }
    >
      <Problem error={error} onRetry={() => void refetch()} />
      {addOns?.length === 0 && others.length === 0 && (
        <Empty
          icon="database"
          title={t('noAddOns')}
          text={t('noAddOnsText')}
          command={`heroku addons:create heroku-postgresql -a ${app}`}
        />
      )}
      <ul className="rows">
        {addOns?.map((addOn) => (
          <OwnAddOn
            key={addOn.id}
            app={app}
            addOn={addOn}
            names={attachments.filter(({ addon }) => addon.id === addOn.id).map(({ name }) => name)}
            onDestroy={() => setAsking({ what: 'destroy', id: addOn.id })}
          />
        ))}
        {others.map((attachment) => (
          <AttachedAddOn
            key={attachment.id}
            app={app}
            attachment={attachment}
            onDetach={() => setAsking({ what: 'detach', id: attachment.id })}
          />
        ))}
      </ul>
      {asking?.what === 'provision' && <ProvisionAddOn app={app} onClose={close} />}
      {asking?.what === 'attach' && (
        <AttachAddOn app={app} has={new Set(attachments.map(({ addon }) => addon.id))} onClose={close} />
      )}
      {destroying !== undefined && <DestroyAddOn app={app} addOn={destroying} onClose={close} />}
      {detaching !== undefined && <DetachAddOn attachment={detaching} onClose={close} />}
    </Card>
  );
};

interface OwnProps {
  readonly app: string;
  readonly addOn: AddOn;
  /** Of its attachments on this app. */
  readonly names: readonly string[];
  readonly onDestroy: () => void;
}

const OwnAddOn = ({ app, addOn, names, onDestroy }: OwnProps) => {
  const { t } = useWording();
  return (
    <li className="row">
      <Icon name="database" />
      <span className="row-main">
        <Link to={`/apps/${app}/resources/${addOn.name}`} className="strong">
          <bdi>{addOn.addon_service.human_name}</bdi>
        </Link>
        <span className="soft small-text">
          <bdi>{addOn.name}</bdi> · {t('attachedAs')} <code>{names.join(', ')}</code>
        </span>
      </span>
      {addOn.state === 'provisioned' ? (
        <bdi className="soft small-text">{addOn.plan.human_name}</bdi>
      ) : (
        <Status tone="calm">{t(addOn.state === 'provisioning' ? 'creating' : 'destroying')}</Status>
      )}
      <button
        type="button"
        className="icon-button"
        aria-label={t('destroyThis', { name: addOn.name })}
        onClick={onDestroy}
      >
        <Icon name="remove" />
      </button>
    </li>
  );
};

interface AttachedProps {
  readonly app: string;
  readonly attachment: Attachment;
  readonly onDetach: () => void;
}

const AttachedAddOn = ({ app, attachment: { name, addon }, onDetach }: AttachedProps) => {
  const { t } = useWording();
  return (
    <li className="row">
      <Icon name="database" />
      <span className="row-main">
        <Link to={`/apps/${app}/resources/${addon.name}`} className="strong">
          <bdi>{addon.name}</bdi>
        </Link>
        <span className="soft small-text">
          {t('attachedFrom', { name: addon.app.name })} · {t('attachedAs')} <code>{name}</code>
        </span>
      </span>
      <button type="button" className="icon-button" aria-label={t('detachThis', { name, app })} onClick={onDetach}>
        <Icon name="remove" />
      </button>
    </li>
  );
};
