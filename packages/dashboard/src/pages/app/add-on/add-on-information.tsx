import { useState } from 'react';
import { useAddOnFacts } from '../../../api/add-on-queries.ts';
import type { AddOnFacts } from '../../../api/add-on-shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Card } from '../../../parts/section.tsx';
import { Status } from '../../../parts/status.tsx';
import { navigate } from '../../../routing/router.tsx';
import { DestroyAddOn } from '../resources/destroy-add-on.tsx';
import { AddOnFigures } from './add-on-figures.tsx';
import { ChangePlan } from './change-plan.tsx';
import { FlushCache } from './flush-cache.tsx';
import type { OfAddOn } from './of-add-on.ts';

/** Articles of the Dev Center; what they say of a service holds here. */
const articles: Readonly<Record<string, string>> = {
  'heroku-postgresql': 'heroku-postgresql',
  'heroku-redis': 'heroku-redis',
  'heroku-scheduler': 'scheduler',
  bucketeer: 'bucketeer',
  memcachier: 'memcachier',
};

type Asking = 'plan' | 'flush' | 'destroy' | undefined;

/** What the add-on is, how full it is, and what is done to the whole of it. */
export const AddOnInformation = ({ app, addOn }: OfAddOn) => {
  const { t } = useWording();
  const { data: facts, error } = useAddOnFacts(app, addOn.name);
  const [asking, setAsking] = useState<Asking>();
  const close = (): void => setAsking(undefined);
  const service = addOn.addon_service.name;
  const article = articles[service];
  const owned = addOn.app.name === app;
  return (
    <Card title={addOn.addon_service.human_name} action={<State addOn={addOn} facts={facts} />}>
      <div className="padded stack">
        <Problem error={error} />
        {facts?.problem != null && <p className="notice bad">{facts.problem}</p>}
        <AddOnFigures addOn={addOn} facts={facts} />
        <div className="actions">
          {addOn.state === 'provisioned' && service !== 'heroku-postgresql' && service !== 'heroku-scheduler' && (
            <Button small onClick={() => setAsking('plan')}>
              {t('changePlan')}
            </Button>
          )}
          {addOn.state === 'provisioned' && service === 'memcachier' && (
            <Button small onClick={() => setAsking('flush')}>
              {t('clearCache')}
            </Button>
          )}
          {article !== undefined && (
            <a
              className="button small"
              href={`https://devcenter.heroku.com/articles/${article}`}
              target="_blank"
              rel="noreferrer"
            >
              {t('documentation')}
              <Icon name="open" size={16} />
            </a>
          )}
          {owned && (
            <Button small kind="danger" onClick={() => setAsking('destroy')}>
              {t('destroy')}
            </Button>
          )}
        </div>
      </div>
      {asking === 'plan' && <ChangePlan app={app} addOn={addOn} onClose={close} />}
      {asking === 'flush' && <FlushCache app={app} addOn={addOn} onClose={close} />}
      {asking === 'destroy' && (
        <DestroyAddOn
          app={app}
          addOn={addOn}
          onClose={close}
          onDestroyed={() => navigate(`/apps/${app}/resources`, { replace: true })}
        />
      )}
    </Card>
  );
};

const State = ({ addOn, facts }: Pick<OfAddOn, 'addOn'> & { readonly facts: AddOnFacts | undefined }) => {
  const { t } = useWording();
  if (addOn.state !== 'provisioned')
    return <Status tone="calm">{t(addOn.state === 'provisioning' ? 'creating' : 'destroying')}</Status>;
  if (facts === undefined) return null;
  return <Status tone={facts.available ? 'good' : 'bad'}>{t(facts.available ? 'available' : 'notAvailable')}</Status>;
};
