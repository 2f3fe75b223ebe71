import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locateBinaries } from '../postgres/binaries.ts';
import { ClusterTemplate } from '../postgres/template.ts';
import { templatesFolder } from '../postgres/testing/templates-folder.ts';
import type { AddOnRecord, AddOnRecords } from './ports.ts';
import type { Provisioned } from './provider.ts';
import { PostgresProvider } from './providers/postgres.ts';
import { AddOnReconciler } from './reconciler.ts';

type Row = AddOnRecord & { readonly config?: Readonly<Record<string, string>> };

/** The rows in one JSON file, replaced as a whole at each change, so that they survive kill -9 of any process. */
export class FileRecords implements AddOnRecords {
  readonly #path: string;

  constructor(root: string) {
    this.#path = join(root, 'rows.json');
  }

  async live(): Promise<readonly AddOnRecord[]> {
    return this.#read();
  }

  config(id: string): Readonly<Record<string, string>> {
    return this.#read().find((row) => row.id === id)?.config ?? {};
  }

  insert(row: Row): void {
    this.#write([...this.#read(), row]);
  }

  change(id: string, change: Partial<Row>, from?: AddOnRecord['state']): void {
    const applies = (row: Row) => row.id === id && (from === undefined || row.state === from);
    this.#write(this.#read().map((row) => (applies(row) ? { ...row, ...change } : row)));
  }

  async provisioned(id: string, { resource, config }: Provisioned): Promise<void> {
    this.change(id, { state: 'provisioned', resource, config, failureReason: null }, 'provisioning');
  }

  async abandoned(id: string, failureReason: string): Promise<void> {
    this.change(id, { state: 'deprovisioning', failureReason }, 'provisioning');
  }

  async deprovisioned(id: string): Promise<void> {
    this.#write(this.#read().filter((row) => row.id !== id));
  }

  async noteFailure(id: string, failureReason: string | null): Promise<void> {
    this.change(id, { failureReason });
  }

  #read(): readonly Row[] {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as Row[]; // What #write wrote.
    } catch {
      return [];
    }
  }

  #write(rows: readonly Row[]): void {
    writeFileSync(`${this.#path}.${process.pid}`, JSON.stringify(rows));
    renameSync(`${this.#path}.${process.pid}`, this.#path);
  }
}

/** Databases below `root`. */
export const openProvider = async (root: string, firstPort: number): Promise<PostgresProvider> => {
  const binaries = await locateBinaries(join(root, 'runtimes'));
  const template = new ClusterTemplate(binaries, templatesFolder(root));
  const ports = { from: firstPort, to: firstPort + 50 };
  return new PostgresProvider({ binaries, template, folder: join(root, 'addons'), ports });
};

/** A reconciler over the rows in `root`, with databases below it; closing it lets go of them. */
export const startReconciler = async (root: string, firstPort: number): Promise<AddOnReconciler> => {
  const provider = await openProvider(root, firstPort);
  const reconciler = new AddOnReconciler(new FileRecords(root), [provider], () => {});
  const close = reconciler.close.bind(reconciler);
  reconciler.close = async () => {
    await close();
    await provider.close();
  };
  return reconciler;
};

if (import.meta.main) {
  const [root = '', firstPort = ''] = process.argv.slice(2);
  const reconciler = await startReconciler(root, Number(firstPort));
  const never = new AbortController().signal;
  for (const row of await new FileRecords(root).live()) await reconciler.settled(row.id, never);
  console.log('settled');
}
