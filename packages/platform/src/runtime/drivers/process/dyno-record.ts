import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppId, DynoId } from '../../../domain/ids.ts';
import { bootId, readProcess } from './process-table.ts';

/** Names a process beyond pid reuse and reboots. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string;
  readonly bootId: string;
}

/** What `dyno.json` holds; it is written before the command runs, so a folder without it never ran anything. */
export interface DynoRecord {
  readonly id: DynoId;
  readonly appId: AppId;
  readonly name: string;
  readonly attached: boolean;
  /** Its first process: the shim, or on a terminal the command itself. */
  readonly shim: ProcessIdentity;
  /** Whether that is the shim, which records the command's pid and exit. */
  readonly kept: boolean;
  /** Who started it; an attached dyno dies with it. */
  readonly owner: ProcessIdentity;
  readonly startedAtMs: number;
  readonly uid: number;
  readonly memoryBytes: number;
  readonly port?: number;
}

/** What `end.json` holds, once the dyno has exited. */
export interface DynoEnd {
  readonly exitCode?: number;
  readonly outOfMemory: boolean;
}

/** @throws Error when the process is gone before it could be looked at. */
export const identify = (pid: number): ProcessIdentity => {
  const entry = readProcess(pid);
  if (entry === undefined) throw new Error(`Expected process ${pid} to run, but it is gone.`);
  return { pid, started: entry.started, bootId: bootId() };
};

export const isAlive = (identity: ProcessIdentity): boolean => {
  if (identity.bootId !== bootId()) return false;
  return readProcess(identity.pid)?.started === identity.started;
};

const writeJson = (folder: string, name: string, value: unknown): void => {
  const file = join(folder, name);
  writeFileSync(`${file}.tmp`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
};

const readJson = (folder: string, name: string): unknown => {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'));
  } catch {
    return undefined;
  }
};

export const writeRecord = (folder: string, record: DynoRecord): void => writeJson(folder, 'dyno.json', record);
export const writeEnd = (folder: string, end: DynoEnd): void => writeJson(folder, 'end.json', end);
// Casts: only the two functions above write these files, whole or not at all, in a folder that only we may write to.
export const readRecord = (folder: string): DynoRecord | undefined =>
  readJson(folder, 'dyno.json') as DynoRecord | undefined;
export const readEnd = (folder: string): DynoEnd | undefined => readJson(folder, 'end.json') as DynoEnd | undefined;

/** What the shim wrote: the pid of the command and, after its end, the exit status. Only whole lines count. */
export const readStatus = (folder: string): { readonly pid?: number; readonly exitCode?: number } => {
  let text = '';
  try {
    text = readFileSync(join(folder, 'status'), 'latin1');
  } catch {
    return {};
  }
  const pid = /^pid (\d+)\n/m.exec(text)?.[1];
  const exit = /^exit (\d+)\n/m.exec(text)?.[1];
  return {
    ...(pid === undefined ? {} : { pid: Number(pid) }),
    ...(exit === undefined ? {} : { exitCode: Number(exit) }),
  };
};
