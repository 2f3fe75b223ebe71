import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { AddOnId } from '../../domain/ids.ts';
import { archiveOf } from '../../postgres/backup/archive-of.ts';
import { flushLog } from '../../postgres/backup/archivist.ts';
import { restoreCluster } from '../../postgres/backup/restore-cluster.ts';
import { locateBinaries } from '../../postgres/binaries.ts';
import { findCluster, removeCluster, superuserOf } from '../../postgres/cluster.ts';
import { withSuperuser } from '../../postgres/superuser.ts';
import { ClusterTemplate } from '../../postgres/template.ts';
import { addOnSettings } from '../../postgres/tuning.data.ts';
import { FileRecords } from '../reconciler-process.fixture.ts';

/** `RAVINE_KILLS=200 npm test -- postgres-kill` kills as often. */
const kills = Number(process.env.RAVINE_KILLS ?? 20);
const firstPort = 32_200 + (process.pid % 500);
const fixture = fileURLToPath(new URL('../reconciler-process.fixture.ts', import.meta.url));
const id = randomUUID() as AddOnId; // A fresh UUID is what an AddOnId is.
let root: string;
let folder: string;
let keeper: ChildProcess;

/** A process that looks after the database and its backups, as control does. */
const startKeeper = async (): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [fixture, root, String(firstPort)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
};

const kill9 = async (child: ChildProcess): Promise<void> => {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
};

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-kills-'));
  await chmod(root, 0o755);
  folder = join(root, 'addons', id);
  new FileRecords(root).insert({
    id,
    name: 'postgresql-curved-34718',
    service: 'heroku-postgresql',
    plan: 'heroku-postgresql:essential-0',
    state: 'provisioning',
    resource: {},
    failureReason: null,
  });
  keeper = await startKeeper();
});

after(async () => {
  await kill9(keeper);
  await removeCluster(join(root, 'restored'));
  await removeCluster(folder);
  await rm(root, { recursive: true, force: true });
});

/** A client that commits one row after the other and remembers which of them the server has acknowledged. */
class Writer {
  readonly acknowledged: number[] = [];
  readonly #url: string;
  #stopped = false;
  readonly #ended: Promise<void>;

  constructor(url: string) {
    this.#url = url;
    this.#ended = this.#write();
  }

  async until(count: number): Promise<void> {
    while (this.acknowledged.length < count) await sleep(5);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  async #write(): Promise<void> {
    for (let next = 1; !this.#stopped; ) {
      const client = new pg.Client({ connectionString: this.#url, connectionTimeoutMillis: 2_000 });
      client.on('error', () => {}); // It was killed: the next connection goes on.
      try {
        await client.connect();
        await client.query('CREATE TABLE IF NOT EXISTS counter (n int)');
        // Whether the last one before a kill is there nobody was told: the next number is tried in any case.
        for (; !this.#stopped; next++) {
          await client.query(`INSERT INTO counter VALUES (${next})`);
          this.acknowledged.push(next);
        }
      } catch {
        next++;
        await sleep(10);
      }
      await client.end().catch(() => {});
    }
  }
}

/** A process of the server by the title it gives itself. */
const serverProcess = async (title: string): Promise<number | undefined> => {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (!line.startsWith(`postgres: ${title}`)) continue;
    if ((await readlink(`/proc/${name}/cwd`).catch(() => '')) === join(folder, 'data')) return Number(name);
  }
  return undefined;
};

const victims: readonly (() => Promise<void>)[] = [
  async () => killPid(await findCluster(folder)),
  async () => killPid(await serverProcess('archiver')),
  async () => killPid(await serverProcess('walwriter')),
  async () => {
    await kill9(keeper);
    keeper = await startKeeper();
  },
  async () => {
    await kill9(keeper);
    killPid(await findCluster(folder));
    keeper = await startKeeper();
  },
];

const killPid = (pid: number | undefined): void => {
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
};

test(`after ${kills} kills at random moments no acknowledged row is missing, neither from the database nor from its backups`, async () => {
  const writer = new Writer(new FileRecords(root).config(id).URL ?? '');
  // It is made in the first seconds; everything after it must be in the archived log.
  while ((await archiveOf(folder).backups.list()).length === 0) await sleep(20);
  for (let n = 0; n < kills; n++) {
    await writer.until(writer.acknowledged.length + randomInt(1, 60));
    await victims[n % victims.length]?.();
  }
  await writer.until(writer.acknowledged.length + 20);
  await writer.stop();

  const { port, uid, database } = JSON.parse(await readFile(join(folder, 'allocation.json'), 'utf8'));
  const rows = (server: Parameters<typeof withSuperuser>[0]) =>
    withSuperuser(server, database, async (client) => {
      const { rows: found } = await client.query<{ n: number }>('SELECT n FROM counter');
      return new Set(found.map((row) => row.n));
    });
  const missing = (found: ReadonlySet<number>) => writer.acknowledged.filter((n) => !found.has(n));
  assert.deepEqual(missing(await rows(superuserOf(folder, port))), []);

  const binaries = await locateBinaries(join(root, 'runtimes'));
  const template = new ClusterTemplate(binaries, join(root, 'templates'));
  const parts = { binaries, template, port, uid, settings: addOnSettings(20) };
  const server = superuserOf(folder, port);
  await flushLog(server);
  const restored = await restoreCluster({ ...parts, ...archiveOf(folder), folder: join(root, 'restored') });
  assert.deepEqual(missing(await rows(restored.superuser)), []);
  await restored.stop();
  process.stdout.write(`${writer.acknowledged.length} rows were acknowledged\n`);
});
