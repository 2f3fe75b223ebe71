/**
 * For tests: a process that looks after the databases of `ROOT`, as control does, until it is killed. A line on stdin
 * asks for a work; one is done after the other, and the beginning and the end of each are said.
 */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AddOnId } from '../../domain/ids.ts';
import type { AddOnRecord } from '../ports.ts';
import { AddOnReconciler } from '../reconciler.ts';
import { FileRecords, openProvider } from '../reconciler-process.fixture.ts';
import { dumpContent, restoreContent } from './postgres-content.ts';

const [root = '', firstPort = ''] = process.argv.slice(2);
const never = new AbortController().signal;
const quiet = { onProgress: () => {}, onWarning: () => {}, signal: never };
const records = new FileRecords(root);
const provider = await openProvider(root, Number(firstPort));
const reconciler = new AddOnReconciler(records, [provider], () => {});
const dump = join(root, 'books.dump');

const rowOf = async (name: string): Promise<AddOnRecord | undefined> =>
  (await records.live()).find((row) => row.name === name);
const idOf = async (name: string): Promise<AddOnId> => {
  const row = await rowOf(name);
  if (row === undefined) throw new Error(`there is no ${name}`);
  return row.id;
};

const works = {
  'base backup': async () => provider.archivistOf(await idOf('books')).baseBackup(),
  drill: async () => provider.archivistOf(await idOf('books')).drill(),
  dump: async () => {
    const books = await rowOf('books');
    if (books) await dumpContent(provider.running(books.id, books.resource), dump, quiet);
  },
  restore: async () => {
    const copy = await rowOf('copy');
    if (!copy || !existsSync(dump)) return;
    const { password } = new URL(records.config(copy.id).URL ?? '');
    const content = { source: createReadStream(dump), mark: 'restored', extensions: [] };
    await restoreContent(provider.running(copy.id, copy.resource), password, content, quiet);
  },
  /** Makes one, or removes the one that is there. */
  fork: async () => {
    const [books, fork] = [await rowOf('books'), await rowOf('fork')];
    if (fork) records.change(fork.id, { state: 'deprovisioning' }, 'provisioned');
    else if (books) {
      const id = crypto.randomUUID() as AddOnId; // a fresh UUID is what an AddOnId is
      const { service, plan } = books;
      const options = { from: books.id };
      records.insert({
        id,
        name: 'fork',
        service,
        plan,
        state: 'provisioning',
        resource: {},
        options,
        failureReason: null,
      });
    }
    const id = fork?.id ?? (await idOf('fork'));
    await reconciler.settled(id, never);
  },
} as const;

export type Work = keyof typeof works;

if (import.meta.main) {
  for (const { name, id } of await records.live()) if (name !== 'fork') await reconciler.settled(id, never);
  process.stdout.write('settled\n');
  const isUp = async (): Promise<boolean> =>
    (await records.live()).every(({ name, id }) => name === 'fork' || provider.isRunning(id));
  for await (const line of createInterface(process.stdin)) {
    // It has found or started them a moment later than it could be asked.
    while (!(await isUp())) await sleep(20);
    process.stdout.write(`begun ${line}\n`);
    // The test says names of works only.
    const outcome = await works[line as Work]().then(
      () => 'done',
      (error: unknown) => `failed: ${String(error)}`,
    );
    process.stdout.write(`${outcome}\n`);
  }
}
