import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from './member.ts';

/** What docs/api.md says of an event. */
export interface Change {
  readonly id: string;
  readonly resource: string;
  readonly action: string;
  readonly actor: { readonly email: string; readonly via: string } | null;
  readonly data: Readonly<Record<string, unknown>>;
}

const comeBackMs = 100;

/** Follows changes as a page does: one stream of events, taken up again by id when it ends. */
export class Changes implements AsyncDisposable {
  readonly seen: Change[] = [];
  readonly #member: Member;
  readonly #path: string;
  readonly #waiting = new Set<() => void>();
  readonly #following: Promise<void>;
  readonly #opened = Promise.withResolvers<void>();
  #closed = false;
  #body: ReadableStreamDefaultReader<string> | undefined;
  #lastId = '';

  private constructor(member: Member, path: string) {
    this.#member = member;
    this.#path = path;
    this.#following = this.#follow();
  }

  /** Resolves when what happens from now on will be seen. */
  static async open(member: Member, path: string): Promise<Changes> {
    const changes = new Changes(member, path);
    await changes.#opened.promise;
    return changes;
  }

  /** Resolves with the first change, from `from` on in {@link Changes.seen}, for which it holds. */
  async until(holds: (change: Change) => boolean, from = 0): Promise<Change> {
    for (let at = from; ; at += 1) {
      while (at >= this.seen.length) await new Promise<void>((resolve) => this.#waiting.add(resolve));
      const change = this.seen[at];
      if (change !== undefined && holds(change)) return change;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#body?.cancel();
    await this.#following;
  }

  async #follow(): Promise<void> {
    while (!this.#closed) {
      await this.#connect().catch(() => undefined); // it comes back below, whatever ended it
      if (!this.#closed) await sleep(comeBackMs);
    }
  }

  async #connect(): Promise<void> {
    const { body } = await this.#member.ask('GET', `${this.#path}?after=${this.#lastId}`);
    this.#body = body?.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = (await this.#body?.read()) ?? { done: true, value: undefined };
      if (done || value === undefined) return;
      const events = (rest + value).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) this.#take(event);
    }
  }

  #take(event: string): void {
    const id = /^id: (.*)$/m.exec(event)?.[1];
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (data !== undefined) this.seen.push(JSON.parse(data) as Change); // as docs/api.md says
    if (id !== undefined) {
      this.#lastId = id;
      this.#opened.resolve();
    }
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
