import type { ReactNode } from 'react';
import type { Build, ChangeEvent, Release } from '../../api/shapes.ts';
import { useWording } from '../../language/language.tsx';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { Said } from '../../parts/said.tsx';
import { Status } from '../../parts/status.tsx';
import { TimeAgo } from '../../parts/time-ago.tsx';
import { describeChange } from './describe-change.ts';
import type { Happening } from './history.ts';

/** One line of an app's history; more can stand at its end. */
export const HappeningRow = ({
  happening,
  children,
}: {
  readonly happening: Happening;
  readonly children?: ReactNode;
}) => {
  if (happening.kind === 'release') return <ReleaseRow release={happening.release}>{children}</ReleaseRow>;
  if (happening.kind === 'build') return <BuildRow build={happening.build}>{children}</BuildRow>;
  return <ChangeRow change={happening.change} />;
};

const ChangeRow = ({ change }: { readonly change: ChangeEvent }) => {
  const { t } = useWording();
  const said = describeChange(change);
  if (said === undefined) return null;
  return (
    <li className="row">
      <Icon name={said.icon} />
      <span className="row-main">
        <span className="strong">{t(said.key, said.values)}</span>
        <span className="soft small-text">
          <bdi>{change.actor?.email ?? t('thePlatform')}</bdi> · <TimeAgo time={change.at} />
        </span>
      </span>
    </li>
  );
};

const pictureOf = (description: string): IconName => {
  if (/^Deploy/.test(description)) return 'release';
  if (/config vars?/.test(description)) return 'key';
  if (/^(?:Attach|Detach|Provision|Update|Remove).*(?:add-on|as |DATABASE|@ref)/i.test(description)) return 'database';
  return /^(?:Rollback|Roll back)/.test(description) ? 'back' : 'gear';
};

const ReleaseRow = ({ release, children }: { readonly release: Release; readonly children: ReactNode }) => {
  const { t } = useWording();
  const { description, version, status, current, created_at: at, user } = release;
  return (
    <li className="row">
      <Icon name={pictureOf(description)} />
      <span className="row-main">
        <span>
          <Said className="strong" text={description} />{' '}
          {status === 'pending' && <Status tone="calm">{t('releasing')}</Status>}
          {status === 'failed' && <Status tone="bad">{t('failed')}</Status>}
          {current && <Status tone="good">{t('current')}</Status>}
        </span>
        <span className="soft small-text">
          <bdi>{user.email}</bdi> · <bdi>v{version}</bdi> · <TimeAgo time={at} />
        </span>
      </span>
      {children}
    </li>
  );
};

const BuildRow = ({ build, children }: { readonly build: Build; readonly children: ReactNode }) => {
  const { t } = useWording();
  const { status, source_blob: source, created_at: at, user, failure_reason: reason } = build;
  return (
    <li className="row">
      <Icon name="build" />
      <span className="row-main">
        <span>
          <span className="strong">{t('build')}</span>{' '}
          {source.version === null ? (
            <bdi className="soft">{source.version_description}</bdi>
          ) : (
            <code>{source.version.slice(0, 8)}</code>
          )}{' '}
          {status === 'pending' && <Status tone="calm">{t('running')}</Status>}
          {status === 'failed' && <Status tone="bad">{t('failed')}</Status>}
          {status === 'succeeded' && <Status tone="good">{t('succeeded')}</Status>}
        </span>
        {reason !== null && <Said className="small-text" text={reason} />}
        <span className="soft small-text">
          <bdi>{user.email}</bdi> · <TimeAgo time={at} />
        </span>
      </span>
      {children}
    </li>
  );
};
