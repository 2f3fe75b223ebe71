import type { Cache } from './cache.ts';
import type { Database } from './database.ts';

export interface Review {
  readonly readerId: number;
  readonly reader: string;
  readonly rating: number;
  readonly text: string;
  readonly writtenAt: Date;
}

export interface ReviewOfBook extends Pick<Review, 'reader' | 'rating' | 'text'> {
  readonly title: string;
  readonly slug: string;
}

export class Reviews {
  readonly #database: Database;
  readonly #cache: Cache;
  constructor(database: Database, cache: Cache) {
    this.#database = database;
    this.#cache = cache;
  }

  async ofBook(bookId: number): Promise<readonly Review[]> {
    const { rows } = await this.#database.query<Review>(
      `SELECT readers.id AS "readerId", readers.name AS reader, reviews.rating, reviews.text, reviews.written_at AS "writtenAt"
         FROM reviews JOIN readers ON readers.id = reviews.reader_id
        WHERE reviews.book_id = $1 ORDER BY reviews.written_at DESC LIMIT 100`,
      [bookId],
    );
    return rows;
  }

  async latest(): Promise<readonly ReviewOfBook[]> {
    return this.#cache.remember('latest-reviews', 60, async () => {
      const { rows } = await this.#database.query<ReviewOfBook>(
        `SELECT readers.name AS reader, reviews.rating, reviews.text, books.title, books.slug
           FROM reviews JOIN readers ON readers.id = reviews.reader_id JOIN books ON books.id = reviews.book_id
          ORDER BY reviews.written_at DESC LIMIT 3`,
      );
      return rows;
    });
  }

  /** A reader has one review of a book: writing again replaces it. */
  async write(bookId: number, readerId: number, rating: number, text: string): Promise<void> {
    await this.#database.query(
      `INSERT INTO reviews (book_id, reader_id, rating, text) VALUES ($1, $2, $3, $4)
       ON CONFLICT (book_id, reader_id) DO UPDATE SET rating = $3, text = $4, written_at = now()`,
      [bookId, readerId, rating, text],
    );
    await this.#cache.forget('latest-reviews');
  }

  async remove(bookId: number, readerId: number): Promise<void> {
    await this.#database.query('DELETE FROM reviews WHERE book_id = $1 AND reader_id = $2', [bookId, readerId]);
    await this.#cache.forget('latest-reviews');
  }
}
