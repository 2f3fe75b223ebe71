import type { Language } from './words.ts';

/** One way to look at the dashboard. */
export interface Look {
  readonly name: string;
  readonly language: Language;
  readonly width: number;
  readonly theme: 'light' | 'dark';
}

export const englishWide: Look = { name: 'en-1280', language: 'en', width: 1280, theme: 'light' };
const persianNarrow: Look = { name: 'fa-390', language: 'fa', width: 390, theme: 'dark' };
const englishNarrow: Look = { name: 'en-390', language: 'en', width: 390, theme: 'dark' };
const persianWide: Look = { name: 'fa-1280', language: 'fa', width: 1280, theme: 'light' };

/** Each language, each width and each theme once. */
export const both = [englishWide, persianNarrow] as const;
const wantsAll = process.env.RAVINE_LOOKS === 'all';
/** Told in Persian where only one of both is wanted. */
const toldInPersian = /dashboard-(?:account|console|keyboard|settings)\.test\.ts$/;
const isToldInPersian = process.argv.some((arg) => toldInPersian.test(arg));

/** The looks in which this file's stories do what they do: one of both, or with `RAVINE_LOOKS=all` each. */
export const crossing: readonly Look[] = wantsAll ? both : [isToldInPersian ? persianNarrow : englishWide];
/** The looks in which pages are only looked at: both, or with `RAVINE_LOOKS=all` those that cross them as well. */
export const lookedAt: readonly Look[] = wantsAll ? [...both, englishNarrow, persianWide] : both;
