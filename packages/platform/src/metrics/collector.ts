import { findDynoSize } from '../domain/dyno-size.data.ts';
import type { AppId, DynoId } from '../domain/ids.ts';
import { type LogLine, type LogSink, nowUs } from '../domain/log-line.ts';
import { LoadAverage, type Loads } from './load-average.ts';
import type { MetricStore } from './metric-store.ts';
import { OpenPoint } from './open-point.ts';
import type { Point } from './point.ts';
import { readRequestLine } from './request-line.ts';
import { usageLines } from './usage-lines.ts';

const tickMs = 10_000;
const tidyEveryMs = 60 * 60_000;

/** A dyno as it was seen; what the runtime says of it. */
export interface SeenDyno {
  readonly id: DynoId;
  readonly appId: AppId;
  /** `web.1` */
  readonly name: string;
  readonly size: string;
  readonly memoryBytes: number;
  readonly cpuMs: number | undefined;
}

export interface CollectorOptions {
  readonly store: MetricStore;
  /** Where the lines of `log-runtime-metrics` go. */
  readonly sink: LogSink;
  /** Apps that want such lines. */
  readonly wantLines: () => Promise<readonly AppId[]>;
  /** Apps that there are. */
  readonly apps: () => Promise<readonly AppId[]>;
  readonly nowMs?: () => number;
  readonly onFault: (error: unknown) => void;
}

/** Counts minute by minute what happens to apps, and hands each minute to the store when it is over. */
export class Collector implements AsyncDisposable {
  readonly #options: CollectorOptions;
  readonly #nowMs: () => number;
  readonly #open = new Map<string, OpenPoint>();
  readonly #loads = new Map<DynoId, LoadAverage>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();
  #tidiedAtMs = 0;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#timer = setInterval(() => this.#tick(), tickMs).unref();
  }

  /** A sink that counts what passes through it: requests by the router's lines, errors by their codes. */
  counting(sink: LogSink): LogSink {
    return (appId, lines) => {
      for (const line of lines) if (line.source === 'heroku') this.#noteLine(appId, line);
      sink(appId, lines);
    };
  }

  /** What all dynos that run were seen to use just now. */
  noteDynos(seen: readonly SeenDyno[]): void {
    const ids = new Set(seen.map(({ id }) => id));
    for (const id of this.#loads.keys()) if (!ids.has(id)) this.#loads.delete(id);
    for (const { id, appId, name, size, memoryBytes, cpuMs } of seen) {
      const load = this.#loads.get(id) ?? new LoadAverage();
      this.#loads.set(id, load);
      const quota = findDynoSize(size)?.memoryBytes ?? 0;
      this.#point(appId).noteDyno(name, memoryBytes, quota, load.note(cpuMs, this.#nowMs()));
    }
    if (seen.length > 0) this.#saySoon(seen);
  }

  /** Resolves when every minute that is over is in the store. */
  async settled(): Promise<void> {
    this.#closeBefore(this.#minute());
    await this.#writing;
  }

  /** The minute that isn't over. */
  current(appId: string): Point | undefined {
    return this.#open.get(appId)?.closed();
  }

  /** Hands over what is counted, the minute that isn't over included: the next process adds to it. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#closeBefore(Number.POSITIVE_INFINITY);
    await this.#writing;
  }

  #noteLine(appId: string, { dyno, text }: LogLine): void {
    if (dyno === 'router') {
      const facts = readRequestLine(text);
      if (facts !== undefined) this.#point(appId).noteRequest(facts);
      return;
    }
    const code = text.startsWith('Error ') ? /^Error ([A-Z]\d\d) /.exec(text)?.[1] : undefined;
    if (code !== undefined) this.#point(appId).noteCode(code);
  }

  #minute(): number {
    return Math.floor(this.#nowMs() / 60_000) * 60;
  }

  #point(appId: string): OpenPoint {
    const at = this.#minute();
    const open = this.#open.get(appId);
    if (open?.at === at) return open;
    if (open !== undefined) this.#keep(appId, open);
    const next = new OpenPoint(at);
    this.#open.set(appId, next);
    return next;
  }

  #tick(): void {
    this.#closeBefore(this.#minute());
    if (this.#nowMs() - this.#tidiedAtMs < tidyEveryMs) return;
    this.#tidiedAtMs = this.#nowMs();
    this.#then(async () => {
      const known = new Set<string>(await this.#options.apps());
      await this.#options.store.tidy(Math.floor(this.#nowMs() / 1000), (appId) => known.has(appId));
    });
  }

  #closeBefore(at: number): void {
    for (const [appId, open] of this.#open) {
      if (open.at >= at) continue;
      this.#open.delete(appId);
      this.#keep(appId, open);
    }
  }

  #keep(appId: string, open: OpenPoint): void {
    this.#then(() => this.#options.store.add(appId, open.closed()));
  }

  /** One after the other: metrics are in no hurry, and must not crowd out what is. */
  #then(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch(this.#options.onFault);
  }

  #saySoon(seen: readonly SeenDyno[]): void {
    const averages = new Map<DynoId, Loads | undefined>(seen.map(({ id }) => [id, this.#loads.get(id)?.averages]));
    const say = async (): Promise<void> => {
      const wanting = new Set(await this.#options.wantLines());
      for (const dyno of seen) {
        if (!wanting.has(dyno.appId)) continue;
        const lines = usageLines(dyno, averages.get(dyno.id));
        this.#options.sink(
          dyno.appId,
          lines.map((text) => ({ atUs: nowUs(), source: 'heroku', dyno: dyno.name, text })),
        );
      }
    };
    say().catch(this.#options.onFault);
  }
}
