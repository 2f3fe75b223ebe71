import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { herokuCli } from '../scripts/heroku-cli.ts';
import { ensurePostgresClient } from '../scripts/postgres-client.ts';
import { appCommands } from './harness/app-commands.ts';
import { startPlatform } from './harness/platform.ts';
import { steady } from './harness/said.ts';

const client = ensurePostgresClient();
const path = [client, dirname(herokuCli), process.env.PATH].filter((part) => part !== undefined).join(delimiter);
const platform = await startPlatform();
after(() => platform[Symbol.asyncDispose]());
const shell = await platform.loggedIn('dora');
const { says, refuses } = appCommands(shell, 'shop');

const url = async (name = 'DATABASE_URL'): Promise<string> => (await platform.configVars('shop'))[name] ?? '';
const psql = async (address: string, ...statements: string[]): Promise<string> => {
  const args = [address, '-v', 'ON_ERROR_STOP=1', '-Atq', ...statements.flatMap((sql) => ['-c', sql])];
  const { stdout, stderr, status } = await shell.run('psql', args);
  assert.equal(status, 0, stderr);
  return stdout.trim();
};
const sumOfBooks = 'SELECT count(*), sum(hashtext(b::text)::bigint) FROM books b';

/** The folder of a database in the platform's, by its port. */
const folderOf = async (address: string): Promise<string> => {
  const all = join(platform.dataFolder, 'addons');
  for (const name of await readdir(all)) {
    const text = await readFile(join(all, name, 'data', 'postmaster.pid'), 'utf8').catch(() => '');
    if (text.split('\n')[3] === new URL(address).port) return join(all, name);
  }
  throw new Error(`expected a server on the port of ${address}, found none`);
};

before(async () => {
  assert.equal((await shell.heroku('create', 'shop')).status, 0);
  await says('addons:create', 'heroku-postgresql:standard-0');
  await psql(
    await url(),
    'CREATE TABLE books (id serial PRIMARY KEY, title text NOT NULL)',
    "INSERT INTO books (title) SELECT 'Book ' || n FROM generate_series(1, 1000) n",
  );
});

test('a running backup is cancelled, even one that waits for somebody’s lock, and nothing of it is left', async () => {
  const holder = shell.start('psql', [await url(), '-Atqc', 'BEGIN; LOCK TABLE books; SELECT pg_sleep(600)']);
  try {
    const waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'books'::regclass AND NOT granted";
    const capture = shell.heroku('pg:backups:capture', '-a', 'shop', '--wait-interval', '1');
    while ((await psql(await url(), waiting)) === '0');
    assert.match(await says('pg:backups'), /b001 .* Running/);
    assert.match(await says('pg:backups:cancel'), /Cancelling b001\.\.\. done/);
    const captured = await capture;
    assert.notEqual(captured.status, 0);
    assert.match(steady(captured.stderr), /cancel/i);
    assert.match(await says('pg:backups:info', 'b001'), /Status: +Canceled\n[\s\S]*The transfer was cancelled\./);
    while ((await psql(await url(), waiting)) !== '0');
    assert.deepEqual(await readdir(join(platform.dataFolder, 'backups')), []);
  } finally {
    await holder.stop();
  }
});

test('a fork has what its origin had, and from then on each has its own', async () => {
  const [origin] = await Promise.all([url(), untilBaseBackup()]);
  const made = await says(
    'addons:create',
    'heroku-postgresql:standard-0',
    '--as',
    'FORK',
    '--',
    '--fork',
    'DATABASE_URL',
  );
  assert.match(made, /Created postgresql-NAME-N as FORK_URL/);
  const fork = await url('FORK_URL');
  assert.equal(await psql(fork, sumOfBooks), await psql(origin, sumOfBooks));
  await psql(fork, 'DELETE FROM books');
  assert.equal(await psql(origin, 'SELECT count(*) FROM books'), '1000');
  assert.match(
    await refuses('addons:create', 'heroku-postgresql:standard-0', '--', '--fork', 'NOBODYS_URL'),
    /NOBODYS_URL/,
  );
});

const untilBaseBackup = async (): Promise<void> => {
  while (!/Rollback: +earliest from 2/.test(await says('pg:info', 'DATABASE_URL')));
};

test('pg:pull puts a database into an empty one elsewhere, and pg:push brings it back', async () => {
  await says('addons:create', 'heroku-postgresql:essential-0', '--as', 'ELSEWHERE');
  await says('pg:reset', 'FORK_URL', '--confirm', 'shop');
  // By its address, as a server of somebody's own.
  const elsewhere = await url('ELSEWHERE_URL');
  const moves = (...args: string[]) => shell.run('heroku', args, { env: { PATH: path } });
  const pulled = await moves('pg:pull', 'DATABASE_URL', elsewhere, '-a', 'shop');
  assert.equal(pulled.status, 0, pulled.stderr);
  assert.match(steady(pulled.stdout), /Pulling postgresql-NAME-N to postgres:\/\/[\s\S]*Pulling complete\./);
  assert.equal(await psql(elsewhere, sumOfBooks), await psql(await url(), sumOfBooks));
  const again = await moves('pg:pull', 'DATABASE_URL', elsewhere, '-a', 'shop');
  assert.match(again.stderr, /Remote database is not empty/);
  const pushed = await moves('pg:push', elsewhere, 'FORK_URL', '-a', 'shop');
  assert.equal(pushed.status, 0, pushed.stderr);
  assert.match(steady(pushed.stdout), /Pushing postgres:\/\/.* to postgresql-NAME-N[\s\S]*Pushing complete\./);
  assert.equal(await psql(await url('FORK_URL'), sumOfBooks), await psql(await url(), sumOfBooks));
});

test('pg:wait waits for a database whose server is down, and pg:info says why it is', async () => {
  const address = await url();
  const file = join(await folderOf(address), 'data', 'postmaster.pid');
  const killServer = async (): Promise<void> => {
    const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
    if (pid > 0) process.kill(pid, 'SIGKILL');
  };
  // Somebody else takes its port, between its end and its next start.
  let other: Server | undefined;
  while (other === undefined) {
    await killServer().catch(() => {});
    other = await listening(Number(new URL(address).port));
  }
  const wait = shell.heroku('pg:wait', 'DATABASE_URL', '-a', 'shop', '--wait-interval', '1');
  let info = '';
  while (!/Status: +Unavailable: \S/.test(info)) info = await says('pg:info', 'DATABASE_URL');
  assert.match(info, /Status: +Unavailable: .*port \d+ is in use by another program/);
  other.close();
  const { stderr, status } = await wait;
  assert.equal(status, 0, stderr);
  assert.match(steady(stderr), /Waiting for database postgresql-NAME-N\.\.\. .*available/);
  assert.equal(await psql(address, 'SELECT count(*) FROM books'), '1000');
});

const listening = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(undefined)).listen(port, '127.0.0.1', () => resolve(server));
  });

test('the outcome of the drill that restores a backup is shown', async () => {
  assert.doesNotMatch(await says('pg:info', 'DATABASE_URL'), /Restore Drill/);
  // A backup as if it had been made two hours ago: a drill follows at a distance, and is due when Ravine starts anew.
  const base = join(await folderOf(await url()), 'archive', 'base');
  const [name = ''] = await readdir(base);
  const about = join(base, name, 'backup.json');
  const backup = JSON.parse(await readFile(about, 'utf8'));
  await writeFile(about, JSON.stringify({ ...backup, finishedAtMs: backup.finishedAtMs - 2 * 60 * 60 * 1000 }));
  platform.reload();
  let info = '';
  while (!/Restore Drill/.test(info)) {
    await sleep(200);
    info = (await shell.heroku('pg:info', 'DATABASE_URL', '-a', 'shop')).stdout;
  }
  assert.match(info, /Restore Drill: +restored \d{4}-\d\d-\d\d \d\d:\d\d UTC: \d+ tables and \d+ indexes read/);
});
