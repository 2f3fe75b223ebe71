import { useAddOns, useBuilds, useCollaborators, useDynos, useFormation, useReleases } from '../../api/queries.ts';
import { useWording } from '../../language/language.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Card } from '../../parts/section.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { Link } from '../../routing/router.tsx';
import type { AppPageProps } from './app-page-props.ts';
import { DynoStates } from './dyno-states.tsx';
import { HappeningRow } from './happening-row.tsx';
import { contributorsOf, historyOf, keyOf } from './history.ts';

const latest = 6;

/** What the app has, what runs of it, and what was done to it last. */
export const Overview = ({ app: { name } }: AppPageProps) => (
  <div className="columns">
    <div className="stack-l">
      <InstalledAddOns name={name} />
      <DynoFormation name={name} />
      <CollaboratorActivity name={name} />
    </div>
    <LatestActivity name={name} />
  </div>
);

interface Named {
  readonly name: string;
}

const InstalledAddOns = ({ name }: Named) => {
  const { t } = useWording();
  const { data: addOns, error } = useAddOns(name);
  return (
    <Card title={t('installedAddOns')} action={<Link to={`/apps/${name}/resources`}>{t('configure')}</Link>}>
      <Problem error={error} />
      {addOns?.length === 0 && (
        <Empty
          icon="database"
          title={t('noAddOns')}
          text={t('noAddOnsText')}
          command={`heroku addons:create heroku-postgresql -a ${name}`}
        />
      )}
      <ul className="rows">
        {addOns?.map((addOn) => (
          <li key={addOn.id} className="row">
            <Icon name="database" />
            <span className="row-main">
              <bdi className="strong">{addOn.addon_service.human_name}</bdi>
              <bdi className="soft small-text">{addOn.name}</bdi>
            </span>
            <bdi className="soft small-text">{addOn.plan.human_name}</bdi>
          </li>
        ))}
      </ul>
    </Card>
  );
};

const DynoFormation = ({ name }: Named) => {
  const { t } = useWording();
  const { data, error } = useFormation(name);
  const formation = data?.filter(({ type }) => type !== 'release');
  const { data: dynos = [] } = useDynos(name);
  return (
    <Card title={t('dynoFormation')} action={<Link to={`/apps/${name}/resources`}>{t('configure')}</Link>}>
      <Problem error={error} />
      {formation?.length === 0 && (
        <Empty
          icon="process"
          title={t('noProcessTypes')}
          text={t('noProcessTypesText')}
          command="git push heroku main"
        />
      )}
      <ul className="rows">
        {formation?.map(({ id, type, command, quantity, size }) => (
          <li key={id} className="row">
            <Icon name="process" />
            <span className="row-main">
              <bdi className="strong">{type}</bdi>
              <code className="soft cut">{command}</code>
            </span>
            <DynoStates dynos={dynos.filter((dyno) => dyno.type === type)} />
            <span className="soft small-text">
              {quantity === 0 ? t('off') : t('dynosOfSize', { n: quantity, size })}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
};

const LatestActivity = ({ name }: Named) => {
  const { t } = useWording();
  const { data: releases, error } = useReleases(name);
  const { data: builds = [] } = useBuilds(name);
  return (
    <Card title={t('latestActivity')} action={<Link to={`/apps/${name}/activity`}>{t('allActivity')}</Link>}>
      <Problem error={error} />
      <ul className="rows">
        {historyOf(releases ?? [], builds)
          .slice(0, latest)
          .map((happening) => (
            <HappeningRow key={keyOf(happening)} happening={happening} />
          ))}
      </ul>
    </Card>
  );
};

const CollaboratorActivity = ({ name }: Named) => {
  const { t } = useWording();
  const { data: collaborators = [] } = useCollaborators(name);
  const { data: releases = [] } = useReleases(name);
  const { data: builds = [] } = useBuilds(name);
  const owner = collaborators.find(({ role }) => role === 'owner')?.user.email;
  const others = contributorsOf(historyOf(releases, builds)).filter(({ email }) => email !== owner);
  return (
    <Card title={t('collaboratorActivity')} action={<Link to={`/apps/${name}/access`}>{t('manageAccess')}</Link>}>
      {others.length === 0 && <p className="soft padded">{t('noCollaboratorActivity')}</p>}
      <ul className="rows">
        {others.map(({ email, count, last }) => (
          <li key={email} className="row">
            <Icon name="people" />
            <span className="row-main">
              <bdi>{email}</bdi>
            </span>
            <span className="soft small-text">
              {t('changes', { n: count })} · <TimeAgo time={last} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
};
