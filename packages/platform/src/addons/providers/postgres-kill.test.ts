import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Dice } from '../../domain/dice.fixture.ts';
import type { AddOnId } from '../../domain/ids.ts';
import { archiveOf } from '../../postgres/backup/archive-of.ts';
import { flushLog } from '../../postgres/backup/archivist.ts';
import { restoreCluster } from '../../postgres/backup/restore-cluster.ts';
import { locateBinaries } from '../../postgres/binaries.ts';
import { findCluster, removeCluster, superuserOf } from '../../postgres/cluster.ts';
import { withSuperuser } from '../../postgres/superuser.ts';
import { ClusterTemplate } from '../../postgres/template.ts';
import { templatesFolder } from '../../postgres/testing/templates-folder.ts';
import { addOnSettings } from '../../postgres/tuning.data.ts';
import { FileRecords } from '../reconciler-process.fixture.ts';
import type { Work } from './postgres-keeper.fixture.ts';
import { Writer } from './postgres-writer.fixture.ts';

/** `RAVINE_KILLS=200 npm test -- postgres-kill` kills as often; `RAVINE_KILL_SEED=7` makes the choices of that run again. */
const kills = Number(process.env.RAVINE_KILLS ?? 7);
const seed = Number(process.env.RAVINE_KILL_SEED ?? randomInt(1_000_000));
const dice = new Dice(seed);
/** How far into a work its kill comes at most; the longest takes about as long. */
const longestWorkMs = 1_500;
const firstPort = 32_200 + (process.pid % 500);
const fixture = fileURLToPath(new URL('./postgres-keeper.fixture.ts', import.meta.url));
// Fresh UUIDs are what AddOnIds are.
const [books, copy] = [randomUUID() as AddOnId, randomUUID() as AddOnId];
let root: string;
let folder: string;
let keeper: Keeper;

/** A process that looks after the databases and their backups, as control does. */
class Keeper {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>) {
    this.#child = child;
    this.#lines = lines;
  }

  static async start(): Promise<Keeper> {
    const child = spawn(process.execPath, [fixture, root, String(firstPort)], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => {}); // It was killed.
    const keeper = new Keeper(child, createInterface(child.stdout)[Symbol.asyncIterator]());
    await keeper.#says('settled');
    return keeper;
  }

  /** Asks for a work; resolves when it has begun. */
  async begin(work: Work): Promise<void> {
    this.#child.stdin?.write(`${work}\n`);
    await this.#says(`begun ${work}`);
  }

  /** @throws when it fails. */
  async perform(work: Work): Promise<void> {
    await this.begin(work);
    assert.equal((await this.#lines.next()).value, 'done', work);
  }

  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  async #says(line: string): Promise<void> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (value === line) return;
      if (done) throw new Error(`the keeper ended before it said ${line}`);
    }
  }
}

const records = (): FileRecords => new FileRecords(root);

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-kills-'));
  await chmod(root, 0o755);
  folder = join(root, 'addons', books);
  for (const [name, id] of [['books', books], ['copy', copy]] as const) {
    const plan = { service: 'heroku-postgresql', plan: 'heroku-postgresql:essential-0' };
    records().insert({ id, name, ...plan, state: 'provisioning', resource: {}, failureReason: null });
  } // biome-ignore format: two rows
  keeper = await Keeper.start();
});

after(async () => {
  await keeper.kill();
  await removeCluster(join(root, 'restored'));
  for (const name of await readdir(join(root, 'addons'))) {
    for (const beside of ['restore', 'drill']) await removeCluster(join(root, 'addons', name, beside));
    await removeCluster(join(root, 'addons', name));
  }
  await rm(root, { recursive: true, force: true });
});

const killPid = (pid: number | undefined): void => {
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
};

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

/** Every server in the root: of databases, and those that restore something beside. */
const allServers = async (): Promise<void> => {
  for (const name of await readdir(join(root, 'addons'))) {
    for (const beside of ['.', 'restore', 'drill']) killPid(await findCluster(join(root, 'addons', name, beside)));
  }
};

const victims: Readonly<Record<string, () => Promise<void>>> = {
  server: async () => killPid(await findCluster(folder)),
  archiver: async () => killPid(await serverProcess('archiver')),
  'log writer': async () => killPid(await serverProcess('walwriter')),
  'sender of a base backup': async () => killPid(await serverProcess('walsender')),
  keeper: async () => {
    await keeper.kill();
    keeper = await Keeper.start();
  },
  'keeper and all servers': async () => {
    await Promise.all([keeper.kill(), allServers()]);
    keeper = await Keeper.start();
  },
};
const works: readonly [Work, ...Work[]] = ['base backup', 'drill', 'dump', 'restore', 'fork'];

const rowsOf = (server: Parameters<typeof withSuperuser>[0], database: string): Promise<ReadonlySet<number>> =>
  withSuperuser(server, database, async (client) => {
    const { rows } = await client.query<{ n: number }>('SELECT n FROM counter');
    return new Set(rows.map((row) => row.n));
  });

const rowsOfAddOn = async (id: string): Promise<ReadonlySet<number>> => {
  const at = join(root, 'addons', id);
  const { port, database } = JSON.parse(await readFile(join(at, 'allocation.json'), 'utf8'));
  return rowsOf(superuserOf(at, port), database);
};

test(`after ${kills} kills at random moments no acknowledged row is missing, neither from the database nor from its backups`, async (t) => {
  t.diagnostic(`RAVINE_KILL_SEED=${seed}`);
  const writer = new Writer(records().config(books).URL ?? '');
  // It is made in the first seconds; everything after it must be in the archived log.
  while ((await archiveOf(folder).backups.list()).length === 0) await sleep(20);
  const done = new Map<string, number>();
  for (let n = 0; n < kills; n++) {
    await writer.more(1 + dice.below(60));
    const work = dice.chance(0.6) ? dice.pick(works) : undefined;
    const victim = dice.pick(Object.keys(victims) as [string, ...string[]]); // there are some
    if (work !== undefined) {
      await keeper.begin(work);
      await sleep(dice.below(longestWorkMs)); // The moment is what varies.
    }
    await victims[victim]?.();
    const what = `${victim}${work === undefined ? '' : ` in a ${work}`}`;
    done.set(what, (done.get(what) ?? 0) + 1);
  }
  await writer.more(20);

  // What comes after the last kill repairs what the kills have left.
  await keeper.perform('base backup');
  await keeper.perform('drill');
  if ((await records().live()).some(({ name }) => name === 'fork')) await keeper.perform('fork');
  const before = writer.acknowledged.length;
  for (const work of ['fork', 'dump', 'restore'] as const) await keeper.perform(work);
  const fork = (await records().live()).find(({ name }) => name === 'fork')?.id ?? '';
  assert.deepEqual(writer.missing(await rowsOfAddOn(fork), before), [], 'the fork');
  assert.deepEqual(writer.missing(await rowsOfAddOn(copy), before), [], 'the dump');
  const left = await readdir(folder, { recursive: true });
  assert.deepEqual(
    left.filter((name) => /(^|\/)(\.new-|restore$|drill$)/.test(name)),
    [],
    'half-made things',
  );
  await writer.stop();
  assert.deepEqual(writer.missing(await rowsOfAddOn(books)), [], 'the database');

  const binaries = await locateBinaries(join(root, 'runtimes'));
  const template = new ClusterTemplate(binaries, templatesFolder(root));
  const { port, uid, database } = JSON.parse(await readFile(join(folder, 'allocation.json'), 'utf8'));
  const parts = { binaries, template, port, uid, settings: addOnSettings(20) };
  await flushLog(superuserOf(folder, port));
  const restored = await restoreCluster({ ...parts, ...archiveOf(folder), folder: join(root, 'restored') });
  assert.deepEqual(writer.missing(await rowsOf(restored.superuser, database)), [], 'the backups');
  await restored.stop();
  t.diagnostic(
    `${writer.acknowledged.length} rows acknowledged; killed ${[...done].map(([what, times]) => `${what} ${times}`).join(', ')}`,
  );
});
