import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { messages as english, type MessageKey } from './en.data.ts';
import { translator } from './said.ts';

export type Language = 'en' | 'fa';

/** All that is said in one language. */
interface Words {
  readonly messages: Readonly<Record<MessageKey, string>>;
  /** A text of the API in this language, as far as its words are known. */
  readonly said: (text: string) => string;
  /** An error of the API by its id; undefined where the API's own words will do. */
  readonly error: (id: string) => string | undefined;
}

type Values = Readonly<Record<string, string | number>>;

const storageKey = 'ravine-language';

/** The page that `heroku login` opens has no scripts, and learns by a cookie what was chosen here. */
const tellLoginPage = (chosen: Language): void => {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in all browsers yet
  document.cookie = `${storageKey}=${chosen}; path=/login; max-age=31536000; samesite=lax`;
};

/** The language that was chosen here, else the browser's. */
export const initialLanguage = (): Language => {
  const chosen = window.localStorage.getItem(storageKey);
  if (chosen === 'en' || chosen === 'fa') {
    tellLoginPage(chosen);
    return chosen;
  }
  return navigator.languages.find((tag) => /^(?:en|fa)\b/.test(tag))?.startsWith('fa') ? 'fa' : 'en';
};

const englishWords: Words = { messages: english, said: (text) => text, error: () => undefined };

/** The words of a language; Persian ones come with their font. */
export const loadWords = async (language: Language): Promise<Words> => {
  if (language === 'en') return englishWords;
  const { messages, sayings, errorWords } = await import('./persian.ts');
  return { messages, said: translator(sayings), error: (id) => errorWords[id] };
};

/** Says in which language and direction the page is. */
const apply = (language: Language): void => {
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'fa' ? 'rtl' : 'ltr';
};

export interface Wording extends Pick<Words, 'said' | 'error'> {
  readonly language: Language;
  /** A message with its `{names}` filled in. */
  t(key: MessageKey, values?: Values): string;
  number(value: number): string;
  /** `3 minutes ago`; the future counts as now. */
  ago(time: string, nowMs: number): string;
  dateTime(time: string): string;
  /** `7 days`. */
  days(value: number): string;
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

const makeWording = (
  language: Language,
  { messages, said, error }: Words,
  choose: (language: Language) => void,
): Wording => {
  const tag = language === 'fa' ? 'fa-IR' : 'en-GB';
  const numbers = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  const days = new Intl.NumberFormat(tag, {
    style: 'unit',
    unit: 'day',
    unitDisplay: 'long',
    maximumFractionDigits: 1,
  });
  const dates = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' });
  const number = (value: number): string => numbers.format(value);
  const t: Wording['t'] = (key, values = {}) =>
    messages[key].replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return typeof value === 'number' ? number(value) : (value ?? whole);
    });
  return {
    language,
    said,
    error,
    t,
    number,
    choose,
    ago: (time, nowMs) => {
      const seconds = Math.max(0, (nowMs - Date.parse(time)) / 1000);
      const [unit, length] = units.find(([, least]) => seconds >= least) ?? ['second', 1];
      return unit === 'second' ? t('justNow') : relative.format(-Math.floor(seconds / length), unit);
    },
    days: (value) => days.format(value),
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
  readonly words: Words;
  readonly children: ReactNode;
}) => {
  const [{ language, words }, setShown] = useState(props);
  useEffect(() => apply(language), [language]);
  const wording = useMemo(
    () =>
      makeWording(language, words, (wanted) => {
        window.localStorage.setItem(storageKey, wanted);
        tellLoginPage(wanted);
        void loadWords(wanted).then((loaded) => setShown((shown) => ({ ...shown, language: wanted, words: loaded })));
      }),
    [language, words],
  );
  return <WordingContext value={wording}>{props.children}</WordingContext>;
};
