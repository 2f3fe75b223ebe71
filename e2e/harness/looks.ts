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

/** Each language, each width and each theme once: what is done is done in both. */
export const crossing = [englishWide, persianNarrow] as const;
/** What is only looked at is looked at in these too. */
export const others = [englishNarrow, persianWide] as const;
