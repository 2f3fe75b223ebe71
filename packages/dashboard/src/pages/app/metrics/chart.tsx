import { useEffect, useMemo, useRef, useState } from 'react';
import { useWording } from '../../../language/language.tsx';
import { Card } from '../../../parts/section.tsx';
import { draw, type Series, strokeOf } from './plot.ts';
import { type Column, isMeasured } from './report.ts';

interface ChartProps {
  readonly title: string;
  readonly text: string;
  /** What is said when there is nothing to draw. */
  readonly none: string;
  readonly at: readonly number[];
  readonly step: number;
  readonly marks: readonly number[];
  readonly series: readonly Series[];
  readonly write: (value: number) => string;
  readonly steps: readonly number[];
}

/** Lines over time, what they mean, and the same numbers as a table. */
export const Chart = (props: ChartProps) => {
  const { title, text, none, at, step, series, write } = props;
  const { t, language } = useWording();
  const writeTime = useMemo(() => timeWriter(language === 'fa' ? 'fa-IR' : 'en-GB', step), [language, step]);
  if (!isMeasured(series.map(({ values }) => values))) {
    return (
      <Card title={title} text={text}>
        <p className="soft padded">{none}</p>
      </Card>
    );
  }
  return (
    <Card title={title} text={text}>
      <ul className="legend">
        {series.map(({ label, values }, n) => (
          <li key={label}>
            <svg
              className={`legend-line stroke-${strokeOf(n) + 1}`}
              viewBox="0 0 28 4"
              width="28"
              height="4"
              aria-hidden="true"
            >
              <path d="M0 2h28" />
            </svg>
            <span>{label}</span>
            <strong>{lastOf(values, write)}</strong>
          </li>
        ))}
      </ul>
      <Plot {...props} writeTime={writeTime} />
      <details className="chart-table">
        <summary>{t('asTable')}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <section className="scrolls" tabIndex={0} aria-label={t('tableOf', { title })}>
          <Table at={at} series={series} write={write} writeTime={writeTime} />
        </section>
      </details>
    </Card>
  );
};

const lastOf = (values: Column, write: (value: number) => string): string => {
  const last = values.findLast((value) => value !== null);
  return last === undefined || last === null ? '–' : write(last);
};

/** Days are named where a step is of more than ten minutes. */
const timeWriter = (tag: string, step: number): ((seconds: number) => string) => {
  const day = step > 600 ? ({ day: 'numeric', month: 'short' } as const) : {};
  const format = new Intl.DateTimeFormat(tag, { ...day, hour: '2-digit', minute: '2-digit' });
  return (seconds) => format.format(new Date(seconds * 1000));
};

type PlotProps = ChartProps & { readonly writeTime: (seconds: number) => string };

const Plot = ({ at, series, marks, write, writeTime, steps }: PlotProps) => {
  const box = useRef<HTMLDivElement>(null);
  const theme = useShownTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const plot = draw(element, { at, series, marks, write, writeTime, steps });
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: plot.height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [at, series, marks, write, writeTime, steps, theme]);
  return <div ref={box} className="plot" aria-hidden="true" />;
};

const useShownTheme = (): string | undefined => {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme);
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(document.documentElement.dataset.theme));
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => observer.disconnect();
  }, []);
  return theme;
};

const Table = ({ at, series, write, writeTime }: Pick<PlotProps, 'at' | 'series' | 'write' | 'writeTime'>) => {
  const { t } = useWording();
  const rows = at.map((seconds, n) => ({ seconds, values: series.map(({ values }) => values[n] ?? null) }));
  return (
    <table className="figures">
      <thead>
        <tr>
          <th scope="col">{t('time')}</th>
          {series.map(({ label }) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows
          .filter(({ values }) => values.some((value) => value !== null))
          .reverse()
          .map(({ seconds, values }) => (
            <tr key={seconds}>
              <th scope="row">{writeTime(seconds)}</th>
              {series.map(({ label }, n) => (
                <td key={label}>{lastOf([values[n] ?? null], write)}</td>
              ))}
            </tr>
          ))}
      </tbody>
    </table>
  );
};
