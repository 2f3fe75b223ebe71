import { readFileSync } from 'node:fs';
import type { Cgroup } from '../cgroup/cgroup.ts';

const lookEveryMs = 1000;
const ticksPerSecond = 100;
/** Of one core: below it a build hardly gets on, and a machine is fully used. */
const nextToNothing = (0.25 * ticksPerSecond * lookEveryMs) / 1000;

const fieldsOf = (path: string): readonly string[] => {
  try {
    const text = readFileSync(path, 'latin1');
    // A process's name in parentheses may hold anything.
    return text
      .slice(text.lastIndexOf(')') + 1)
      .trim()
      .split(/\s+/);
  } catch {
    return [];
  }
};

/** What the machine's processors had no work for, in ticks: idle and waiting for disks, see proc(5). */
const spareTicks = (): number => {
  const [, , , , idle = 0, waiting = 0] = fieldsOf('/proc/stat');
  return Number(idle) + Number(waiting);
};

/** What the processes that live now have had of the CPU. */
const usedTicks = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const fields = fieldsOf(`/proc/${pid}/stat`);
    return sum + Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }, 0);

/**
 * Keeps a build from standing still on a machine whose apps leave nothing of the CPU: then it gets a little in any case,
 * so that the push that mends a spinning app gets through.
 */
export class BuildPace implements Disposable {
  readonly #cgroup: Pick<Cgroup, 'pids' | 'yields'>;
  readonly #timer: NodeJS.Timeout;
  #spare = spareTicks();
  #used = 0;

  constructor(cgroup: Pick<Cgroup, 'pids' | 'yields'>) {
    this.#cgroup = cgroup;
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#cgroup.yields(true);
  }

  #look(): void {
    const [spare, used] = [spareTicks(), usedTicks(this.#cgroup.pids())];
    // Less than before means that a process has ended, which is progress.
    const got = used - this.#used;
    const starved = spare - this.#spare < nextToNothing && got >= 0 && got < nextToNothing;
    this.#cgroup.yields(!starved);
    [this.#spare, this.#used] = [spare, used];
  }
}
