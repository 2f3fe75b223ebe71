import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { messages as english, type MessageKey } from './en.data.ts';

export type Language = 'en' | 'fa';
type Messages = Readonly<Record<MessageKey, string>>;
type Values = Readonly<Record<string, string | number>>;

const storageKey = 'ravine-language';

/** The language that was chosen here, else the browser's. */
export const initialLanguage = (): Language => {
  const chosen = window.localStorage.getItem(storageKey);
  if (chosen === 'en' || chosen === 'fa') return chosen;
  return navigator.languages.find((tag) => /^(?:en|fa)\b/.test(tag))?.startsWith('fa') ? 'fa' : 'en';
};

/** The messages of a language; Persian ones come with their font. */
export const loadMessages = async (language: Language): Promise<Messages> =>
  language === 'en' ? english : (await import('./persian.ts')).messages;

/** Says in which language and direction the page is. */
const apply = (language: Language): void => {
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'fa' ? 'rtl' : 'ltr';
};

export interface Wording {
  readonly language: Language;
  /** A message with its `{names}` filled in. */
  t(key: MessageKey, values?: Values): string;
  number(value: number): string;
  /** `3 minutes ago`; the future counts as now. */
  ago(time: string, nowMs: number): string;
  dateTime(time: string): string;
  /** `12.3 MB`. */
  bytes(value: number): string;
  choose(language: Language): void;
}

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

const makeWording = (language: Language, messages: Messages, choose: (language: Language) => void): Wording => {
  const tag = language === 'fa' ? 'fa-IR' : 'en-GB';
  const numbers = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  const dates = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' });
  const number = (value: number): string => numbers.format(value);
  const t: Wording['t'] = (key, values = {}) =>
    messages[key].replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return typeof value === 'number' ? number(value) : (value ?? whole);
    });
  return {
    language,
    t,
    number,
    choose,
    ago: (time, nowMs) => {
      const seconds = Math.max(0, (nowMs - Date.parse(time)) / 1000);
      const [unit, length] = units.find(([, least]) => seconds >= least) ?? ['second', 1];
      return unit === 'second' ? t('justNow') : relative.format(-Math.floor(seconds / length), unit);
    },
    dateTime: (time) => dates.format(new Date(time)),
    bytes: (value) =>
      value < 1024 * 1024
        ? t('kilobytes', { n: number(Math.ceil(value / 1024)) })
        : value < 1024 ** 3
          ? t('megabytes', { n: number(value / 1024 ** 2) })
          : t('gigabytes', { n: number(value / 1024 ** 3) }),
  };
};

const WordingContext = createContext<Wording | undefined>(undefined);

/** The page's words, numbers and dates. */
export const useWording = (): Wording => {
  const wording = useContext(WordingContext);
  if (wording === undefined) throw new Error('useWording: outside of a WordingProvider');
  return wording;
};

export const WordingProvider = (props: {
  readonly language: Language;
  readonly messages: Messages;
  readonly children: ReactNode;
}) => {
  const [{ language, messages }, setShown] = useState(props);
  useEffect(() => apply(language), [language]);
  const wording = useMemo(
    () =>
      makeWording(language, messages, (wanted) => {
        window.localStorage.setItem(storageKey, wanted);
        void loadMessages(wanted).then((loaded) =>
          setShown((shown) => ({ ...shown, language: wanted, messages: loaded })),
        );
      }),
    [language, messages],
  );
  return <WordingContext value={wording}>{props.children}</WordingContext>;
};
