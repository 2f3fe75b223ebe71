import type { Database } from './database.ts';

export interface Review {
  readonly reader: string;
  readonly rating: number;
  readonly text: string;
  readonly writtenAt: Date;
}

export interface ReviewOfBook extends Review {
  readonly title: string;
  readonly slug: string;
}

const columns = 'readers.name AS reader, reviews.rating, reviews.text, reviews.written_at AS "writtenAt"';

export class Reviews {
  readonly #database: Database;
  constructor(database: Database) {
    this.#database = database;
  }

  async ofBook(bookId: number): Promise<readonly Review[]> {
    const { rows } = await this.#database.query<Review>(
      `SELECT ${columns} FROM reviews JOIN readers ON readers.id = reviews.reader_id
        WHERE reviews.book_id = $1 ORDER BY reviews.written_at DESC LIMIT 100`,
      [bookId],
    );
    return rows;
  }

  async latest(limit: number): Promise<readonly ReviewOfBook[]> {
    const { rows } = await this.#database.query<ReviewOfBook>(
      `SELECT ${columns}, books.title, books.slug
         FROM reviews JOIN readers ON readers.id = reviews.reader_id JOIN books ON books.id = reviews.book_id
        ORDER BY reviews.written_at DESC LIMIT $1`,
      [limit],
    );
    return rows;
  }

  /** A reader has one review of a book: writing again replaces it. */
  async write(bookId: number, readerId: number, rating: number, text: string): Promise<void> {
    await this.#database.query(
      `INSERT INTO reviews (book_id, reader_id, rating, text) VALUES ($1, $2, $3, $4)
       ON CONFLICT (book_id, reader_id) DO UPDATE SET rating = $3, text = $4, written_at = now()`,
      [bookId, readerId, rating, text],
    );
  }
}
