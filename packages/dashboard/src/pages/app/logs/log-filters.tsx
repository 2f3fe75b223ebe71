import { useEffect, useState } from 'react';
import { useDynos } from '../../../api/queries.ts';
import { useWording } from '../../../language/language.tsx';
import { SelectField, TextField } from '../../../parts/field.tsx';
import type { LogFilter } from './log-filter.ts';

const typingMs = 300;

interface FiltersProps {
  readonly app: string;
  readonly filter: LogFilter;
  readonly onChange: (filter: LogFilter) => void;
}

/** What is chosen of the log. */
export const LogFilters = ({ app, filter, onChange }: FiltersProps) => {
  const { t } = useWording();
  const { data: dynos = [] } = useDynos(app);
  const known = dynos.flatMap(({ name, type }) => [type, name]);
  const names = [...new Set([...known, 'router', 'api', ...(filter.dyno === '' ? [] : [filter.dyno])])].sort();
  return (
    <search className="log-filters">
      <SearchField text={filter.query} onText={(query) => onChange({ ...filter, query, requestId: '' })} />
      <SelectField
        label={t('logSource')}
        value={filter.source}
        onChange={(event) => onChange({ ...filter, source: event.target.value })}
      >
        <option value="">{t('anything')}</option>
        <option value="app">{t('fromApp')}</option>
        <option value="heroku">{t('fromPlatform')}</option>
      </SelectField>
      <SelectField
        label={t('logDyno')}
        value={filter.dyno}
        onChange={(event) => onChange({ ...filter, dyno: event.target.value })}
      >
        <option value="">{t('anything')}</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </SelectField>
      <SelectField
        label={t('logLevel')}
        value={filter.level}
        onChange={(event) => onChange({ ...filter, level: event.target.value })}
      >
        <option value="">{t('anything')}</option>
        <option value="info">{t('levelInfo')}</option>
        <option value="warning">{t('levelWarning')}</option>
        <option value="error">{t('levelError')}</option>
      </SelectField>
    </search>
  );
};

/** Looks a moment after the last key, not at each. */
const SearchField = ({ text, onText }: { readonly text: string; readonly onText: (text: string) => void }) => {
  const { t } = useWording();
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = window.setTimeout(() => onText(typed), typingMs);
    return () => window.clearTimeout(timer);
  }, [typed, text, onText]);
  return (
    <TextField
      label={t('logSearch')}
      type="search"
      autoComplete="off"
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
};
