import type { ReactNode } from 'react';
import { useWording } from '../../language/language.tsx';
import { Said } from '../../parts/said.tsx';
import { Card } from '../../parts/section.tsx';
import { type Judgement, judgeDisk, judgeEngine, judgeLoad, judgeMemory, judgeRouter } from './judge.ts';
import { Mark } from './mark.tsx';
import type { MachineReport } from './report.ts';

/** What the machine has, what is used of it, and what of the platform runs. */
export const Health = ({ machine }: { readonly machine: MachineReport }) => {
  const { t, bytes, number } = useWording();
  const { disk, memory, cpu, store, router, counts, engine } = machine;
  const load = cpu.load_avg.map((one) => number(one)).join(' · ');
  return (
    <Card title={t('health')}>
      <dl className="machine-health">
        <Row name={t('disk')} judgement={judgeDisk(machine)} meter={1 - disk.available / disk.total}>
          {t('freeOf', { free: bytes(disk.available), total: bytes(disk.total) })}{' '}
          <code className="ltr soft">{machine.data_folder}</code>
        </Row>
        <Row name={t('memory')} judgement={judgeMemory(machine)} meter={1 - memory.available / memory.total}>
          {t('freeOf', { free: bytes(memory.available), total: bytes(memory.total) })}
        </Row>
        <Row name={t('processors')} judgement={judgeLoad(machine)}>
          {t('loadOf', { n: cpu.count, load })}
        </Row>
        <Row name={t('router')} judgement={judgeRouter(machine)}>
          {t('workersOf', { connected: router.connected, workers: router.workers })}
        </Row>
        <Row name={t('store')} judgement={{ tone: 'good' }}>
          {t('storeOf', { size: bytes(store.size), accounts: counts.accounts, apps: counts.apps })}
        </Row>
        <Row name={t('dynos')}>{t('dynosRun', { dynos: counts.dynos, addons: counts.addons })}</Row>
        <Row name={t('containerEngine')} judgement={judgeEngine(machine)}>
          <Said text={engine.text} />
        </Row>
      </dl>
    </Card>
  );
};

interface RowProps {
  readonly name: string;
  /** Absent where there is nothing to judge. */
  readonly judgement?: Judgement;
  /** How much of it is used, from 0 to 1. */
  readonly meter?: number;
  readonly children: ReactNode;
}

const Row = ({ name, judgement, meter, children }: RowProps) => {
  const { t } = useWording();
  return (
    <div className="machine-row">
      <dt className="strong">{name}</dt>
      <dd>
        <span>{children}</span>
        {meter !== undefined && (
          <meter className={`meter ${judgement?.tone ?? 'good'}`} aria-label={t('usedOf', { name })} value={meter} />
        )}
        {judgement?.advice !== undefined && <span className="soft small-text">{t(judgement.advice)}</span>}
      </dd>
      <dd>{judgement !== undefined && <Mark judgement={judgement} />}</dd>
    </div>
  );
};
