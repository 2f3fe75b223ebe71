import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { startTestStore, type TestStore } from '../api/testing/store-cluster.ts';
import { isStoreDown } from './database.ts';

let store: TestStore;
before(async () => {
  store = await startTestStore();
});
after(() => store.close());

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => assert.fail('expected a failure'),
    (error: unknown) => error,
  );

test('a query that is wrong does not mean that the store is down', async () => {
  const error = await failureOf(sql`SELECT 1 / 0`.execute(store.db));
  assert.equal(isStoreDown(error), false, String(error));
});

test('what fails when the store ends means that it is down: a query, a transaction, its rollback, and new ones', async () => {
  const cutOff = failureOf(sql`SELECT pg_sleep(60)`.execute(store.db));
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let second: unknown;
  const transaction = failureOf(
    store.db.transaction().execute(async (db) => {
      await sql`SELECT 1`.execute(db);
      begin();
      await ended;
      second = await failureOf(sql`SELECT 2`.execute(db));
      throw second;
    }),
  );
  await begun;
  await store.stop();
  const errors = [await cutOff, await failureOf(sql`SELECT 3`.execute(store.db))];
  end();
  errors.push(await transaction, second);
  for (const error of errors) assert.equal(isStoreDown(error), true, String(error));
  await store.start();
  await sql`SELECT 4`.execute(store.db);
});
