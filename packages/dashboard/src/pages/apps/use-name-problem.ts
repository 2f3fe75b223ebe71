import { useEffect, useState } from 'react';
import { useNameCheck } from '../../api/queries.ts';
import { useWording } from '../../language/language.tsx';
import { appNameProblem } from './app-name-rule.ts';

/** The platform is asked this long after the last key. */
const typingMs = 250;

/**
 * What is wrong with a name for an app: what can be told at once, then what the platform says, which knows all apps.
 * @param current the name that the app has already, if any
 */
export const useNameProblem = (name: string, current?: string): string | undefined => {
  const { t, said } = useWording();
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked(name), typingMs);
    return () => window.clearTimeout(timer);
  }, [name]);
  const rule = appNameProblem(name);
  const { data } = useNameCheck(asked, asked === name && name !== '' && name !== current && rule === undefined);
  if (rule !== undefined) return t(rule);
  if (asked !== name || data === undefined || data.available || name === current) return undefined;
  return data.problem === 'taken' ? t('appNameTaken', { name }) : said(data.message ?? '');
};
