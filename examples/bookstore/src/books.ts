import type { Cache } from './cache.ts';
import { type Database, isTaken } from './database.ts';
import type { LanguageCode } from './languages/language.ts';

/** What the staff write down about a book. */
export interface BookFacts {
  readonly title: string;
  readonly author: string;
  readonly year: number;
  readonly priceCents: number;
  readonly description: string;
  /** Of title, author and description. */
  readonly language: LanguageCode;
  /** Name of the uploaded picture; null: the shop draws a cover. */
  readonly cover: string | null;
}

export interface Book extends BookFacts {
  readonly id: number;
  readonly slug: string;
  readonly reviewCount: number;
  /** Mean of its reviews, 1 to 5; null without reviews. */
  readonly rating: number | null;
}

export interface Shelf {
  readonly books: readonly Book[];
  readonly total: number;
}

const columns =
  'id, slug, title, author, year, price_cents AS "priceCents", description, language, cover, review_count AS "reviewCount", rating';

/** One LIKE pattern for each word of $1, in the form of the column `search_text`, wildcards taken literally. */
const patterns = `ARRAY (SELECT '%' || regexp_replace(search_form(word), '[\\\\%_]', '\\\\\\&', 'g') || '%' FROM unnest($1::text[]) AS word)`;

export class Books {
  readonly #database: Database;
  readonly #cache: Cache;
  constructor(database: Database, cache: Cache) {
    this.#database = database;
    this.#cache = cache;
  }

  /** Books whose title and author contain every word of `text` (all books when it is empty), by title; pages count from 1. */
  async find(text: string, page: number, pageSize: number): Promise<Shelf> {
    const words = text.split(/\s+/).filter(Boolean);
    const [count, found] = await Promise.all([
      this.#database.query<{ total: number }>(
        `SELECT count(*)::integer AS total FROM books WHERE search_text ILIKE ALL (${patterns})`,
        [words],
      ),
      this.#database.query<Book>(
        `SELECT ${columns} FROM rated_books WHERE search_text ILIKE ALL (${patterns}) ORDER BY title, id LIMIT $2 OFFSET $3`,
        [words, pageSize, (page - 1) * pageSize],
      ),
    ]);
    return { books: found.rows, total: count.rows[0]?.total ?? 0 };
  }

  /** The best six, those in the visitor's language first. */
  async favourites(language: LanguageCode): Promise<readonly Book[]> {
    return this.#cache.remember(`favourites:${language}`, 60, async () => {
      const order = 'language = $1 DESC, rating DESC NULLS LAST, review_count DESC, title';
      const { rows } = await this.#database.query<Book>(
        `SELECT ${columns} FROM rated_books ORDER BY ${order} LIMIT 6`,
        [language],
      );
      return rows;
    });
  }

  async bySlug(slug: string): Promise<Book | undefined> {
    const { rows } = await this.#database.query<Book>(`SELECT ${columns} FROM rated_books WHERE slug = $1`, [slug]);
    return rows[0];
  }

  async all(): Promise<readonly Book[]> {
    const { rows } = await this.#database.query<Book>(`SELECT ${columns} FROM rated_books ORDER BY title, id`);
    return rows;
  }

  /** Puts a book on the shelf; false when there is one at this address already. */
  async add(slug: string, facts: BookFacts): Promise<boolean> {
    const text = `INSERT INTO books (slug, title, author, year, price_cents, description, language, cover)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
    try {
      await this.#database.query(text, [slug, ...valuesOf(facts)]);
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
    await this.forgetLists();
    return true;
  }

  async change(slug: string, facts: BookFacts): Promise<void> {
    const text = `UPDATE books SET title = $2, author = $3, year = $4, price_cents = $5, description = $6, language = $7, cover = $8
      WHERE slug = $1`;
    await this.#database.query(text, [slug, ...valuesOf(facts)]);
    await this.forgetLists();
  }

  /** After a change of a book or its reviews. */
  async forgetLists(): Promise<void> {
    await this.#cache.forget('favourites:en', 'favourites:fa');
  }
}

function valuesOf(facts: BookFacts): readonly (string | number | null)[] {
  const { title, author, year, priceCents, description, language, cover } = facts;
  return [title, author, year, priceCents, description, language, cover];
}
