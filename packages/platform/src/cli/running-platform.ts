import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { type DataFolder, dataFolder, type PlatformState } from '../domain/data-folder.ts';
import { readSettings, type Settings } from '../domain/settings.ts';

/** The data folder that settings name, or the user's default one. */
export const resolveDataFolder = (settings: Settings): DataFolder =>
  dataFolder(resolve(settings.dataFolder ?? defaultDataFolder()));

const defaultDataFolder = (): string => {
  if (userInfo().uid === 0) return '/var/lib/ravine';
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'ravine');
};

/** The data folder that `--data` or the environment names. */
export const dataFolderOf = (flags: Readonly<Record<string, string>>): DataFolder =>
  resolveDataFolder(readSettings(flags, process.env));

/** What a running (or the last run) platform wrote about itself. */
export const readPlatformState = async (data: DataFolder): Promise<PlatformState | undefined> => {
  try {
    return JSON.parse(await readFile(data.platformState, 'utf8')) as PlatformState; // written whole by the supervisor
  } catch {
    return undefined;
  }
};

/** Whether a process with this id exists (signal 0, POSIX kill). */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** The supervisor that runs on this data folder now. */
export const runningSupervisor = async (data: DataFolder): Promise<number | undefined> => {
  const text = await readFile(data.supervisorPid, 'utf8').catch(() => '');
  const pid = Number(text.trim());
  if (!Number.isSafeInteger(pid) || pid <= 1 || !isAlive(pid)) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'ravine');
  return command.includes('ravine') ? pid : undefined;
};

export const notRunning = (data: DataFolder): Error =>
  new Error(`no platform runs on ${data.root}; start it with \`ravine up\` (or name its folder with --data)`);
