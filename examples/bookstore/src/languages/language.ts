import type { IncomingHttpHeaders } from 'node:http';
import { english, type Words } from './english.ts';
import { persian } from './persian.ts';

export type LanguageCode = 'en' | 'fa';

/** A language that the shop speaks, and how it writes numbers and dates. */
export interface Language {
  readonly code: LanguageCode;
  readonly direction: 'ltr' | 'rtl';
  /** In the language itself. */
  readonly name: string;
  readonly words: Words;
  readonly number: (value: number) => string;
  /** Without the marks between thousands. */
  readonly year: (value: number) => string;
  readonly price: (cents: number) => string;
  readonly day: (date: Date) => string;
}

function language(code: LanguageCode, locale: string, parts: Pick<Language, 'name' | 'direction' | 'words'>): Language {
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const years = new Intl.NumberFormat(locale, { useGrouping: false });
  const prices = new Intl.NumberFormat(locale, { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' });
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  return {
    ...parts,
    code,
    number: (value) => numbers.format(value),
    year: (value) => years.format(value),
    price: (cents) => prices.format(cents / 100),
    day: (date) => days.format(date),
  };
}

/** The first one is for visitors who ask for none of them. Persian dates follow the Persian calendar. */
export const languages: readonly [Language, ...Language[]] = [
  language('en', 'en-GB', { name: 'English', direction: 'ltr', words: english }),
  language('fa', 'fa-IR', { name: 'فارسی', direction: 'rtl', words: persian }),
];

/** The language of the cookie, else the one of ours that the browser prefers. */
export function chooseLanguage(headers: IncomingHttpHeaders): Language {
  const chosen = /(?:^|;\s*)language=(\w+)/.exec(headers.cookie ?? '')?.[1];
  const wanted = chosen === undefined ? byPreference(headers['accept-language'] ?? '') : [chosen];
  const found = wanted.map((code) => languages.find((language) => language.code === code));
  return found.find((language) => language !== undefined) ?? languages[0];
}

/** `fa-IR;q=0.5, en` as `en`, `fa` (RFC 9110 section 12.5.4). */
function byPreference(header: string): string[] {
  return header
    .split(',')
    .map((range) => {
      const [tag = '', weight] = range
        .trim()
        .toLowerCase()
        .split(/\s*;\s*q=/);
      return { code: tag.split('-')[0] ?? '', weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((left, right) => right.weight - left.weight)
    .map(({ code }) => code);
}

/** Keeps the choice for a year. */
export function languageCookie(code: string, secure: boolean): string {
  return `language=${code}; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
