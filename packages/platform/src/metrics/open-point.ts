import { bucketOf } from './histogram.ts';
import type { DynoPoint, Point } from './point.ts';
import type { RequestFacts } from './request-line.ts';

/** A minute that is still being counted. */
export class OpenPoint {
  readonly at: number;
  readonly #requests = new Map<string, number>();
  readonly #codes = new Map<string, number>();
  readonly #service = new Map<number, number>();
  readonly #dynos = new Map<string, DynoPoint>();

  constructor(at: number) {
    this.at = at;
  }

  noteRequest({ status, code, serviceMs }: RequestFacts): void {
    count(this.#requests, String(Math.floor(status / 100)));
    if (code !== undefined) count(this.#codes, code);
    if (serviceMs !== undefined) count(this.#service, bucketOf(serviceMs));
  }

  noteCode(code: string): void {
    count(this.#codes, code);
  }

  /** @param load processors in use; undefined where that isn't known yet */
  noteDyno(name: string, memoryBytes: number, quota: number, load: number | undefined): void {
    const before = this.#dynos.get(name);
    this.#dynos.set(name, {
      samples: (before?.samples ?? 0) + 1,
      memorySum: (before?.memorySum ?? 0) + memoryBytes,
      memoryMax: Math.max(before?.memoryMax ?? 0, memoryBytes),
      quota,
      loadSamples: (before?.loadSamples ?? 0) + (load === undefined ? 0 : 1),
      loadSum: rounded((before?.loadSum ?? 0) + (load ?? 0)),
      loadMax: rounded(Math.max(before?.loadMax ?? 0, load ?? 0)),
    });
  }

  closed(): Point {
    return {
      at: this.at,
      requests: Object.fromEntries(this.#requests),
      codes: Object.fromEntries(this.#codes),
      service: [...this.#service].sort(([a], [b]) => a - b),
      dynos: Object.fromEntries(this.#dynos),
    };
  }
}

const count = <Key>(counts: Map<Key, number>, key: Key): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const rounded = (load: number): number => Math.round(load * 1000) / 1000;
