import { messages as english } from '../../packages/dashboard/src/language/en.data.ts';
import { messages as persian } from '../../packages/dashboard/src/language/fa.data.ts';
import { sayings } from '../../packages/dashboard/src/language/said.fa.data.ts';

export type Language = 'en' | 'fa';

type Table = Readonly<Record<string, string>>;

/** What the API says in fixed words is said in the language, too. */
const said = (language: 0 | 1): Table =>
  Object.fromEntries(sayings.map((saying, at) => [`saying ${at}`, saying[language]]));
const tables: Readonly<Record<Language, Table>> = {
  en: { ...english, ...said(0) },
  fa: { ...persian, ...said(1) },
};
const placeholder = /(\{\w+\})/;

/** What the dashboard says in a language, found by what it says in English; `…` in the place of a value stands for any. */
export class Words {
  readonly #table: Table;

  constructor(language: Language) {
    this.#table = tables[language];
  }

  /** Matches nothing but this. @throws Error when the dashboard does not say it at all */
  whole(text: string): RegExp {
    return new RegExp(`^(?:${this.#source(text)})$`);
  }

  /** Matches what has this in it. @throws Error when the dashboard does not say it at all */
  within(text: string): RegExp {
    return new RegExp(this.#source(text));
  }

  /** The words themselves, to be typed. */
  said(text: string): string {
    const [key = ''] = Object.entries(tables.en).find(([, message]) => message === text) ?? [];
    const said = this.#table[key];
    if (said === undefined) throw new Error(`expected a text of the dashboard in English, got “${text}”`);
    return said;
  }

  /** One English text may be several messages; the other language may have a word for each of them. */
  #source(text: string): string {
    const sources = messagesLike(text).map(({ key, values }) => {
      const parts = (this.#table[key] ?? '').split(placeholder);
      return parts.map((part, at) => (at % 2 === 0 ? escaped(part) : (values[part] ?? '.+'))).join('');
    });
    if (sources.length === 0) throw new Error(`expected a text of the dashboard in English, got “${text}”`);
    return [...new Set(sources)].join('|');
  }
}

const escaped = (text: string): string => text.replaceAll(/[\^$.*+?()[\]{}|/]/g, '\\$&');

interface Found {
  readonly key: string;
  /** Patterns by placeholder. */
  readonly values: Readonly<Record<string, string>>;
}

const messagesLike = (text: string): readonly Found[] => {
  const all = Object.entries(tables.en);
  const same = all.filter(([, message]) => message === text).map(([key]) => ({ key, values: {} }));
  if (same.length > 0) return same;
  const filled = all.flatMap(([key, message]) => {
    const parts = message.split(placeholder);
    const pattern = parts.map((part, at) => (at % 2 === 0 ? escaped(part) : '(.+)')).join('');
    const found = parts.length === 1 ? null : new RegExp(`^${pattern}$`).exec(text);
    if (found === null) return [];
    const names = parts.filter((_, at) => at % 2 === 1);
    const values = Object.fromEntries(names.map((name, at) => [name, valuePattern(found[at + 1] ?? '')]));
    return [{ key, values, fixed: message.replaceAll(/\{\w+\}/g, '').length }];
  });
  const most = Math.max(...filled.map(({ fixed }) => fixed));
  return filled.filter(({ fixed }) => fixed === most);
};

/** Numbers are written in the digits of the language, names as they are; a dot stands for any text. */
const valuePattern = (value: string): string => {
  if (value === '…') return '.+';
  if (!/^\d+$/.test(value)) return escaped(value);
  return `(?:${value}|${new Intl.NumberFormat('fa-IR', { useGrouping: false }).format(Number(value))})`;
};
