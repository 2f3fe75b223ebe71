import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { appCommands } from './harness/app-commands.ts';
import { startPlatform } from './harness/platform.ts';

const platform = await startPlatform();
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.loggedIn('dora');
const { says, refuses, allSay } = appCommands(shell, 'shop');

let url = '';
const psql = async (...statements: string[]): Promise<string> => {
  const args = [url, '-v', 'ON_ERROR_STOP=1', '-Atq', ...statements.flatMap((sql) => ['-c', sql])];
  const { stdout, stderr, status } = await shell.run('psql', args);
  assert.equal(status, 0, stderr);
  return stdout.trim();
};
/** Asks until the answer is this one. */
const untilAnswer = async (sql: string, answer: string): Promise<void> => {
  while ((await psql(sql)) !== answer);
};

before(async () => {
  assert.equal((await shell.heroku('create', 'shop')).status, 0);
  await says('addons:create', 'heroku-postgresql:standard-0');
  url = (await platform.configVars('shop')).DATABASE_URL ?? '';
  await psql(
    'CREATE TABLE books (id serial PRIMARY KEY, title text NOT NULL) WITH (autovacuum_enabled = off)',
    'CREATE TABLE notes (text text)',
    'CREATE INDEX never_read ON books (title)',
    "INSERT INTO books (title) SELECT 'Book ' || n FROM generate_series(1, 20000) n",
    'DELETE FROM books WHERE id > 15000',
    'SET enable_seqscan = off; SELECT count(title) FROM books WHERE id = 7; RESET enable_seqscan',
    'SET enable_indexscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM books WHERE id = 8',
  );
  // Counts are told by a connection at its end.
  await untilAnswer("SELECT n_live_tup > 0 AND seq_scan > 0 FROM pg_stat_user_tables WHERE relname = 'books'", 't');
  await psql('ANALYZE books');
});

test('sizes of tables and indexes are told, the largest first', async () => {
  const [tables, tablesWithIndexes, ofTables, indexes, allIndexes] = await allSay(
    ['pg:table-size'],
    ['pg:total-table-size'],
    ['pg:table-indexes-size'],
    ['pg:index-size'],
    ['pg:total-index-size'],
  );
  assert.match(
    tables ?? '',
    /name\s*\|\s*size\s*\n─?[-+]+\s*\n\s*books\s*\|\s*9\d\d kB\s*\n\s*notes\s*\|\s*8192 bytes/,
  );
  assert.match(tablesWithIndexes ?? '', /books\s*\|\s*2\d{3} kB\s*\n\s*notes/);
  assert.match(
    ofTables ?? '',
    /table\s*\|\s*index_size\s*\n[-+]+\n\s*books\s*\|\s*1\d{3} kB\s*\n\s*notes\s*\|\s*0 bytes/,
  );
  assert.match(indexes ?? '', /never_read\s*\|\s*\d+ kB\s*\n\s*books_pkey\s*\|\s*\d+ kB/);
  assert.match(allIndexes ?? '', /size\s*\n-+\n\s*1\d{3} kB\s*\n\(1 row\)/);
});

test('how tables and indexes are used is told: scans, hits, rows, what nobody reads', async () => {
  const [hits, usage, ranks, scans, unused] = await allSay(
    ['pg:cache-hit'],
    ['pg:index-usage'],
    ['pg:records-rank'],
    ['pg:seq-scans'],
    ['pg:unused-indexes'],
  );
  assert.match(hits ?? '', /index hit rate\s*\|\s*[01]\.\d+[\s\S]*table hit rate\s*\|\s*[01]\.\d+/);
  assert.match(usage ?? '', /books\s*\|\s*\d+\s*\|\s*15000/);
  assert.match(ranks ?? '', /name\s*\|\s*estimated_count\s*\n[-+]+\n\s*books\s*\|\s*15000\s*\n\s*notes\s*\|\s*0/);
  assert.match(scans ?? '', /name\s*\|\s*count\s*\n[-+]+\n\s*books\s*\|\s*[1-9]/);
  assert.match(unused ?? '', /public\.books\s*\|\s*never_read\s*\|\s*\d+ kB\s*\|\s*0\s*\n\(1 row\)/);
});

test('bloat, dead rows that wait for a vacuum and extensions are told; statistics begin anew when asked', async () => {
  const [bloat, vacuum, extensions] = await allSay(['pg:bloat'], ['pg:vacuum-stats'], ['pg:extensions']);
  assert.match(bloat ?? '', /type\s*\|\s*schemaname\s*\|\s*object_name\s*\|\s*bloat\s*\|\s*waste/);
  assert.match(bloat ?? '', /index\s*\|\s*public\s*\|\s*books::never_read\s*\|\s*\d+\.\d/);
  assert.match(vacuum ?? '', /public\s*\|\s*books\s*\|.*\|\s*15,000\s*\|\s*5,000\s*\|\s*3,050\s*\|\s*yes/);
  for (const name of ['hstore', 'pg_trgm', 'pgcrypto', 'uuid-ossp']) {
    assert.match(extensions ?? '', new RegExp(`${name}\\s*\\|\\s*\\d+\\.\\d+`));
  }
  assert.match(await says('pg:stats-reset'), /The statistics have been reset\./);
  assert.match(await says('pg:seq-scans'), /books\s*\|\s*0/);
});

test('who waits for whom is seen, and everybody is sent away at once', async () => {
  const holder = shell.run('psql', [url, '-c', "UPDATE books SET title = 'held' WHERE id = 1; SELECT pg_sleep(600)"]);
  await untilAnswer("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'", '1');
  const waiter = shell.run('psql', [url, '-c', "UPDATE books SET title = 'wanted' WHERE id = 1"]);
  await untilAnswer("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'", '1');
  const [locks, short, blocking, statements, connections, long] = await allSay(
    ['pg:locks'],
    ['pg:locks', '--truncate'],
    ['pg:blocking'],
    ['pg:ps'],
    ['pg:user-connections'],
    ['pg:long-running-queries'],
  );
  assert.match(locks ?? '', /\| t\s*\| UPDATE books SET title = 'held' WHERE id = 1; SELECT pg_sleep\(600\)/);
  assert.match(short ?? '', /\| t\s*\| UPDATE books SET title = 'held' WHERE …/);
  assert.match(
    blocking ?? '',
    /\d+\s*\| UPDATE books SET title = 'held'.*\|\s*\d+\s*\| UPDATE books SET title = 'wanted'/,
  );
  assert.match(statements ?? '', /active\s*\| psql\s*\|.*\| t\s*\| UPDATE books SET title = 'wanted' WHERE id = 1/);
  assert.match(connections ?? '', /credential\s*\|\s*connections\s*\n[-+]+\n\s*u\w+\s*\|\s*\d+/);
  assert.match(long ?? '', /pid\s*\|\s*duration\s*\|\s*query\s*\n[-+]+\n\(0 rows\)/);
  assert.match(await says('pg:killall'), /Terminating connections for all credentials\.\.\. done/);
  assert.match((await holder).stderr, /terminating connection/);
  // The row that it waited for may have come free before its turn to be sent away.
  assert.match((await waiter).stderr, /^$|terminating connection/);
  assert.equal(await psql("SELECT count(*) FROM books WHERE id = 1 AND title = 'held'"), '0');
});

test('settings are changed one by one, hold for the next connections, and are told', async () => {
  const changes = [
    ['log-connections', 'true', /has been set to true.*\nWhen login attempts are made, a log message will be emitted/],
    ['log-lock-waits', 'on', /has been set to true.*\nWhen a deadlock is detected, a log message will be emitted/],
    [
      'log-min-duration-statement',
      '250',
      /has been set to 250.*\nThe duration .* if the statement ran for at least 250/,
    ],
    ['log-min-error-statement', 'fatal', /has been set to fatal.*\nStatements that cause an fatal or worse are logged/],
    ['log-statement', 'mod', /has been set to mod.*\nStatements that define or change things are logged/],
    ['track-functions', 'pl', /has been set to pl.*\nCalls of functions in procedural languages are counted/],
  ] as const;
  const told = await allSay(...changes.map(([name, value]) => [`pg:settings:${name}`, 'DATABASE_URL', value]));
  for (const [index, [, , expected]] of changes.entries()) assert.match(told[index] ?? '', expected);
  assert.equal(
    await psql(
      "SELECT string_agg(current_setting(s), ' ' ORDER BY s) FROM unnest(ARRAY['log_connections', 'log_lock_waits', 'log_min_duration_statement', 'log_min_error_statement', 'log_statement', 'track_functions']) s",
    ),
    'on on 250ms fatal mod pl',
  );
  const all = await says('pg:settings');
  assert.match(all, /log-connections: +true\nlog-lock-waits: +true\nlog-min-duration-statement: +250\n/);
  assert.match(
    await refuses('pg:settings:auto-explain', 'DATABASE_URL', 'on'),
    /auto_explain: expected one of log_connections, .*; others can't be set here/,
  );
  assert.match(await refuses('pg:settings:log-min-duration-statement', 'DATABASE_URL', 'soon'), /whole number/);
});

test('an upgrade has nowhere to go, whichever step is asked for', async () => {
  assert.match(await says('pg:upgrade:wait', 'DATABASE_URL'), /Nothing is being upgraded\./);
  const steps = [
    ['pg:upgrade:prepare', 'DATABASE_URL', '--version', '19', '--confirm', 'shop'],
    ['pg:upgrade:dryrun', 'DATABASE_URL', '--confirm', 'shop'],
    ['pg:upgrade:run', 'DATABASE_URL', '--confirm', 'shop'],
    ['pg:upgrade:cancel', 'DATABASE_URL', '--confirm', 'shop'],
  ];
  for (const refused of await Promise.all(steps.map((step) => refuses(...step)))) {
    assert.match(
      refused,
      /runs PostgreSQL 18\.\d+, the only version of this Ravine.* There is nothing to upgrade to\./,
    );
  }
});

test('what further credentials own is given back to the default one', async () => {
  await says('pg:credentials:create', 'DATABASE_URL', '--name', 'importer');
  await psql('CREATE SCHEMA imports; GRANT ALL ON SCHEMA imports TO importer');
  const { stdout } = await shell.heroku('pg:credentials:url', 'DATABASE_URL', '--name', 'importer', '-a', 'shop');
  const [importer = ''] = /postgres:\/\/\S+/.exec(stdout) ?? [];
  const made = await shell.run('psql', [importer, '-c', 'CREATE TABLE imports.books (n int)']);
  assert.equal(made.status, 0, made.stderr);
  const owner = "SELECT tableowner = current_user FROM pg_tables WHERE schemaname = 'imports'";
  assert.equal(await psql(owner), 'f');
  assert.match(
    await says('pg:credentials:repair-default', 'DATABASE_URL', '--confirm', 'shop'),
    /Resetting permissions and object ownership for default role to factory settings\.\.\. done/,
  );
  assert.equal(await psql(owner), 't');
});
