import type { ComponentType } from 'react';
import { useAddOn } from '../../../api/add-on-queries.ts';
import { ApiError } from '../../../api/request.ts';
import { useWording } from '../../../language/language.tsx';
import { Empty } from '../../../parts/empty.tsx';
import { Problem } from '../../../parts/problem.tsx';
import { Link } from '../../../routing/router.tsx';
import { AddOnConfig } from './add-on-config.tsx';
import { AddOnInformation } from './add-on-information.tsx';
import { Attachments } from './attachments.tsx';
import { Backups } from './backups.tsx';
import { ForkDatabase } from './fork-database.tsx';
import { Jobs } from './jobs.tsx';
import type { OfAddOn } from './of-add-on.ts';

/** What is done with the add-ons of a service, beside what is the same for all. */
const parts: Readonly<Record<string, readonly ComponentType<OfAddOn>[]>> = {
  'heroku-postgresql': [Backups, ForkDatabase],
  'heroku-scheduler': [Jobs],
};

/** One add-on; where `heroku addons:open` leads. */
export const AddOnPage = ({ app, name }: { readonly app: string; readonly name: string }) => {
  const { t } = useWording();
  const { data: addOn, error, refetch } = useAddOn(app, name);
  const back = (
    <nav aria-label={t('resources')} className="actions">
      <Link to={`/apps/${app}/resources`} className="crumb">
        {t('resources')}
      </Link>
      <span className="soft" aria-hidden="true">
        /
      </span>
      <bdi>{name}</bdi>
    </nav>
  );
  const gone = error instanceof ApiError && error.status === 404;
  if (gone || addOn === undefined) {
    return (
      <div className="stack-l">
        {back}
        {gone ? (
          <Empty icon="database" title={t('addOnGone')} />
        ) : (
          <Problem error={error} onRetry={() => void refetch()} />
        )}
      </div>
    );
  }
  const own = addOn.state === 'provisioned' ? (parts[addOn.addon_service.name] ?? []) : [];
  return (
    <div className="stack-l">
      {back}
      <AddOnInformation app={app} addOn={addOn} />
      {own.map((Part, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list of a service never changes
        <Part key={n} app={app} addOn={addOn} />
      ))}
      <Attachments app={app} addOn={addOn} />
      <AddOnConfig app={app} addOn={addOn} />
    </div>
  );
};
