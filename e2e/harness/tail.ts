import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from './member.ts';

export interface TailedLine {
  /** `app[web.1]` */
  readonly from: string;
  readonly text: string;
  /** Unix time in milliseconds, with fractions. */
  readonly receivedAtMs: number;
}

const comeBackMs = 100;

/** Follows an app's log as the official client does: one event stream, taken up again by id when it ends. */
export class Tail implements AsyncDisposable {
  readonly lines: TailedLine[] = [];
  readonly #url: string;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #following: Promise<void>;
  #lastId: string | undefined;

  private constructor(url: string) {
    this.#url = url;
    this.#following = this.#follow();
  }

  static async open(member: Member, app: string, filter: { dyno?: string; source?: string } = {}): Promise<Tail> {
    const session = await member.call<{ logplex_url: string }>('POST', `/apps/${app}/log-sessions`, {
      tail: true,
      lines: 0,
      ...filter,
    });
    return new Tail(session.logplex_url);
  }

  /** Resolves with the first line, from `from` on in {@link Tail.lines}, for which it holds. */
  async until(holds: (line: TailedLine) => boolean, from = 0): Promise<TailedLine> {
    for (let at = from; ; at += 1) {
      while (at >= this.lines.length) await new Promise<void>((resolve) => this.#waiting.add(resolve));
      const line = this.lines[at];
      if (line !== undefined && holds(line)) return line;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#connect().catch(() => undefined); // it comes back below, whatever ended it
      await sleep(comeBackMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #connect(): Promise<void> {
    const headers = {
      accept: 'text/event-stream',
      ...(this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId }),
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(this.#url, { headers, signal: this.#closing.signal }, resolve).on('error', reject);
    });
    let rest = '';
    response.setEncoding('utf8');
    for await (const chunk of response) {
      const receivedAtMs = performance.timeOrigin + performance.now();
      const events = (rest + String(chunk)).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) this.#take(event, receivedAtMs);
    }
  }

  /** An event counts when it is whole: its id is that of its last line. */
  #take(event: string, receivedAtMs: number): void {
    for (const field of event.split('\n')) {
      const [, from, text] = /^data: \S+ (\S+): (.*)$/.exec(field) ?? [];
      if (from !== undefined && text !== undefined) this.lines.push({ from, text, receivedAtMs });
      if (field.startsWith('id: ')) this.#lastId = field.slice('id: '.length);
    }
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
