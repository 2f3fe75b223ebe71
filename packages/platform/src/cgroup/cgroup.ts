import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CgroupBase, findCgroupBase, isIdleFolder, setIdle } from './cgroup-base.ts';

export interface CgroupLimits {
  /** Hard limit: above it the kernel kills a process of the group. */
  readonly memoryBytes: number;
  readonly maxProcesses: number;
  /** Relative weight, 1024 is one ordinary share; or `idle`: what nobody else on this machine wants, or little of it where the kernel knows no idle groups. */
  readonly cpuShares: number | 'idle';
  /** Whether all of the group dies when the kernel kills one of it for want of memory, where the kernel can do that (version 2). */
  readonly diesTogether?: boolean;
}

/**
 * A control group that processes can join; its state is the kernel's, so a later process can open it again by name.
 * The kernel's files answer at once, so all but waiting for an end is synchronous.
 */
export interface Cgroup {
  readonly name: string;
  /** The files to which a process writes its pid (or 0 for itself) to join; needs the right to write them. */
  readonly procsFiles: readonly string[];
  add(pid: number): void;
  /** An argv that joins the group and then becomes `argv`; drop privileges inside `argv`, not around the result. */
  wrap(argv: readonly string[]): string[];
  /** Whether idle groups, all of this machine's, leave the CPU to everybody else or get a little of it in any case; says nothing to other groups. */
  yields(always: boolean): void;
  pids(): readonly number[];
  /** Memory that can't be taken back without swapping: anonymous and shared pages and what is swapped out. */
  memoryBytes(): number;
  /** Time on processors that its processes have had since it was made; undefined where the kernel doesn't count it here. */
  cpuMs(): number | undefined;
  /** Whether the kernel has ever killed a process of this group for want of memory. */
  outOfMemoryKilled(): boolean;
  /** Kills every process of the group with SIGKILL, also those that fork meanwhile; ends when it is empty. Idle groups get on until then. */
  kill(): Promise<void>;
  /** Removes an empty group; a group that is gone is fine. */
  remove(): void;
}

const joinScript = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"';
const emptyPollMs = 10;
/** Half a minute: to give back much memory takes time that idle groups of a busy machine hardly get. */
const emptyPolls = 3000;

/** Weight 1-10000 of version 2 for shares 2-262144 of version 1. */
const toWeight = (shares: number): number => Math.min(10_000, Math.max(1, Math.round((shares * 100) / 1024)));

const ordinaryShares = 1024;
/** Where idle groups have no place of their own. */
const lowShares = 128;

/** A group's folders; all are the same in version 2. */
interface Folders {
  readonly memory: string;
  readonly pids?: string;
  readonly cpu?: string;
}

const foldersOf = (base: CgroupBase, name: string, idle: boolean): Folders => {
  if (base.version === 2) {
    const folder = join((idle ? base.idleFolder : undefined) ?? base.folder, name);
    return { memory: folder, pids: folder, cpu: folder };
  }
  const cpu = (idle ? base.idleCpu : undefined) ?? base.cpu;
  return {
    memory: join(base.memory, name),
    ...(base.pids && { pids: join(base.pids, name) }),
    ...(cpu && { cpu: join(cpu, name) }),
  };
};

const listOf = (folders: Folders): string[] => [
  ...new Set([folders.memory, folders.pids, folders.cpu].filter((folder) => folder !== undefined)),
];

const sharesOf = (base: CgroupBase, { cpuShares }: CgroupLimits): number => {
  if (cpuShares !== 'idle') return cpuShares;
  return (base.version === 2 ? base.idleFolder : base.idleCpu) === undefined ? lowShares : ordinaryShares;
};

const limitFiles = (
  base: CgroupBase,
  { memory, pids, cpu }: Folders,
  limits: CgroupLimits,
): [file: string, value: number][] => {
  const shares = sharesOf(base, limits);
  if (base.version === 2) {
    return [
      [join(memory, 'memory.max'), limits.memoryBytes],
      [join(memory, 'memory.swap.max'), 0],
      [join(memory, 'pids.max'), limits.maxProcesses],
      [join(memory, 'cpu.weight'), toWeight(shares)],
      [join(memory, 'memory.oom.group'), limits.diesTogether === true ? 1 : 0],
    ];
  }
  return [
    [join(memory, 'memory.limit_in_bytes'), limits.memoryBytes],
    [join(memory, 'memory.memsw.limit_in_bytes'), limits.memoryBytes],
    ...(pids ? [[join(pids, 'pids.max'), limits.maxProcesses] as [string, number]] : []),
    ...(cpu ? [[join(cpu, 'cpu.shares'), Math.max(2, shares)] as [string, number]] : []),
  ];
};

/** The text of one of the kernel's files; empty when it is gone. */
const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** Writes one of the kernel's files that it may lack or refuse. */
const tryWrite = (file: string, value: number): void => {
  try {
    writeFileSync(file, String(value));
  } catch {
    // What the probe relies on is there.
  }
};

/** Numbers of a `key value` file; empty when the file is gone. */
const readCounters = (file: string): ReadonlyMap<string, number> =>
  new Map(
    read(file)
      .split('\n')
      .map((line): [string, number] => {
        const [key, value] = line.split(' ');
        return [key ?? '', Number(value ?? 0)];
      }),
  );

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');

class KernelCgroup implements Cgroup {
  readonly name: string;
  readonly procsFiles: readonly string[];
  readonly #version: CgroupBase['version'];
  readonly #folders: Folders;

  constructor(version: CgroupBase['version'], name: string, folders: Folders) {
    this.name = name;
    this.#version = version;
    this.#folders = folders;
    this.procsFiles = listOf(folders).map((folder) => join(folder, 'cgroup.procs'));
  }

  add(pid: number): void {
    for (const file of this.procsFiles) writeFileSync(file, String(pid));
  }

  wrap(argv: readonly string[]): string[] {
    return ['/bin/sh', '-c', joinScript, 'sh', ...this.procsFiles, '--', ...argv];
  }

  yields(always: boolean): void {
    const parent = dirname(this.#folders.cpu ?? '');
    try {
      if (isIdleFolder(parent)) setIdle(parent, always);
    } catch {
      // As it was.
    }
  }

  pids(): readonly number[] {
    const lists = this.procsFiles.map(read);
    return [...new Set(lists.flatMap((list) => list.split('\n').filter(Boolean).map(Number)))];
  }

  memoryBytes(): number {
    const { memory } = this.#folders;
    const stat = readCounters(join(memory, 'memory.stat'));
    const keys = this.#version === 2 ? ['anon', 'shmem'] : ['total_rss', 'total_shmem', 'total_swap'];
    const resident = keys.reduce((sum, key) => sum + (stat.get(key) ?? 0), 0);
    return this.#version === 1 ? resident : resident + Number(read(join(memory, 'memory.swap.current')));
  }

  cpuMs(): number | undefined {
    const { cpu } = this.#folders;
    if (cpu === undefined) return undefined;
    if (this.#version === 2) {
      const micros = readCounters(join(cpu, 'cpu.stat')).get('usage_usec');
      return micros === undefined ? undefined : micros / 1000;
    }
    const nanos = read(join(cpu, 'cpuacct.usage'));
    return nanos === '' ? undefined : Number(nanos) / 1e6;
  }

  outOfMemoryKilled(): boolean {
    const file = this.#version === 2 ? 'memory.events' : 'memory.oom_control';
    return (readCounters(join(this.#folders.memory, file)).get('oom_kill') ?? 0) > 0;
  }

  async kill(): Promise<void> {
    this.yields(false);
    try {
      await this.#killAll();
    } finally {
      this.yields(true);
    }
  }

  async #killAll(): Promise<void> {
    if (this.#version === 2) {
      tryWrite(join(this.#folders.memory, 'cgroup.kill'), 1);
    } else if (this.#folders.pids) {
      // No more forks, so that the list of pids can only shrink.
      tryWrite(join(this.#folders.pids, 'pids.max'), 0);
    }
    for (let poll = 0; poll < emptyPolls; poll++) {
      const pids = this.pids();
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
    throw new Error(`Expected group ${this.name} to be empty after SIGKILL, still found ${this.pids()}.`);
  }

  remove(): void {
    for (const folder of listOf(this.#folders)) {
      try {
        rmdirSync(folder);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
  }
}

/** The groups that can be made at a base, by names that are the machine's: use something unique, such as a UUID. */
export const cgroupsAt = (base: CgroupBase) => ({
  /** Makes the group, or opens the one of that name, and sets its limits. */
  open(name: string, limits: CgroupLimits): Cgroup {
    const folders = foldersOf(base, name, limits.cpuShares === 'idle');
    for (const folder of listOf(folders)) mkdirSync(folder, { recursive: true });
    // A kernel may lack one of the files (swap accounting); the memory limit itself is what the probe relies on.
    for (const [file, value] of limitFiles(base, folders, limits)) tryWrite(file, value);
    return new KernelCgroup(base.version, name, folders);
  },
  /** The group of that name as it is, limits untouched; undefined when there is none. */
  find(name: string): Cgroup | undefined {
    for (const idle of [true, false]) {
      const folders = foldersOf(base, name, idle);
      if (existsSync(join(folders.cpu ?? folders.memory, 'cgroup.procs')))
        return new KernelCgroup(base.version, name, folders);
    }
    return undefined;
  },
});

/**
 * Makes the group, or opens the one of that name, and sets its limits; undefined where this process can't make groups.
 * Names are machine-wide: use something unique, such as `dyno-UUID`. Letters, digits, `-`, `_` and `.` only.
 */
export const openCgroup = async (name: string, limits: CgroupLimits): Promise<Cgroup | undefined> => {
  if (!/^[\w-][\w.-]*$/.test(name)) {
    throw new Error(`Expected a group name of letters, digits, "-", "_" and ".", got ${JSON.stringify(name)}.`);
  }
  const base = await findCgroupBase();
  return base && cgroupsAt(base).open(name, limits);
};

/** Opens the group of that name as it is, limits untouched; undefined when there is none. */
export const findCgroup = async (name: string): Promise<Cgroup | undefined> => {
  const base = await findCgroupBase();
  return base && cgroupsAt(base).find(name);
};
