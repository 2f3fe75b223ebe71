import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CgroupBase, findCgroupBase } from './cgroup-base.ts';

export interface CgroupLimits {
  /** Hard limit: above it the kernel kills a process of the group. */
  readonly memoryBytes: number;
  readonly maxProcesses: number;
  /** Relative weight; 1024 is one ordinary share. */
  readonly cpuShares: number;
}

/** A control group that processes can join; its state is the kernel's, so a later process can open it again by name. */
export interface Cgroup {
  readonly name: string;
  /** The files to which a process writes its pid (or 0 for itself) to join; needs the right to write them. */
  readonly procsFiles: readonly string[];
  add(pid: number): Promise<void>;
  /** An argv that joins the group and then becomes `argv`; drop privileges inside `argv`, not around the result. */
  wrap(argv: readonly string[]): string[];
  pids(): Promise<number[]>;
  /** Memory that can't be taken back without swapping: anonymous and shared pages and what is swapped out. */
  memoryBytes(): Promise<number>;
  /** Whether the kernel has ever killed a process of this group for want of memory. */
  outOfMemoryKilled(): Promise<boolean>;
  /** Kills every process of the group with SIGKILL, also those that fork meanwhile; ends when it is empty. */
  kill(): Promise<void>;
  /** Removes an empty group; a group that is gone is fine. */
  remove(): Promise<void>;
}

const joinScript = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"';
const emptyPollMs = 10;
const emptyPolls = 500;

/** Weight 1-10000 of version 2 for shares 2-262144 of version 1. */
const toWeight = (shares: number): number => Math.min(10_000, Math.max(1, Math.round((shares * 100) / 1024)));

const foldersOf = (base: CgroupBase, name: string): string[] =>
  base.version === 2
    ? [join(base.folder, name)]
    : [base.memory, base.pids, base.cpu].flatMap((folder) => (folder ? [join(folder, name)] : []));

const limitFiles = (base: CgroupBase, name: string, limits: CgroupLimits): [file: string, value: number][] => {
  if (base.version === 2) {
    const folder = join(base.folder, name);
    return [
      [join(folder, 'memory.max'), limits.memoryBytes],
      [join(folder, 'memory.swap.max'), 0],
      [join(folder, 'pids.max'), limits.maxProcesses],
      [join(folder, 'cpu.weight'), toWeight(limits.cpuShares)],
    ];
  }
  const memory = join(base.memory, name);
  return [
    [join(memory, 'memory.limit_in_bytes'), limits.memoryBytes],
    [join(memory, 'memory.memsw.limit_in_bytes'), limits.memoryBytes],
    ...(base.pids ? [[join(base.pids, name, 'pids.max'), limits.maxProcesses] as [string, number]] : []),
    ...(base.cpu ? [[join(base.cpu, name, 'cpu.shares'), Math.max(2, limits.cpuShares)] as [string, number]] : []),
  ];
};

/** Numbers of a `key value` file; empty when the file is gone. */
const readCounters = async (file: string): Promise<Map<string, number>> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return new Map(
    text.split('\n').map((line): [string, number] => {
      const [key, value] = line.split(' ');
      return [key ?? '', Number(value ?? 0)];
    }),
  );
};

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');

class KernelCgroup implements Cgroup {
  readonly name: string;
  readonly procsFiles: readonly string[];
  readonly #base: CgroupBase;
  readonly #folders: readonly string[];

  constructor(base: CgroupBase, name: string) {
    this.name = name;
    this.#base = base;
    this.#folders = foldersOf(base, name);
    this.procsFiles = this.#folders.map((folder) => join(folder, 'cgroup.procs'));
  }

  async add(pid: number): Promise<void> {
    for (const file of this.procsFiles) await writeFile(file, String(pid));
  }

  wrap(argv: readonly string[]): string[] {
    return ['/bin/sh', '-c', joinScript, 'sh', ...this.procsFiles, '--', ...argv];
  }

  async pids(): Promise<number[]> {
    const lists = await Promise.all(this.procsFiles.map((file) => readFile(file, 'utf8').catch(() => '')));
    return [...new Set(lists.flatMap((list) => list.split('\n').filter(Boolean).map(Number)))];
  }

  async memoryBytes(): Promise<number> {
    const memory = this.#folders[0] ?? '';
    const stat = await readCounters(join(memory, 'memory.stat'));
    const keys = this.#base.version === 2 ? ['anon', 'shmem'] : ['total_rss', 'total_shmem', 'total_swap'];
    const resident = keys.reduce((sum, key) => sum + (stat.get(key) ?? 0), 0);
    if (this.#base.version === 1) return resident;
    return resident + Number(await readFile(join(memory, 'memory.swap.current'), 'utf8').catch(() => 0));
  }

  async outOfMemoryKilled(): Promise<boolean> {
    const file = this.#base.version === 2 ? 'memory.events' : 'memory.oom_control';
    return ((await readCounters(join(this.#folders[0] ?? '', file))).get('oom_kill') ?? 0) > 0;
  }

  async kill(): Promise<void> {
    if (this.#base.version === 2) {
      await writeFile(join(this.#base.folder, this.name, 'cgroup.kill'), '1').catch(() => {});
    } else if (this.#base.pids) {
      // No more forks, so that the list of pids can only shrink.
      await writeFile(join(this.#base.pids, this.name, 'pids.max'), '0').catch(() => {});
    }
    for (let poll = 0; poll < emptyPolls; poll++) {
      const pids = await this.pids();
      if (pids.length === 0) return;
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch (error) {
          if (!isGone(error)) throw error;
        }
      }
      await sleep(emptyPollMs);
    }
    throw new Error(`Expected group ${this.name} to be empty after SIGKILL, still found ${await this.pids()}.`);
  }

  async remove(): Promise<void> {
    for (const folder of this.#folders) {
      await rmdir(folder).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
    }
  }
}

/**
 * Makes the group, or opens the one of that name, and sets its limits; undefined where this process can't make groups.
 * Names are machine-wide: use something unique, such as `dyno-UUID`. Letters, digits, `-`, `_` and `.` only.
 */
export const openCgroup = async (name: string, limits: CgroupLimits): Promise<Cgroup | undefined> => {
  if (!/^[\w-][\w.-]*$/.test(name)) {
    throw new Error(`Expected a group name of letters, digits, "-", "_" and ".", got ${JSON.stringify(name)}.`);
  }
  const base = await findCgroupBase();
  if (!base) return undefined;
  for (const folder of foldersOf(base, name)) await mkdir(folder, { recursive: true });
  // A kernel may lack one of the files (swap accounting); the memory limit itself is what the probe relies on.
  for (const [file, value] of limitFiles(base, name, limits)) await writeFile(file, String(value)).catch(() => {});
  return new KernelCgroup(base, name);
};

/** Opens the group of that name as it is, limits untouched; undefined when there is none. */
export const findCgroup = async (name: string): Promise<Cgroup | undefined> => {
  const base = await findCgroupBase();
  const folder = base && foldersOf(base, name)[0];
  if (!base || !folder) return undefined;
  const exists = await readFile(join(folder, 'cgroup.procs'), 'utf8').then(
    () => true,
    () => false,
  );
  return exists ? new KernelCgroup(base, name) : undefined;
};
