import { useWording } from '../../language/language.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Said } from '../../parts/said.tsx';
import { Card } from '../../parts/section.tsx';
import { Mark } from './mark.tsx';
import { type Finding, useFindings } from './report.ts';

const tones = { ok: 'good', note: 'warn', missing: 'bad' } as const;
const order: readonly Finding['level'][] = ['missing', 'note', 'ok'];

/** What `ravine doctor` says, the worst first. */
export const Findings = () => {
  const { t } = useWording();
  const { data: findings = [], error, isPending } = useFindings();
  const sorted = [...findings].sort((one, other) => order.indexOf(one.level) - order.indexOf(other.level));
  return (
    <Card title={t('findings')} text={t('findingsText')}>
      {error !== null && <Problem error={error} />}
      {isPending && <p className="soft padded">{t('checking')}</p>}
      <ul className="rows">
        {sorted.map(({ level, text }) => (
          <li key={text} className="row">
            <span className="row-main">
              <Said text={text} />
            </span>
            <Mark judgement={{ tone: tones[level] }} />
          </li>
        ))}
      </ul>
    </Card>
  );
};
