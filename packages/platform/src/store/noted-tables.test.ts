import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { startTestStore, type TestStore } from '../api/testing/store-cluster.ts';

let store: TestStore;
before(async () => {
  store = await startTestStore();
});
after(() => store.close());

/** Tables whose changes nobody decides, or that are noted with something else. */
const unnoted: Readonly<Record<string, string>> = {
  account_features: 'no feature of accounts can be switched',
  acme_accounts: 'made by the platform for itself',
  credentials: 'attached as add-on attachments, which are noted; a database itself notes what it lets whom do',
  events: 'what is noted',
  log_sessions: 'reading',
  login_requests: 'ends in an authorization',
  migrations: 'of the store itself',
  recovery_codes: 'change with the account',
  replays: 'answers, kept a minute',
  scheduler_runs: 'of jobs, which are noted; a run is a dyno',
  sign_in_links: 'end in an authorization',
  slugs: 'come with a build or a release',
  transfer_schedules: 'listed with their backups',
  transfers: 'a list of their own, kept with the database',
};

test('every table of the store is noted when it changes, or is known to need no note', async () => {
  const { rows } = await sql<{ name: string }>`SELECT tablename AS name FROM pg_tables
    WHERE schemaname = 'public' AND NOT EXISTS (SELECT FROM pg_trigger
      WHERE tgname = 'note' AND tgrelid = ('public.' || quote_ident(tablename))::regclass)`.execute(store.db);
  const forgotten = rows.map(({ name }) => name).filter((name) => !Object.hasOwn(unnoted, name));
  assert.deepEqual(
    forgotten,
    [],
    'add a trigger `note` in the migration that makes it, or name it above with the reason',
  );
});
