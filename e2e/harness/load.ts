import { Agent, request } from 'node:http';

/** Where visitors come from: a router's address, and the host name they ask for. */
export interface Target {
  readonly port: number;
  /** `shop.localhost` */
  readonly host: string;
  readonly path?: string;
}

export interface LoadOptions {
  readonly perSecond?: number;
  /** Beyond it a visit is not sent and counts as failed, so that a stalled server can't eat the tester's memory. */
  readonly maxInFlight?: number;
  readonly timeoutMs?: number;
}

/** One request; times are those of `performance.now()`. */
export interface Visit {
  readonly startedAtMs: number;
  endedAtMs?: number;
  status?: number;
  /** What the client saw in place of a whole answer. */
  error?: string;
  /** The router's Heroku error code on an error page, such as H13. */
  code?: string;
}

export interface LoadReport {
  readonly sent: number;
  readonly answered: number;
  readonly failures: readonly Visit[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const tickMs = 5;

/**
 * Visits one page at a constant rate whatever the answers are (an open loop), over connections that are kept alive.
 * An answer other than 200 is a failure, and so is one that is cut short.
 */
export class Load implements AsyncDisposable {
  readonly #target: Target;
  readonly #perSecond: number;
  readonly #maxInFlight: number;
  readonly #timeoutMs: number;
  readonly #agent = new Agent({ keepAlive: true, scheduling: 'fifo' });
  readonly #inFlight = new Set<Visit>();
  readonly #failures: Visit[] = [];
  readonly #tookMs: number[] = [];
  readonly #startedAtMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #waiting = new Set<() => void>();
  #sent = 0;

  constructor(target: Target, { perSecond = 200, maxInFlight = 2000, timeoutMs = 40_000 }: LoadOptions = {}) {
    this.#target = target;
    this.#perSecond = perSecond;
    this.#maxInFlight = maxInFlight;
    this.#timeoutMs = timeoutMs;
    this.#timer = setInterval(() => this.#sendDue(), tickMs);
  }

  get answered(): number {
    return this.#tookMs.length;
  }

  get failures(): readonly Visit[] {
    return this.#failures;
  }

  /** The visits under way at this moment. */
  inFlight(): readonly Visit[] {
    return [...this.#inFlight];
  }

  /** Resolves when `count` further visits have been answered with 200. */
  async answers(count: number): Promise<void> {
    const wanted = this.answered + count;
    while (this.answered < wanted) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Goes on until it has lasted this long in all. */
  async lasts(seconds: number): Promise<void> {
    while (this.#sent < seconds * this.#perSecond) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Sends nothing more and waits for the answers that are under way. */
  async stop(): Promise<LoadReport> {
    clearInterval(this.#timer);
    while (this.#inFlight.size > 0) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    this.#agent.destroy();
    const sorted = this.#tookMs.toSorted((a, b) => a - b);
    const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
    return {
      sent: this.#sent,
      answered: this.answered,
      failures: this.#failures,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #sendDue(): void {
    const due = ((performance.now() - this.#startedAtMs) / 1000) * this.#perSecond;
    while (this.#sent < due) this.#send();
  }

  #send(): void {
    this.#sent += 1;
    const visit: Visit = { startedAtMs: performance.now() };
    if (this.#inFlight.size >= this.#maxInFlight) {
      this.#failures.push({ ...visit, error: `not sent: ${this.#maxInFlight} visits are under way` });
      return;
    }
    this.#inFlight.add(visit);
    const end = (error?: Error): void => this.#end(visit, error);
    const { port, host, path = '/' } = this.#target;
    const headers = { host: `${host}:${port}` };
    const asked = request(
      { host: '127.0.0.1', port, path, headers, agent: this.#agent, timeout: this.#timeoutMs },
      (response) => {
        visit.status = response.statusCode ?? 0;
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          if (visit.status !== 200) body += text;
        });
        response.on('error', end).on('end', () => {
          const code = /\bH\d\d\b/.exec(body)?.[0];
          if (code !== undefined) visit.code = code;
          end();
        });
      },
    );
    asked.on('error', end).on('timeout', () => asked.destroy(new Error(`no answer within ${this.#timeoutMs} ms`)));
    asked.end();
  }

  #end(visit: Visit, error: Error | undefined): void {
    if (!this.#inFlight.delete(visit)) return;
    visit.endedAtMs = performance.now();
    if (error !== undefined) visit.error = error.message;
    if (error === undefined && visit.status === 200) this.#tookMs.push(visit.endedAtMs - visit.startedAtMs);
    else this.#failures.push(visit);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** The failures of a report in words, for an assertion's message. */
export const describeFailures = ({ sent, failures }: LoadReport): string => {
  const kinds = Map.groupBy(
    failures,
    ({ status, code, error }) => `${status ?? 'no answer'} ${code ?? ''} ${error ?? ''}`,
  );
  const rows = [...kinds].map(([kind, visits]) => `${visits.length} x ${kind.trim()}`);
  return `${failures.length} of ${sent} visits failed: ${rows.join('; ')}`;
};
