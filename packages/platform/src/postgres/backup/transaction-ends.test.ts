import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { locateBinaries } from '../binaries.ts';
import { type Cluster, openCluster, removeCluster } from '../cluster.ts';
import { withSuperuser } from '../superuser.ts';
import { ClusterTemplate } from '../template.ts';
import { templatesFolder } from '../testing/templates-folder.ts';
import { addOnSettings } from '../tuning.data.ts';
import { LogExtent, type TransactionEnd, TransactionEnds } from './transaction-ends.ts';
import { isSegment, lsnNumber, lsnText } from './wal-segments.ts';

let root: string;
let cluster: Cluster;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-ends-'));
  await chmod(root, 0o755);
  const binaries = await locateBinaries(join(root, 'runtimes'));
  const template = new ClusterTemplate(binaries, templatesFolder(root));
  const port = 25_000 + (process.pid % 100);
  cluster = await openCluster({
    ...{ binaries, template, folder: join(root, 'db'), port, tcp: false, uid: 300_902, bootstrap: [] },
    settings: { ...addOnSettings(5), autovacuum: false },
  });
  await cluster.start();
});

after(async () => {
  await removeCluster(join(root, 'db'));
  await rm(root, { recursive: true, force: true });
});

interface Witnessed {
  readonly from: number;
  readonly to: number;
  readonly fromMicros: number;
  readonly toMicros: number;
}

/** Ends transactions of many sizes, so that their records fall on every part of pages and across segments. */
const transact = (): Promise<readonly Witnessed[]> =>
  withSuperuser(cluster.superuser, 'app', async (client) => {
    const here = async (): Promise<[number, number]> => {
      const { rows } = await client.query<{ lsn: string; at: string }>(
        'SELECT pg_current_wal_insert_lsn() AS lsn, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS at',
      );
      return [lsnNumber(rows[0]?.lsn ?? ''), Number(rows[0]?.at)];
    };
    const seen: Witnessed[] = [];
    await client.query('CREATE TABLE parts (n int, text text); ALTER TABLE parts ALTER text SET STORAGE PLAIN');
    for (let n = 0; n < 250; n++) {
      const [from, fromMicros] = await here();
      await client.query(`BEGIN; INSERT INTO parts VALUES (${n}, repeat('x', ${(n * 373) % 7919}))`);
      // Savepoints make the record of the end long enough to lie across pages.
      if (n % 50 === 1) for (let s = 0; s < 70; s++) await client.query(`SAVEPOINT s; INSERT INTO parts VALUES (${s})`);
      await client.query(n % 5 === 0 ? 'ROLLBACK' : 'COMMIT');
      const [to, toMicros] = await here();
      seen.push({ from, to, fromMicros, toMicros });
    }
    return seen;
  });

test('every end of a transaction is found in the log, at its place and time', async () => {
  const seen = await transact();
  await withSuperuser(cluster.superuser, 'app', (client) => client.query('SELECT pg_switch_wal()'));
  const folder = join(root, 'db', 'data', 'pg_wal');
  const names = (await readdir(folder)).filter(isSegment).sort();
  const segments = await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(join(folder, name)) })),
  );
  const reader = new TransactionEnds();
  const found: TransactionEnd[] = segments.flatMap(({ name, content }) => [...reader.in(name, content)]);
  assert.ok(segments.length > 3, 'the log has several segments');
  for (const one of seen) {
    const here = found.filter((end) => end.lsn >= one.from && end.lsn < one.to);
    assert.equal(here.length, 1, `between ${lsnText(one.from)} and ${lsnText(one.to)}`);
    assert.ok(here.every((end) => end.atMicros >= one.fromMicros && end.atMicros <= one.toMicros));
  }

  const middle = seen[125];
  const between = new Date(Math.floor((middle?.toMicros ?? 0) / 1000) + 1);
  const extent = new LogExtent(between, lsnText(seen[0]?.from ?? 0));
  for (const { name, content } of segments) if (!extent.isOver) extent.wants(name, content);
  assert.equal(extent.isOver, true);
  const last = found.findLast((end) => end.atMicros <= between.getTime() * 1000);
  assert.deepEqual(extent.last, last);
  assert.ok((last?.lsn ?? 0) >= (middle?.from ?? Number.NaN));
});
