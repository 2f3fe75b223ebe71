import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** One process as the system sees it now. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** When it started, in the system's own notation; with the pid and the boot it names a process for good. */
  readonly started: string;
  readonly residentBytes: number;
  /** Time on processors of it and of its ended children, in ticks of 10 ms; undefined where `ps` is all there is. */
  readonly cpuTicks?: number;
}

const hasProc = existsSync('/proc/self/stat');

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

const pageBytes = once(() => Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })) || 4096);

/** Differs after each boot of the machine, when pids begin anew. */
export const bootId = once(() =>
  hasProc
    ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    : execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' }).trim(),
);

/** Reads a line of proc(5) `stat`; undefined for a zombie, which runs nothing any more. */
const parseStat = (pid: number, text: string): ProcessEntry | undefined => {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    started: fields[19] ?? '',
    residentBytes: Number(fields[21] ?? 0) * pageBytes(),
    cpuTicks: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0),
  };
};

/** Reads a line of `ps -o pid=,ppid=,pgid=,rss=,stat=,lstart=`; a group stands for the session there. */
export const parsePsLine = (line: string): ProcessEntry | undefined => {
  const [pid, parent, group, kilobytes, state, ...started] = line.trim().split(/\s+/);
  if (pid === undefined || state === undefined || state.startsWith('Z')) return undefined;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    session: Number(group),
    started: started.join(' '),
    residentBytes: Number(kilobytes) * 1024,
  };
};

const ps = (selection: readonly string[]): ProcessEntry[] => {
  try {
    const text = execFileSync('ps', [...selection, '-o', 'pid=,ppid=,pgid=,rss=,stat=,lstart='], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text
      .split('\n')
      .map(parsePsLine)
      .filter((entry) => entry !== undefined);
  } catch {
    return [];
  }
};

/** The process of this pid, or undefined where there is none (or only a zombie). */
export const readProcess = (pid: number): ProcessEntry | undefined => {
  if (!hasProc) return ps(['-p', String(pid)])[0];
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
};

export const readProcessTable = (): readonly ProcessEntry[] => {
  if (!hasProc) return ps(['-A']);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((entry) => entry !== undefined);
};

/** Whether an orphan belongs to the dyno of this HOME: daemons leave session and parents, but keep their environment. */
const carriesHome = (pid: number, home: string): boolean => {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(`\0HOME=${home}\0`);
  } catch {
    return false;
  }
};

/** What tells a dyno's processes from others. */
export interface Membership {
  /** Pid of its first process, which leads its session and group. */
  readonly leader: number;
  /** Whether that process lives; if not, its pid may lead strangers by now, and the session alone proves nothing. */
  readonly leaderAlive: boolean;
  readonly home: string;
  /** Pids that are its own for another reason. */
  readonly known: readonly number[];
}

/** Every process of a dyno: its session, their descendants, and orphans with its HOME. */
export const membersOf = (
  table: readonly ProcessEntry[],
  { leader, leaderAlive, home, known }: Membership,
): readonly ProcessEntry[] => {
  const members = new Set<number>(known);
  for (const entry of table) {
    const led = entry.session === leader || entry.group === leader;
    if (led && leaderAlive) members.add(entry.pid);
    else if ((led || entry.parent === 1) && hasProc && carriesHome(entry.pid, home)) members.add(entry.pid);
  }
  for (let size = -1; size !== members.size; ) {
    size = members.size;
    for (const entry of table) if (members.has(entry.parent)) members.add(entry.pid);
  }
  members.delete(process.pid);
  return table.filter((entry) => members.has(entry.pid));
};

/** Sends a signal; a process that is gone already is no fault. */
export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
};
