import { errorLine } from '../domain/log-codes.data.ts';
import { type LogLine, type LogSink, nowUs } from '../domain/log-line.ts';
import { Redactor } from '../secrets/redactor.ts';
import { secretValues } from '../secrets/secret-values.ts';
import { formatTime } from './format.ts';
import { RateBound } from './rate-bound.ts';

/** Dev Center "Logging": longer lines are split. */
const maxLineChars = 10_000;

/** What the ingest needs of a log store. */
export interface LogDestination {
  append(appId: string, lines: readonly LogLine[]): number;
  flushed(appId: string): Promise<void>;
  settled(): Promise<void>;
}

export interface LogIngestOptions {
  readonly store: LogDestination;
  /** Sustained rate of an app's own lines, and again of its router lines; events of the platform always pass. */
  readonly linesPerSecond?: number;
  /** Room for what dynos said while this process was away. */
  readonly burstLines?: number;
  /** Dropped lines are reported at most this often. */
  readonly noticeEveryMs?: number;
  readonly onError?: (error: unknown) => void;
}

interface AppIntake {
  redactor: Redactor;
  secrets: readonly string[];
  readonly bounds: Map<string, RateBound>;
  dropped: number;
  droppedSinceUs: number;
  notice: NodeJS.Timeout | undefined;
}

/** The one way into the logs: bounds what an app may say, redacts its secrets, stores the rest. */
export class LogIngest {
  readonly #store: LogDestination;
  readonly #linesPerSecond: number;
  readonly #burstLines: number;
  readonly #noticeEveryMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #apps = new Map<string, AppIntake>();

  constructor({
    store,
    linesPerSecond = 10_000,
    burstLines = 300_000,
    noticeEveryMs = 1000,
    onError = () => {},
  }: LogIngestOptions) {
    this.#store = store;
    this.#linesPerSecond = linesPerSecond;
    this.#burstLines = burstLines;
    this.#noticeEveryMs = noticeEveryMs;
    this.#onError = onError;
  }

  readonly sink: LogSink = (appId, lines) => {
    try {
      const app = this.#app(appId);
      const accepted = this.#bound(app, lines).flatMap((line) => prepare(line, app.redactor));
      countDropped(app, accepted.length - this.#store.append(appId, accepted));
      if (app.dropped > 0) app.notice ??= setTimeout(() => this.#report(appId), this.#noticeEveryMs).unref();
    } catch (error) {
      this.#onError(error);
    }
  };

  /** Resolves when all lines given for the app so far are stored or dropped with notice. */
  flushed(appId: string): Promise<void> {
    return this.#store.flushed(appId);
  }

  /** As {@link LogIngest.flushed}, for all apps. */
  settled(): Promise<void> {
    return this.#store.settled();
  }

  /**
   * Tells all config vars of an app, add-ons' included, before its first line and at every change.
   * Secrets of the config before this one stay redacted: dynos of the last release may still talk.
   */
  setConfig(appId: string, config: Readonly<Record<string, string>>): void {
    const app = this.#app(appId);
    const secrets = secretValues(config);
    if (secrets.length === app.secrets.length && secrets.every((secret) => app.secrets.includes(secret))) return;
    app.redactor = new Redactor([...secrets, ...app.secrets]);
    app.secrets = secrets;
  }

  forget(appId: string): void {
    clearTimeout(this.#apps.get(appId)?.notice);
    this.#apps.delete(appId);
  }

  /** Reports what was dropped and not yet reported; close it before the store. */
  close(): void {
    for (const appId of this.#apps.keys()) this.#report(appId);
    for (const appId of [...this.#apps.keys()]) this.forget(appId);
  }

  #app(appId: string): AppIntake {
    let app = this.#apps.get(appId);
    if (app === undefined) {
      const bounds = new Map<string, RateBound>();
      app = { redactor: new Redactor([]), secrets: [], bounds, dropped: 0, droppedSinceUs: 0, notice: undefined };
      this.#apps.set(appId, app);
    }
    return app;
  }

  #bound(app: AppIntake, lines: readonly LogLine[]): readonly LogLine[] {
    const wanted = Map.groupBy(lines, boundOf);
    const nowMs = performance.now();
    const left = new Map<string | undefined, number>();
    let excess = 0;
    for (const [name, group] of wanted) {
      const granted = name === undefined ? group.length : this.#boundFor(app, name, nowMs).take(group.length, nowMs);
      left.set(name, granted);
      excess += group.length - granted;
    }
    if (excess === 0) return lines;
    countDropped(app, excess);
    return lines.filter((line) => {
      const name = boundOf(line);
      const remaining = left.get(name) ?? 0;
      left.set(name, remaining - 1);
      return remaining > 0;
    });
  }

  #boundFor(app: AppIntake, name: string, nowMs: number): RateBound {
    let bound = app.bounds.get(name);
    if (bound === undefined) {
      bound = new RateBound(this.#linesPerSecond, this.#burstLines, nowMs);
      app.bounds.set(name, bound);
    }
    return bound;
  }

  #report(appId: string): void {
    const app = this.#apps.get(appId);
    if (app === undefined) return;
    clearTimeout(app.notice);
    app.notice = undefined;
    if (app.dropped === 0) return;
    const since = formatTime(app.droppedSinceUs);
    const text = `${errorLine('L10')}: ${app.dropped} messages dropped since ${since}.`;
    if (this.#store.append(appId, [{ atUs: nowUs(), source: 'heroku', dyno: 'logplex', text }]) === 1) app.dropped = 0;
  }
}

const countDropped = (app: AppIntake, lines: number): void => {
  if (lines > 0 && app.dropped === 0) app.droppedSinceUs = nowUs();
  app.dropped += lines;
};

/** Which rate a line counts against: what apps and visitors can cause in any number. */
const boundOf = ({ source, dyno }: LogLine): 'app' | 'router' | undefined => {
  if (source === 'app') return dyno === 'api' ? undefined : 'app';
  return dyno === 'router' ? 'router' : undefined;
};

/** Redacts first, so that no split runs through a secret. */
const prepare = (line: LogLine, redactor: Redactor): LogLine | LogLine[] => {
  const text = redactor.redact(line.text);
  if (text.length <= maxLineChars && !text.includes('\n')) return text === line.text ? line : { ...line, text };
  return text.split(/\r?\n/).flatMap((part) => pieces(part).map((piece) => ({ ...line, text: piece })));
};

const pieces = (text: string): string[] => {
  const found: string[] = [];
  let start = 0;
  while (text.length - start > maxLineChars) {
    const end = start + maxLineChars;
    // A character outside the basic plane takes two units, which stay together.
    const cut = (text.charCodeAt(end - 1) & 0xfc00) === 0xd800 ? end - 1 : end;
    found.push(text.slice(start, cut));
    start = cut;
  }
  found.push(text.slice(start));
  return found;
};
