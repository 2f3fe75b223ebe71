import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startPlatform } from './harness/platform.ts';
import type { Outcome } from './harness/shell.ts';

const platform = await startPlatform();
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.loggedIn('dora');
const on = ['-a', 'shop'];

/** The app is named first, since what follows `--` is the add-on's. */
const run = ([command = '', ...rest]: readonly string[]) => shell.heroku(command, ...on, ...rest);

/** Runs a command that is to succeed; answers what it said on both streams. */
const says = async (...args: string[]): Promise<string> => said(args, await run(args));
const said = (args: readonly string[], { stdout, stderr, status }: Outcome): string => {
  assert.equal(status, 0, `heroku ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout + stderr;
};
/** Runs a command that is to be refused; answers why. */
const refuses = async (...args: string[]): Promise<string> => {
  const { stdout, stderr, status } = await run(args);
  assert.notEqual(status, 0, `heroku ${args.join(' ')} was not refused:\n${stdout}${stderr}`);
  return flat(stderr);
};
/** Without the line ends that the client puts into what it says. */
const flat = (text: string): string => text.replaceAll(/[\s›]+/g, ' ');
const url = async (name = 'DATABASE_URL'): Promise<string> => (await platform.configVars('shop'))[name] ?? '';
const psql = async (address: string, sql: string): Promise<string> => {
  const { stdout, stderr, status } = await shell.run('psql', [address, '-v', 'ON_ERROR_STOP=1', '-Atqc', sql]);
  assert.equal(status, 0, stderr);
  return stdout.trim();
};
const sumOfBooks = 'SELECT count(*), sum(hashtext(b::text)::bigint) FROM books b';

test('a database is made, waited for and looked at', async () => {
  said(['create'], await shell.heroku('create', 'shop'));
  assert.match(
    await says('addons:create', 'heroku-postgresql:standard-0'),
    /Database has been created and is available/,
  );
  assert.equal(await says('pg:wait'), '', 'there is nothing to wait for');
  const info = await says('pg:info');
  assert.match(info, /=== DATABASE_URL\n\nPlan: +Standard 0\nStatus: +Available\nData Size: +\d[\d.]* MB \/ 64\.0 GB/);
  assert.match(info, /Connections: +0\/120/);
  assert.match(info, /PG Version: +18\.\d/);
});

test('psql from the shell and through `heroku pg:psql` reach it, over TLS as well', async () => {
  assert.match(
    await says('pg:psql', '-c', 'CREATE TABLE books (id serial PRIMARY KEY, title text NOT NULL)'),
    /CREATE TABLE/,
  );
  assert.equal((await says('config:get', 'DATABASE_URL')).trim(), await url());
  await psql(await url(), "INSERT INTO books (title) SELECT 'Book ' || n FROM generate_series(1, 1000) n");
  const ssl = `${await url()}?sslmode=verify-full&sslrootcert=${join(platform.dataFolder, 'ca', 'ca.pem')}`;
  assert.equal(await psql(ssl, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), 't');
});

test('a manual backup is captured, listed and looked at', async () => {
  assert.match(await says('pg:backups:capture'), /Backing up DATABASE to b001\.\.\. done/);
  assert.match(await says('pg:backups'), /b001 .*Completed .*DATABASE/);
  const info = await says('pg:backups:info', 'b001');
  assert.match(info, /=== Backup b001\n\nDatabase: +DATABASE\n[\s\S]*Status: +Completed\nType: +Manual/);
  assert.match(info, /The transfer is complete\./);
});

test("a downloaded backup is a file that Debian's pg_restore puts into another database, with equal rows", async () => {
  await says('pg:backups:download', 'b001', '-o', 'a.dump');
  const file = join(shell.folder, 'a.dump');
  assert.equal((await readFile(file)).subarray(0, 5).toString(), 'PGDMP');
  assert.match(await says('addons:create', 'heroku-postgresql:essential-0', '--as', 'OTHER'), /OTHER_URL/);
  const other = await url('OTHER_URL');
  const restored = await shell.run('pg_restore', ['--no-owner', '--no-acl', '-d', other, file]);
  // It wants to make the schema `public`, which is there.
  assert.match(restored.stderr, /^$|schema "public" already exists/);
  assert.equal(await psql(other, sumOfBooks), await psql(await url(), sumOfBooks));
});

test('a backup is restored over a living database, and only by who confirms', async () => {
  await psql(await url(), 'DELETE FROM books WHERE id > 10');
  assert.match(
    await refuses('pg:backups:restore', 'b001', 'DATABASE_URL', '--confirm', 'other'),
    /Confirmation other did not match shop/,
  );
  assert.equal(await psql(await url(), 'SELECT count(*) FROM books'), '10');
  assert.match(await says('pg:backups:restore', 'b001', 'DATABASE_URL', '--confirm', 'shop'), /Restoring\.\.\. done/);
  assert.equal(await psql(await url(), 'SELECT count(*) FROM books'), '1000');
  assert.equal(await psql(await url(), "INSERT INTO books (title) VALUES ('next') RETURNING id"), '1001');
});

test('a backup is restored from an address, and one that is none leaves the database as it was', async () => {
  const address = (await says('pg:backups:url', 'b001')).trim();
  assert.match(address, /^https:\/\/localhost:\d+\/backups\//);
  const bytes = await readFile(join(shell.folder, 'a.dump'));
  const server = createServer(
    (request, response) => void response.end(request.url === '/good.dump' ? bytes : 'a page'),
  );
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const place = server.address();
  const base = `http://127.0.0.1:${typeof place === 'object' && place ? place.port : 0}`;
  try {
    assert.match(
      await refuses('pg:backups:restore', `${base}/page`, 'DATABASE_URL', '--confirm', 'shop'),
      /Expected a dump in pg_dump's custom format/,
    );
    assert.equal(await psql(await url(), 'SELECT count(*) FROM books'), '1001');
    await says('pg:backups:restore', `${base}/good.dump`, 'DATABASE_URL', '--confirm', 'shop');
    assert.equal(await psql(await url(), 'SELECT count(*) FROM books'), '1000');
  } finally {
    server.close();
  }
});

test('a fork to a moment has what was there then; it is promoted, and the old one stays attached', async () => {
  // Moments before the first base backup can't be had, and it is on its way.
  while (!/Rollback: +earliest from 2/.test(await says('pg:info', 'DATABASE_URL')));
  await psql(await url(), "INSERT INTO books (title) VALUES ('before')");
  const between = await psql(
    await url(),
    "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')",
  );
  await psql(await url(), "SELECT pg_sleep(0.05); INSERT INTO books (title) VALUES ('after')");
  await says(
    'addons:create',
    'heroku-postgresql:standard-0',
    '--as',
    'THEN',
    '--',
    '--rollback',
    'DATABASE_URL',
    '--to',
    `${between} UTC`,
  );
  const then = await url('THEN_URL');
  assert.equal(
    await psql(then, "SELECT string_agg(title, ',') FROM books WHERE title IN ('before', 'after')"),
    'before',
  );
  assert.match(await says('pg:promote', 'THEN'), /Promoting postgresql-\S+ to DATABASE_URL on shop\.\.\. done/);
  assert.equal(await url(), then);
  assert.match(
    await refuses(
      'addons:create',
      'heroku-postgresql:standard-0',
      '--',
      '--rollback',
      'DATABASE_URL',
      '--to',
      '2020-01-01 00:00',
    ),
    /can be had as it was at|has no base backup yet/,
  );
});

test('a follower shows what its leader commits, is promoted, and then takes writes itself', async () => {
  await says('addons:create', 'heroku-postgresql:standard-0', '--as', 'REPLICA', '--', '--follow', 'DATABASE_URL');
  const [leader, replica] = [await url(), await url('REPLICA_URL')];
  await psql(leader, "INSERT INTO books (title) VALUES ('followed')");
  const followed = "SELECT count(*) FROM books WHERE title = 'followed'";
  while ((await psql(replica, followed)) !== '1');
  const info = await says('pg:info', 'REPLICA');
  assert.match(info, /Following: +THEN\n/);
  assert.match(info, /Behind By: +\d+ commits?\n/);
  assert.match(
    await refuses('pg:reset', 'REPLICA', '--confirm', 'shop'),
    /follows postgresql-\S+ and can only be read/,
  );
  assert.match(flat(await says('pg:promote', 'REPLICA')), /currently a follower database in read-only mode/);
  await says('pg:unfollow', 'REPLICA', '--confirm', 'shop');
  assert.equal(await psql(replica, "DELETE FROM books WHERE title = 'followed' RETURNING 1"), '1');
  assert.equal(await psql(leader, followed), '1');
  await says('pg:promote', 'THEN');
  await says('addons:destroy', 'REPLICA', '--confirm', 'shop');
});

test('a database is copied onto another one', async () => {
  assert.match(await says('pg:copy', 'DATABASE_URL', 'OTHER_URL', '--confirm', 'OTHER'), /Copying\.\.\. done/);
  assert.equal(await psql(await url('OTHER_URL'), sumOfBooks), await psql(await url(), sumOfBooks));
  assert.match(
    await refuses('pg:copy', 'postgres://u:p@db.example.com/d', 'OTHER_URL', '--confirm', 'OTHER'),
    /expected a database of this Ravine/,
  );
});

test('credentials are shown and rotated: the new password works, the old one does not', async () => {
  const before = await url();
  assert.match(await says('pg:credentials', 'DATABASE_URL'), /default +active/);
  assert.match(
    await says('pg:credentials:url', 'DATABASE_URL'),
    new RegExp(before.slice('postgres://'.length, before.indexOf('@'))),
  );
  await says('pg:credentials:rotate', 'DATABASE_URL', '--confirm', 'shop');
  assert.notEqual(await url(), before);
  assert.equal(await psql(await url(), 'SELECT 1'), '1');
  assert.match((await shell.run('psql', [before, '-c', 'SELECT 1'])).stderr, /password authentication failed/);
});

test('a further credential may do what it is granted, where it is attached, until it is destroyed', async () => {
  await says('pg:credentials:create', 'DATABASE_URL', '--name', 'readonly');
  await psql(await url(), 'GRANT SELECT ON books TO readonly');
  const name = /postgresql-[a-z]+-\d+/.exec(await says('pg:info', 'DATABASE_URL'))?.[0] ?? '';
  await says('addons:attach', name, '--credential', 'readonly', '--as', 'READING');
  const reader = await url('READING_URL');
  assert.match(reader, /^postgres:\/\/readonly:/);
  assert.equal(await psql(reader, 'SELECT count(*) > 999 FROM books'), 't');
  assert.match((await shell.run('psql', [reader, '-c', 'DELETE FROM books'])).stderr, /permission denied/);
  assert.match(await says('pg:credentials', 'DATABASE_URL'), /readonly +active\n.*as READING\n/);
  await says('pg:credentials:rotate', 'DATABASE_URL', '--name', 'readonly', '--confirm', 'shop');
  assert.equal(await psql(await url('READING_URL'), 'SELECT current_user'), 'readonly');
  assert.match((await shell.run('psql', [reader, '-c', 'SELECT 1'])).stderr, /password authentication failed/);
  const destroy = ['pg:credentials:destroy', 'DATABASE_URL', '--name', 'readonly', '--confirm', 'shop'];
  assert.match(await refuses(...destroy), /must be detached/);
  await says('addons:detach', 'READING');
  await says(...destroy);
});

test('backups are scheduled in a time zone, listed and unscheduled', async () => {
  assert.match(
    await says('pg:backups:schedule', 'DATABASE_URL', '--at', '02:00 Europe/Paris'),
    /at 2:00 Europe\/Paris\.\.\. done|at 02:00 Europe\/Paris\.\.\. done/,
  );
  assert.match(await says('pg:backups:schedules'), /DATABASE_URL: daily at 2:00 Europe\/Paris/);
  assert.match(
    await refuses('pg:backups:schedule', 'DATABASE_URL', '--at', '02:00 Mars/Base'),
    /timezone: expected a name like Europe\/Paris/,
  );
  await says('pg:backups:unschedule', 'DATABASE_URL');
  assert.match(await says('pg:backups:schedules'), /No backup schedules found/);
});

test('a statement is seen and ended', async () => {
  const sleeper = shell.run('psql', [await url(), '-c', "SELECT 'asleep', pg_sleep(600)"]);
  let pid: string | undefined;
  while (pid === undefined) pid = /(\d+) .*SELECT 'asleep'/.exec(await says('pg:ps', 'DATABASE_URL'))?.[1];
  await says('pg:kill', pid, 'DATABASE_URL', '--force');
  assert.match((await sleeper).stderr, /terminat/);
});

test('a database is reset, with extensions, and only by who confirms', async () => {
  assert.match(await refuses('pg:reset', 'OTHER_URL', '--confirm', 'wrong'), /did not match shop/);
  assert.match(
    await refuses('pg:reset', 'OTHER_URL', '--confirm', 'shop', '--extensions', 'file_fdw'),
    /Extension "file_fdw" is not available/,
  );
  assert.equal(await psql(await url('OTHER_URL'), 'SELECT count(*) > 999 FROM books'), 't');
  await says('pg:reset', 'OTHER_URL', '--confirm', 'shop', '--extensions', 'hstore');
  assert.equal(
    await psql(await url('OTHER_URL'), "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'"),
    'hstore',
  );
  assert.equal(await psql(await url('OTHER_URL'), "SELECT to_regclass('books') IS NULL"), 't');
});

test('a backup is deleted with its file', async () => {
  await says('pg:backups:delete', 'b001', '--confirm', 'shop');
  assert.doesNotMatch(await says('pg:backups'), /b001/);
  await assert.rejects(stat(join(platform.dataFolder, 'backups', 'b001.dump')));
  assert.match(await refuses('pg:backups:cancel'), /No active backups/);
  assert.match(await refuses('pg:backups:restore', 'b001', 'DATABASE_URL', '--confirm', 'shop'), /not found for/);
});
