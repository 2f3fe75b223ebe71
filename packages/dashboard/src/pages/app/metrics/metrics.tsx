import 'uplot/dist/uPlot.min.css';
import '../../../styles/metrics.css';
import { useState } from 'react';
import { useWording } from '../../../language/language.tsx';
import { SelectField } from '../../../parts/field.tsx';
import { Problem } from '../../../parts/problem.tsx';
import type { AppPageProps } from '../app-page-props.ts';
import { Charts } from './charts.tsx';
import { Marks } from './marks.tsx';
import { type Range, ranges, useReport } from './report.ts';

/** How the app did: its dynos, its requests, and what happened meanwhile. */
export const Metrics = ({ app: { name } }: AppPageProps) => {
  const { t } = useWording();
  const [range, setRange] = useState<Range>('2h');
  const [chosen, setChosen] = useState('web');
  const { data: report, error, refetch } = useReport(name, range);
  const types = Object.keys(report?.processes ?? {}).sort();
  const type = types.includes(chosen) ? chosen : types[0];
  return (
    <div className="stack-l">
      <div className="metrics-bar">
        <fieldset className="choices">
          <legend className="unseen">{t('timeRange')}</legend>
          {ranges.map((one) => (
            <label key={one}>
              <input type="radio" name="range" checked={one === range} onChange={() => setRange(one)} />
              <span>{t(`range${one}`)}</span>
            </label>
          ))}
        </fieldset>
        {types.length > 1 && (
          <SelectField label={t('processType')} value={type} onChange={(event) => setChosen(event.target.value)}>
            {types.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </SelectField>
        )}
      </div>
      <Problem error={error} onRetry={() => void refetch()} />
      {report !== undefined && (
        <>
          <Charts report={report} type={type} />
          <Marks marks={report.marks} />
        </>
      )}
    </div>
  );
};
