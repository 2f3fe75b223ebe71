import { useMemo } from 'react';
import { useWording } from '../../../language/language.tsx';
import { Chart } from './chart.tsx';
import { binarySteps, decimalSteps, type Series } from './plot.ts';
import { type Column, perMinute, type Report } from './report.ts';

const columnsOf = (record: Readonly<Record<string, Column>>): readonly Series[] =>
  Object.entries(record)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([label, values]) => ({ label, values }));

/** A report as charts; memory and load are those of one process type. */
export const Charts = ({ report, type }: { readonly report: Report; readonly type: string | undefined }) => {
  const { t, language, number, bytes } = useWording();
  const shared = useMemo(() => {
    const marks = report.marks.filter(({ resource }) => resource === 'release' || resource === 'dyno');
    return { at: report.at, step: report.step, marks: marks.map(({ at }) => Date.parse(at) / 1000) };
  }, [report]);
  const series = useMemo(() => {
    const process = type === undefined ? undefined : report.processes[type];
    const ofDynos = (values: { readonly avg: Column; readonly max: Column } | undefined): readonly Series[] =>
      values === undefined
        ? []
        : [
            { label: t('average'), values: values.avg },
            { label: t('highest'), values: values.max },
          ];
    return {
      memory: ofDynos(process?.memory),
      load: ofDynos(process?.load),
      service: columnsOf(report.service),
      requests: columnsOf(report.requests).map(({ label, values }) => ({ label, values: perMinute(report, values) })),
      codes: columnsOf(report.codes),
    };
  }, [report, type, t]);
  const milliseconds = useMemo(() => (value: number) => t('milliseconds', { n: value }), [t]);
  const hundredths = useMemo(() => {
    const format = new Intl.NumberFormat(language === 'fa' ? 'fa-IR' : 'en-GB', { maximumFractionDigits: 2 });
    return (value: number) => format.format(value);
  }, [language]);
  const quota = type === undefined ? undefined : report.processes[type]?.memory.quota;
  const none = t('nothingMeasured');
  return (
    <div className="charts">
      <Chart
        {...shared}
        title={t('memoryUse')}
        text={quota === undefined ? t('memoryText') : `${t('memoryText')} ${t('memoryQuota', { size: bytes(quota) })}`}
        none={none}
        series={series.memory}
        write={bytes}
        steps={binarySteps}
      />
      <Chart
        {...shared}
        title={t('dynoLoad')}
        text={t('dynoLoadText')}
        none={none}
        series={series.load}
        write={hundredths}
        steps={decimalSteps}
      />
      <Chart
        {...shared}
        title={t('responseTime')}
        text={t('responseTimeText')}
        none={t('noRequests')}
        series={series.service}
        write={milliseconds}
        steps={decimalSteps}
      />
      <Chart
        {...shared}
        title={t('throughput')}
        text={t('throughputText')}
        none={t('noRequests')}
        series={series.requests}
        write={hundredths}
        steps={decimalSteps}
      />
      <Chart
        {...shared}
        title={t('errorCodes')}
        text={t('errorCodesText')}
        none={t('noErrors')}
        series={series.codes}
        write={number}
        steps={decimalSteps}
      />
    </div>
  );
};
