import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startOlderPostgres } from './harness/older-postgres.ts';
import { startPlatform } from './harness/platform.ts';

const platform = await startPlatform();
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.loggedIn('dora');

/** Runs a command that is to succeed; answers what it said on both streams. */
const says = async (...args: string[]): Promise<string> => {
  const { stdout, stderr, status } = await shell.heroku(...args);
  assert.equal(status, 0, `heroku ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout + stderr;
};
/** Without the line ends and marks that the client puts into what it says. */
const flat = (text: string): string => text.replaceAll(/[\s›]+/g, ' ');
const psql = async (address: string, sql: string): Promise<string> => {
  const { stdout, stderr, status } = await shell.run('psql', [address, '-v', 'ON_ERROR_STOP=1', '-Atqc', sql]);
  assert.equal(status, 0, stderr);
  return stdout.trim();
};
const url = async (): Promise<string> => (await platform.configVars('shop')).DATABASE_URL ?? '';

test('statements that take long, or come often, are told once their extension is made in plain SQL', async () => {
  await says('create', 'shop');
  await says('create', 'stall');
  await says('addons:create', 'heroku-postgresql:essential-0', '--name', 'shop-database', '--wait', '-a', 'shop');
  const before = await shell.heroku('pg:outliers', '-a', 'shop');
  assert.match(flat(before.stderr), /needs to be installed first/);
  await says('pg:psql', '-c', 'CREATE EXTENSION pg_stat_statements', '-a', 'shop');
  await psql(await url(), 'CREATE TABLE books AS SELECT n FROM generate_series(1, 5) n');
  await psql(await url(), 'SELECT sum(n) AS of_all FROM books');
  assert.match(await says('pg:outliers', '-a', 'shop'), /of_all/);
  assert.match(await says('pg:calls', '--truncate', '-a', 'shop'), /total_exec_time/);
  await says('pg:outliers', '--reset', '-a', 'shop');
  assert.doesNotMatch(await says('pg:outliers', '-a', 'shop'), /of_all/);
  assert.match(await says('pg:extensions', '-a', 'shop'), /postgres_fdw/);
});

test('a database of your own machine is pushed into an empty one, and into no other', async () => {
  await using own = await startOlderPostgres(platform.databasePorts.first + 5);
  await psql(own.url, "CREATE TABLE songs AS SELECT n, 'song ' || n AS title FROM generate_series(1, 100) n");
  const refused = await shell.heroku('pg:push', own.url, 'DATABASE_URL', '-a', 'shop');
  assert.match(flat(refused.stderr), /Remote database is not empty/);
  await says('pg:reset', 'DATABASE_URL', '--confirm', 'shop', '-a', 'shop');
  await says('pg:push', own.url, 'DATABASE_URL', '-a', 'shop');
  assert.equal(await psql(await url(), 'SELECT count(*), max(title) FROM songs'), '100|song 99');
});

test('a database takes a larger plan, and what nobody maintains has no maintenance', async () => {
  await says('addons:upgrade', 'shop-database', 'heroku-postgresql:standard-0', '-a', 'shop');
  while (!/Connections:\s+\d+\/120/.test(await says('pg:info', '-a', 'shop')));
  const none = await shell.heroku('data:maintenances', '-a', 'shop');
  assert.match(flat(none.stderr), /No maintenances found for app shop/);
  assert.match(await says('data:maintenances:info', 'shop-database'), /status:\s+none/i);
  assert.match(await says('usage:addons', '-a', 'shop'), /shop-database\s+bytes\s+\d+/);
});

test('a database that another app has attached is destroyed only by force', async () => {
  await says('addons:attach', 'shop-database', '-a', 'stall');
  const destroy = ['addons:destroy', 'shop-database', '-a', 'shop', '--confirm', 'shop'];
  const refused = await shell.heroku(...destroy);
  assert.notEqual(refused.status, 0);
  assert.match(flat(refused.stderr), /must be detached from all other apps before destroying: stall\./);
  assert.match((await platform.configVars('stall')).DATABASE_URL ?? '', /^postgres:/);
  await says(...destroy, '--force');
  assert.deepEqual(await platform.configVars('stall'), {});
});
