import { useEffect, useId, useState } from 'react';
import { useDynos, useFormation } from '../../../api/queries.ts';
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
      <DynoField app={app} dyno={filter.dyno} onDyno={(dyno) => onChange({ ...filter, dyno })} />
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

/** What is being typed: told a moment after the last key, not at each. */
const useTyped = (text: string, onText: (text: string) => void) => {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = window.setTimeout(() => onText(typed), typingMs);
    return () => window.clearTimeout(timer);
  }, [typed, text, onText]);
  return [typed, setTyped] as const;
};

/** Sources of an app's lines beside the dynos of its process types. */
const alwaysKnown = ['api', 'release', 'router', 'run', 'scheduler'];

interface DynoFieldProps {
  readonly app: string;
  readonly dyno: string;
  readonly onDyno: (dyno: string) => void;
}

/** The lines of any dyno can be asked for, and most of a log are of dynos that are gone: known names are offered, all can be typed. */
const DynoField = ({ app, dyno, onDyno }: DynoFieldProps) => {
  const { t } = useWording();
  const id = useId();
  const [typed, setTyped] = useTyped(dyno, onDyno);
  const { data: dynos = [] } = useDynos(app);
  const { data: formation = [] } = useFormation(app);
  const known = [...dynos.flatMap(({ name, type }) => [type, name]), ...formation.map(({ type }) => type)];
  return (
    <>
      <TextField
        label={t('logDyno')}
        placeholder={t('logDynoHint')}
        className="input ltr"
        list={id}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value.trim())}
      />
      <datalist id={id}>
        {[...new Set([...known, ...alwaysKnown])].sort().map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
};

const SearchField = ({ text, onText }: { readonly text: string; readonly onText: (text: string) => void }) => {
  const { t } = useWording();
  const [typed, setTyped] = useTyped(text, onText);
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
