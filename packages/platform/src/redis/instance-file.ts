import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeDurably } from '../files/write-durably.ts';

/** What may be set while it runs, as `redis:timeout`, `redis:maxmemory` and `redis:keyspace-notifications` do. */
export interface InstanceSettings {
  /** Seconds after which idle clients are cut; 0: never. */
  readonly timeout: number;
  readonly maxmemoryPolicy: string;
  readonly notifyKeyspaceEvents: string;
}

/** All that a server is started from; kept beside its data, for its owner's eyes. */
export interface Instance {
  readonly port: number;
  readonly tlsPort: number;
  /** Unix uid of the server when we are root. */
  readonly uid: number;
  /** Of the user by which we ask it. */
  readonly adminPassword: string;
  /** SHA-256 of the passwords of the customer's user, hex. */
  readonly passwords: readonly { readonly hash: string; readonly endsAtMs?: number }[];
  readonly memoryBytes: number;
  readonly connections: number;
  readonly settings: InstanceSettings;
}

/** Dev Center "Heroku Key-Value Store": idle clients are cut after 5 minutes, and nothing is evicted. */
export const defaultSettings: InstanceSettings = {
  timeout: 300,
  maxmemoryPolicy: 'noeviction',
  notifyKeyspaceEvents: '',
};

const fileOf = (folder: string): string => join(folder, 'instance.json');

export const readInstance = async (folder: string): Promise<Instance | undefined> => {
  try {
    return JSON.parse(await readFile(fileOf(folder), 'utf8')) as Instance; // written below
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

export const writeInstance = async (folder: string, instance: Instance): Promise<void> => {
  await makeFolder(folder, 0o711);
  await writeDurably(fileOf(folder), JSON.stringify(instance));
};
