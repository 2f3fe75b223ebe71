import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'pg';
import { migrate } from '../src/migrate.ts';
import { createDatabase } from './postgres.ts';

test('migrations run once, also when two processes start together', async () => {
  await using database = await createDatabase();
  const applied = await Promise.all([migrate(database.url), migrate(database.url)]);
  deepStrictEqual(applied.flat().sort(), [
    '0001_shop.sql',
    '0002_first_books.sql',
    '0003_staff_covers_languages.sql',
    '0004_persian_books.sql',
  ]);
  deepStrictEqual(await migrate(database.url), []);

  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query('SELECT count(*)::integer AS books FROM books').finally(() => client.end());
  strictEqual(rows[0].books, 28);
});

test('a migration that fails leaves the database as it was', async () => {
  await using database = await createDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('CREATE TABLE reviews ()'); // In the way of 0001_shop.sql.
    const failure = await migrate(database.url).then(
      () => undefined,
      (error: Error) => error.message,
    );
    strictEqual(failure, 'relation "reviews" already exists');
    const { rows } = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    deepStrictEqual(rows, [{ tablename: 'reviews' }]);
  } finally {
    await client.end();
  }
});
