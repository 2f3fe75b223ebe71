import type { Database } from './database.ts';

export interface Book {
  readonly id: number;
  readonly slug: string;
  readonly title: string;
  readonly author: string;
  readonly year: number;
  readonly priceCents: number;
  readonly description: string;
  readonly reviewCount: number;
  /** Mean of its reviews, 1 to 5; null without reviews. */
  readonly rating: number | null;
}

export interface Shelf {
  readonly books: readonly Book[];
  readonly total: number;
}

const columns =
  'id, slug, title, author, year, price_cents AS "priceCents", description, review_count AS "reviewCount", rating';

export class Books {
  readonly #database: Database;
  constructor(database: Database) {
    this.#database = database;
  }

  /** Books whose title and author contain every word of `text` (all books when it is empty), by title; pages count from 1. */
  async find(text: string, page: number, pageSize: number): Promise<Shelf> {
    const patterns = toPatterns(text);
    const [count, found] = await Promise.all([
      this.#database.query<{ total: number }>(
        'SELECT count(*)::integer AS total FROM books WHERE search_text ILIKE ALL ($1::text[])',
        [patterns],
      ),
      this.#database.query<Book>(
        `SELECT ${columns} FROM rated_books WHERE search_text ILIKE ALL ($1::text[]) ORDER BY title, id LIMIT $2 OFFSET $3`,
        [patterns, pageSize, (page - 1) * pageSize],
      ),
    ]);
    return { books: found.rows, total: count.rows[0]?.total ?? 0 };
  }

  async favourites(limit: number): Promise<readonly Book[]> {
    const { rows } = await this.#database.query<Book>(
      `SELECT ${columns} FROM rated_books ORDER BY rating DESC NULLS LAST, review_count DESC, title LIMIT $1`,
      [limit],
    );
    return rows;
  }

  async bySlug(slug: string): Promise<Book | undefined> {
    const { rows } = await this.#database.query<Book>(`SELECT ${columns} FROM rated_books WHERE slug = $1`, [slug]);
    return rows[0];
  }
}

/** One LIKE pattern a word, without accents as in the column `search_text`, wildcards taken literally. */
function toPatterns(text: string): string[] {
  const words = text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .split(/\s+/)
    .filter(Boolean);
  return words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
}
