const minuteMs = 60_000;
const spans = [1, 5, 15] as const;

/** Load averages of the last one, five and fifteen minutes. */
export type Loads = readonly [number, number, number];

/**
 * The load of a dyno: how many processors it kept busy, averaged with weights that fade as those of the system's load do.
 * Processes that wait for a processor are not in it, as what one can see from outside is what they had.
 */
export class LoadAverage {
  #last: { readonly cpuMs: number; readonly atMs: number } | undefined;
  #averages: Loads | undefined;

  /** @returns processors in use since the sample before; undefined of the first, or where the system doesn't tell. */
  note(cpuMs: number | undefined, atMs: number): number | undefined {
    const before = this.#last;
    if (cpuMs === undefined || (before !== undefined && atMs <= before.atMs)) return undefined;
    this.#last = { cpuMs, atMs };
    if (before === undefined) return undefined;
    const passedMs = atMs - before.atMs;
    const load = Math.max(0, cpuMs - before.cpuMs) / passedMs;
    const fade = (old: number, span: number): number => load + (old - load) * Math.exp(-passedMs / (span * minuteMs));
    const [one, five, fifteen] = this.#averages ?? [load, load, load];
    this.#averages = [fade(one, spans[0]), fade(five, spans[1]), fade(fifteen, spans[2])];
    return load;
  }

  get averages(): Loads | undefined {
    return this.#averages;
  }
}
