import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Dice } from '../packages/platform/src/domain/dice.fixture.ts';
import { Machine } from './harness/machine.ts';
import { Member } from './harness/member.ts';
import { ObjectWriter } from './harness/object-writer.ts';
import { processTable, untilGone } from './harness/processes.ts';
import { RowWriter } from './harness/row-writer.ts';

const run = promisify(execFile);
/** `RAVINE_KILLS=200 npm test -- add-ons-kill` kills as often; `RAVINE_KILL_SEED=7` makes the choices of that run again. */
const kills = Number(process.env.RAVINE_KILLS ?? 2);
const seed = Number(process.env.RAVINE_KILL_SEED ?? randomInt(1_000_000));
const dice = new Dice(seed);
let machine: Machine;
let member: Member;
let config: Readonly<Record<string, string>>;
let database: { readonly id: string };

before(async () => {
  machine = await Machine.make({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  await machine.start();
  member = await Member.logIn(machine);
  await member.call('POST', '/apps', { name: 'shop' });
  database = await member.call('POST', '/apps/shop/addons', { plan: 'heroku-postgresql:essential-0' });
  await member.call('POST', '/apps/shop/addons', { plan: 'bucketeer:hobbyist' });
  config = await member.call('GET', '/apps/shop/config-vars');
});
after(() => machine[Symbol.asyncDispose]());

/** Processes of this machine's that their command line names so, with its folder. */
const pidsOf = async (what: RegExp): Promise<number[]> =>
  (await processTable())
    .filter(({ command }) => what.test(command) && command.includes(machine.dataFolder))
    .map(({ pid }) => pid);
const store = (): Promise<number[]> => pidsOf(/bin\/postgres -D \S+\/store\/data/);
const databases = (): Promise<number[]> => pidsOf(/bin\/postgres -D \S+\/addons\//);
const objectStore = (): Promise<number[]> => pidsOf(/processes\/object-store\.ts/);
/** Control that was just killed has to be there again to be killed once more. */
const family = async (): ReturnType<Machine['processes']> => {
  await machine.apiAnswers();
  return machine.processes();
};
const control = async (): Promise<number[]> => [(await family()).control.pid];
const ravine = async (): Promise<number[]> => {
  const { supervisor, control, routers } = await family();
  return [supervisor, control, ...routers].map(({ pid }) => pid);
};

const victims: Readonly<Record<string, readonly (() => Promise<number[]>)[]>> = {
  everything: [ravine, store, databases, objectStore],
  'the store and the object store': [store, objectStore],
  'control and the database': [control, databases],
  'the store': [store],
  'the object store': [objectStore],
  'the database': [databases],
  'all of Ravine': [ravine],
};

const kill9 = async (victim: string): Promise<void> => {
  const pids = (await Promise.all((victims[victim] ?? []).map((find) => find()))).flat();
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {} // It went with another one.
  }
  await Promise.all(pids.map(untilGone));
  if (victims[victim]?.includes(ravine)) await machine.start();
};

test(`after ${kills} kills of everything and of parts, no acknowledged row or object is missing`, async (t) => {
  t.diagnostic(`RAVINE_KILL_SEED=${seed}`);
  const url = config.DATABASE_URL ?? '';
  const rows = new RowWriter(url);
  const objects = new ObjectWriter(config.BUCKETEER_BUCKET_NAME ?? '', {
    endpoint: config.AWS_S3_ENDPOINT_URL ?? '',
    region: config.AWS_REGION ?? '',
    credentials: {
      accessKeyId: config.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: config.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const both = (count: number) => Promise.all([rows.more(count), objects.more(count)]);
  const names = Object.keys(victims);
  for (let n = 0; n < kills; n++) {
    await both(1 + dice.below(30));
    // The moment is what varies, with a backup under way or not.
    if (dice.chance(0.5)) await beginBackup();
    await sleep(dice.below(700));
    await kill9(names[n === 0 ? 0 : dice.below(names.length)] ?? '');
  }
  await both(20);
  await machine.apiAnswers();
  while ((await beginBackup()) === 0);
  while ((await transfers()).some(({ finished_at }) => finished_at === null)) await sleep(50);
  const ended = (await transfers()).toSorted((a, b) => a.num - b.num);
  assert.ok(ended.at(-1)?.succeeded, 'the next backup succeeds');
  await rows.stop();
  const { stdout } = await run('psql', [url, '-Atqc', 'SELECT n FROM counter'], { maxBuffer: 64 * 1024 * 1024 });
  const there = new Set(stdout.split('\n').map(Number));
  assert.deepEqual(
    rows.acknowledged.filter((n) => !there.has(n)),
    [],
  );
  assert.deepEqual(await objects.stop(), []);
  t.diagnostic(
    `${rows.acknowledged.length} rows, ${objects.acknowledged.size} objects, ${ended.length} backups, ${ended.filter(({ succeeded }) => succeeded).length} of them succeeded`,
  );
});

/** @returns how many were begun: none where the API is away. */
const beginBackup = async (): Promise<number> => {
  const asked = member.ask('POST', `/client/v11/databases/${database.id}/backups`, {});
  return asked.then(
    async (response) => {
      await response.text();
      return response.ok ? 1 : 0;
    },
    () => 0,
  );
};

interface Transfer {
  readonly num: number;
  readonly finished_at: string | null;
  readonly succeeded: boolean | null;
}
const transfers = (): Promise<readonly Transfer[]> => member.call('GET', '/client/v11/apps/shop/transfers');
