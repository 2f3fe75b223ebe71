import type { ReactNode } from 'react';
import type { AddOnFacts } from '../../../api/add-on-shapes.ts';
import type { AddOn } from '../../../api/shapes.ts';
import type { MessageKey } from '../../../language/en.data.ts';
import { useWording } from '../../../language/language.tsx';
import { Status } from '../../../parts/status.tsx';
import { TimeAgo } from '../../../parts/time-ago.tsx';

const counted = ['tables', 'keys', 'items', 'objects', 'hits', 'misses', 'evictions'] as const;

/** The plan, and what the add-on's server tells of itself. */
export const AddOnFigures = ({ addOn, facts }: { readonly addOn: AddOn; readonly facts: AddOnFacts | undefined }) => {
  const { t, bytes, number } = useWording();
  const counts = counted.flatMap((name) => {
    const count = facts?.counts[name];
    return count === undefined ? [] : [{ name, count }];
  });
  return (
    <dl className="facts">
      <Fact label="planIs">
        <bdi>{addOn.plan.human_name}</bdi>
      </Fact>
      {facts?.version != null && (
        <Fact label="version">
          <bdi>{facts.version}</bdi>
        </Fact>
      )}
      {facts?.bucket != null && (
        <Fact label="bucket">
          <code>{facts.bucket}</code>
        </Fact>
      )}
      {facts?.size != null && (
        <Fact label="dataSize">
          <Share used={facts.size} most={facts.size_limit} write={bytes} label={t('dataSize')} />
        </Fact>
      )}
      {facts?.connections != null && (
        <Fact label="connections">
          <Share used={facts.connections} most={facts.connection_limit} write={number} label={t('connections')} />
        </Fact>
      )}
      {counts.map(({ name, count }) => (
        <Fact key={name} label={name}>
          {number(count)}
        </Fact>
      ))}
      {facts?.backups != null && <BackupFacts backups={facts.backups} />}
    </dl>
  );
};

const Fact = ({ label, children }: { readonly label: MessageKey; readonly children: ReactNode }) => {
  const { t } = useWording();
  return (
    <div>
      <dt>{t(label)}</dt>
      <dd>{children}</dd>
    </div>
  );
};

const BackupFacts = ({ backups }: { readonly backups: NonNullable<AddOnFacts['backups']> }) => {
  const { t, bytes } = useWording();
  const { since, last_base: base, drill, trouble } = backups;
  return (
    <>
      <Fact label="earliestMoment">{since === null ? t('notYet') : <TimeAgo time={since} />}</Fact>
      <Fact label="baseBackup">
        {base === null ? (
          t('notYet')
        ) : (
          <>
            <TimeAgo time={base.finished_at} /> · {bytes(base.size)}
          </>
        )}
      </Fact>
      <Fact label="drill">
        {drill === null ? (
          t('notYet')
        ) : (
          <>
            <TimeAgo time={drill.finished_at} />{' '}
            <Status tone={drill.succeeded ? 'good' : 'bad'}>
              {drill.succeeded ? t('succeeded') : t('drillFailed', { detail: drill.detail })}
            </Status>
          </>
        )}
      </Fact>
      {trouble !== null && <Fact label="backups">{t('trouble', { text: trouble })}</Fact>}
    </>
  );
};

interface ShareProps {
  readonly used: number;
  /** Null where there is no limit. */
  readonly most: number | null;
  readonly write: (value: number) => string;
  readonly label: string;
}

/** How much is used of what there is. */
const Share = ({ used, most, write, label }: ShareProps) => {
  const { t } = useWording();
  if (most === null || most === 0) return write(used);
  return (
    <span className="share">
      <meter aria-label={label} min={0} max={most} high={most * 0.9} value={Math.min(used, most)} />
      <span>{t('ofTotal', { used: write(used), total: write(most) })}</span>
    </span>
  );
};
