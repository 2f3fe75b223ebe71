import type { ChangeEvent } from '../../../api/shapes.ts';
import { useWording, type Wording } from '../../../language/language.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { Card } from '../../../parts/section.tsx';
import { TimeAgo } from '../../../parts/time-ago.tsx';

const most = 30;

/** What happened while the charts were drawn, the newest first. */
export const Marks = ({ marks }: { readonly marks: readonly ChangeEvent[] }) => {
  const { t } = useWording();
  const shown = marks.toReversed().slice(0, most);
  return (
    <Card title={t('marks')} text={t('marksText')}>
      {shown.length === 0 && <p className="soft padded">{t('noMarks')}</p>}
      <ul className="rows">
        {shown.map((mark) => (
          <li key={mark.id} className="row">
            <Icon name={mark.resource === 'release' ? 'release' : 'process'} />
            <span className="row-main">
              <span>{describe(mark, t)}</span>
            </span>
            <span className="soft small-text">
              <TimeAgo time={mark.at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
};

const describe = ({ resource, data }: ChangeEvent, t: Wording['t']): string => {
  const text = (name: string): string => String(data[name] ?? '');
  if (resource === 'release') {
    const version = `v${text('version')}`;
    return t(data.status === 'failed' ? 'markReleaseFailed' : 'markRelease', { version });
  }
  if (resource === 'dyno') {
    const name = `${text('type')}.${text('ordinal')}`;
    if (data.state === 'crashed') return t('markCrashed', { name });
    return t(typeof data.retire === 'string' ? 'markEnds' : 'markUp', { name });
  }
  if (resource === 'app') return t(data.maintenance === true ? 'changeMaintenanceOn' : 'changeMaintenanceOff');
  return t('changeScaled', { type: text('type'), n: Number(data.quantity), size: text('size') });
};
