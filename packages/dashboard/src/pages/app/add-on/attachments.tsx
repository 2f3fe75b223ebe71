import { useState } from 'react';
import { useAttachmentsOf } from '../../../api/add-on-queries.ts';
import type { Attachment } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import { Link } from '../../../routing/router.tsx';
import { DetachAddOn } from '../resources/detach-add-on.tsx';
import type { OfAddOn } from './of-add-on.ts';

/** The apps that have it, each under a name of its own. */
export const Attachments = ({ app, addOn }: OfAddOn) => {
  const { t } = useWording();
  const { data: attachments, error } = useAttachmentsOf(app, addOn.name);
  const [detaching, setDetaching] = useState<Attachment>();
  return (
    <Card title={t('attachments')}>
      <Problem error={error} />
      <ul className="rows">
        {attachments?.map((attachment) => (
          <li key={attachment.id} className="row">
            <Icon name="app" />
            <span className="row-main">
              <Link to={`/apps/${attachment.app.name}`}>{attachment.app.name}</Link>
              <span className="soft small-text">
                {t('attachedAs')} <code>{attachment.name}</code>
              </span>
            </span>
            {attachments.length > 1 && (
              <button
                type="button"
                className="icon-button"
                aria-label={t('detachThis', { name: attachment.name, app: attachment.app.name })}
                onClick={() => setDetaching(attachment)}
              >
                <Icon name="remove" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {attachments?.some(({ id }) => id === detaching?.id) && detaching !== undefined && (
        <DetachAddOn attachment={detaching} onClose={() => setDetaching(undefined)} />
      )}
    </Card>
  );
};
