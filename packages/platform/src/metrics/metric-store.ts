import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { downsample, mergePoints, type Point } from './point.ts';

/** Points of one length, in files that hold a span of time each; the oldest file goes when all of it is too old. */
interface Tier {
  readonly name: 'minutes' | 'tens';
  readonly seconds: number;
  readonly fileSeconds: number;
  readonly keptSeconds: number;
}

const hour = 3600;
const day = 24 * hour;
export const minutes: Tier = { name: 'minutes', seconds: 60, fileSeconds: 6 * hour, keptSeconds: day + hour };
export const tens: Tier = { name: 'tens', seconds: 600, fileSeconds: day, keptSeconds: 7 * day + hour };

/**
 * Keeps points in files below a folder per app: one JSON object a line, appended, never changed. A line that a crash has
 * cut is passed over. What is kept of an app is bounded by the number of whiles there are.
 */
export class MetricStore {
  readonly #folder: string;
  /** Up to when an app's minutes are summed up; from the files when this process has not yet looked. */
  readonly #summedUntil = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps a minute, and sums up tens of them that have ended since; one call an app at a time. */
  async add(appId: string, point: Point): Promise<void> {
    await this.#append(appId, minutes, [point]);
    const slot = point.at - (point.at % tens.seconds);
    const summed = this.#summedUntil.get(appId) ?? (await this.#summed(appId, slot));
    if (summed < slot) {
      await this.#append(appId, tens, downsample(await this.#read(appId, minutes, summed, slot - 1), tens.seconds));
    }
    this.#summedUntil.set(appId, slot);
  }

  /** Points of a tier that began between two times, the oldest first. */
  async read(appId: string, tier: Tier, fromSeconds: number, toSeconds: number): Promise<Point[]> {
    const kept = await this.#read(appId, tier, fromSeconds, toSeconds);
    if (tier === minutes) return kept;
    // The newest whole is not summed up yet.
    const from = (kept.at(-1)?.at ?? fromSeconds - tens.seconds) + tens.seconds;
    return [...kept, ...downsample(await this.#read(appId, minutes, from, toSeconds), tens.seconds)];
  }

  /** Removes files that are too old, and everything of apps that `isKept` does not know. */
  async tidy(nowSeconds: number, isKept: (appId: string) => boolean): Promise<void> {
    for (const appId of await list(this.#folder)) {
      const folder = join(this.#folder, appId);
      if (!isKept(appId)) {
        this.#summedUntil.delete(appId);
        await rm(folder, { recursive: true, force: true });
        continue;
      }
      for (const name of await list(folder)) {
        const tier = name.startsWith(minutes.name) ? minutes : tens;
        const start = Number(/-(\d+)\.jsonl$/.exec(name)?.[1]);
        const isOver = !(start + tier.fileSeconds >= nowSeconds - tier.keptSeconds);
        if (isOver) await rm(join(folder, name), { force: true });
      }
    }
  }

  async #summed(appId: string, slot: number): Promise<number> {
    const oldest = slot - minutes.keptSeconds;
    const last = (await this.#read(appId, tens, oldest, slot)).at(-1);
    return last === undefined ? oldest - (oldest % tens.seconds) : last.at + tens.seconds;
  }

  async #read(appId: string, tier: Tier, fromSeconds: number, toSeconds: number): Promise<Point[]> {
    const points = new Map<number, Point>();
    for (let start = startOf(tier, fromSeconds); start <= toSeconds; start += tier.fileSeconds) {
      const text = await readFile(this.#file(appId, tier, start), 'utf8').catch(() => '');
      for (const line of text.split('\n')) {
        const point = parse(line);
        if (point === undefined || point.at < fromSeconds || point.at > toSeconds) continue;
        // Two lines of one while: a process ended in it, and the next one went on.
        const other = points.get(point.at);
        points.set(point.at, other === undefined ? point : mergePoints(other, point));
      }
    }
    return [...points.values()].sort((a, b) => a.at - b.at);
  }

  async #append(appId: string, tier: Tier, points: readonly Point[]): Promise<void> {
    for (const point of points) {
      const file = this.#file(appId, tier, startOf(tier, point.at));
      // Begins with a line feed, so that a line that a crash has cut ends there.
      await appendFile(file, `\n${JSON.stringify(point)}`, { mode: 0o600 }).catch(async (error: unknown) => {
        if (!isMissing(error)) throw error;
        await mkdir(join(this.#folder, appId), { recursive: true, mode: 0o700 });
        await appendFile(file, `\n${JSON.stringify(point)}`, { mode: 0o600 });
      });
    }
  }

  #file(appId: string, tier: Tier, start: number): string {
    return join(this.#folder, appId, `${tier.name}-${start}.jsonl`);
  }
}

const startOf = (tier: Tier, at: number): number => at - (at % tier.fileSeconds);

const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const parse = (line: string): Point | undefined => {
  if (line === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    const isPoint = typeof value === 'object' && value !== null && 'at' in value && 'service' in value;
    return isPoint ? (value as Point) : undefined; // written by us, whole
  } catch {
    return undefined;
  }
};
