import type { BookFacts } from '../books.ts';
import { field } from '../form.ts';
import type { Words } from '../languages/english.ts';
import { type LanguageCode, languages } from '../languages/language.ts';

/** A book as it stands in the fields of the form, right or wrong. */
export interface BookDraft {
  readonly title: string;
  readonly author: string;
  readonly year: string;
  readonly price: string;
  readonly description: string;
  readonly language: string;
}

/** The fields before anybody has typed. */
export function emptyDraft(language: LanguageCode, book?: BookFacts): BookDraft {
  return {
    title: book?.title ?? '',
    author: book?.author ?? '',
    year: book ? String(book.year) : '',
    price: book ? (book.priceCents / 100).toFixed(2) : '',
    description: book?.description ?? '',
    language,
  };
}

export function draftOf(form: FormData): BookDraft {
  const [year, price] = [latin(field(form, 'year')), latin(field(form, 'price'))];
  const [title, author, description] = [field(form, 'title'), field(form, 'author'), field(form, 'description')];
  return { title, author, year, price, description, language: field(form, 'language') };
}

/** The facts of a draft; a text says what is wrong with it. */
export function factsOf(draft: BookDraft, words: Words): Omit<BookFacts, 'cover'> | string {
  const { title, author, description } = draft;
  const [year, priceCents] = [Number(draft.year), Math.round(Number(draft.price) * 100)];
  const language = languages.find(({ code }) => code === draft.language)?.code;
  if (title === '' || author === '' || title.length > 200 || author.length > 200) return words.badTitle;
  if (!/^\d+$/.test(draft.year) || year < 1 || year > 2100) return words.badYear;
  if (!/^\d{1,5}([.]\d{1,2})?$/.test(draft.price)) return words.badPrice;
  if (description === '' || description.length > 4000) return words.badDescription;
  if (language === undefined) return words.badLanguage;
  return { title, author, year, priceCents, description, language };
}

/** Persian and Arabic digits as `Number` takes them. */
function latin(text: string): string {
  return text
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace('٫', '.');
}

/** The book's address: its title in small Latin letters; what has none gets a number that follows from the title. */
export function slugOf(title: string): string {
  const letters = title
    .normalize('NFD')
    .toLowerCase()
    .replace(/\p{Diacritic}|['’]/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return letters === '' || letters === 'new' ? `book-${codeOf(title)}` : letters;
}

function codeOf(title: string): string {
  return [...title].reduce((code, letter) => (code * 31 + (letter.codePointAt(0) ?? 0)) % 2 ** 40, 7).toString(36);
}
