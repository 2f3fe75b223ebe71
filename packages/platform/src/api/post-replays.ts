import { createHash, randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Keyring } from '../secrets/keyring.ts';
import type { Database } from '../store/database.ts';
import { replays } from '../store/replays.ts';
import type { RenderedAnswer } from './send-answer.ts';

/** An answer is kept this long for a client that lost its connection and asks again. */
const keptMs = 60_000;
const cleanEveryMs = 30_000;

/** One POST, as far as it matters for recognizing it. */
export interface PostRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly requestId: string | undefined;
  readonly body: Buffer;
  readonly socket: Socket;
  /** The same request without it, or with another, is another request. */
  readonly secondFactor: string | undefined;
  /** Keep the answer in this process's memory only. */
  readonly secret: boolean;
}

interface Running {
  readonly socket: Socket;
  readonly answer: Promise<RenderedAnswer>;
}

/**
 * Makes POSTs that a client sends again after a dropped connection happen once.
 * - one that runs: the repeated request waits for the same answer
 * - one that is answered: the answer again, byte for byte
 * - one left behind by a process that died: runs again with the same request key, by which creators find what is there
 *
 * A request with a Request-Id is known by it. One without, whose twin still has its connection or has had its answer
 * delivered, is a request of its own.
 */
export class PostReplays {
  readonly #db: Database;
  readonly #keyring: Keyring;
  readonly #now: () => Date;
  readonly #running = new Map<string, Running>();
  /** Rows on their way out of the store; a request of the same form that comes now must not find them. */
  readonly #forgetting = new Map<string, Promise<void>>();
  readonly #secrets = new Map<string, { readonly answer: RenderedAnswer; readonly atMs: number }>();
  #cleanedAtMs = 0;

  constructor(db: Database, keyring: Keyring, now: () => Date) {
    this.#db = db;
    this.#keyring = keyring;
    this.#now = now;
  }

  /**
   * @param run does the work once; its answer is kept when it is final (status below 500)
   * @returns the answer and what to call when it has reached the client.
   */
  async answer(
    post: PostRequest,
    run: (requestKey: string) => Promise<RenderedAnswer>,
  ): Promise<{ answer: RenderedAnswer; delivered: () => Promise<void> }> {
    const twin = this.#running.get(keyOf(post, ''));
    const alone = twin !== undefined && twin.socket !== post.socket && isOwnRequest(post, twin.socket);
    const key = keyOf(post, alone ? randomUUID() : '');
    const running = this.#running.get(key) ?? { socket: post.socket, answer: this.#once(key, post.secret, run) };
    if (!this.#running.has(key)) {
      this.#running.set(key, running);
      const done = () => this.#running.delete(key);
      running.answer.then(done, done);
    }
    const answer = await running.answer;
    return { answer, delivered: () => (post.requestId === undefined ? this.#forget(key) : Promise.resolve()) };
  }

  async #once(
    key: string,
    secret: boolean,
    run: (requestKey: string) => Promise<RenderedAnswer>,
  ): Promise<RenderedAnswer> {
    this.#clean();
    return secret ? this.#onceInMemory(key, run) : this.#onceInStore(key, run);
  }

  async #onceInMemory(key: string, run: (requestKey: string) => Promise<RenderedAnswer>): Promise<RenderedAnswer> {
    const kept = this.#secrets.get(key);
    if (kept !== undefined && this.#now().getTime() - kept.atMs < keptMs) return kept.answer;
    const answer = await run(randomUUID());
    if (answer.status < 300) this.#secrets.set(key, { answer, atMs: this.#now().getTime() });
    return answer;
  }

  async #onceInStore(key: string, run: (requestKey: string) => Promise<RenderedAnswer>): Promise<RenderedAnswer> {
    await this.#forgetting.get(key)?.catch(() => {}); // told to who forgets
    let { first, replay } = await replays.begin(this.#db, key);
    if (!first && this.#now().getTime() - replay.createdAt.getTime() >= keptMs) {
      await replays.forget(this.#db, key);
      ({ first, replay } = await replays.begin(this.#db, key));
    }
    if (!first && replay.status !== null && replay.body !== null) {
      return {
        status: replay.status,
        headers: { ...replay.headers },
        body: this.#keyring.open(replay.body, contextOf(key)),
      };
    }
    const answer = await run(replay.requestKey);
    if (answer.status >= 500 || answer.status === 429) await replays.forget(this.#db, key);
    else await replays.answered(this.#db, key, { ...answer, body: this.#keyring.seal(answer.body, contextOf(key)) });
    return answer;
  }

  #forget(key: string): Promise<void> {
    this.#secrets.delete(key);
    const gone = replays.forget(this.#db, key).finally(() => this.#forgetting.delete(key));
    this.#forgetting.set(key, gone);
    return gone;
  }

  #clean(): void {
    const nowMs = this.#now().getTime();
    if (nowMs - this.#cleanedAtMs < cleanEveryMs) return;
    this.#cleanedAtMs = nowMs;
    for (const [key, kept] of this.#secrets) if (nowMs - kept.atMs >= keptMs) this.#secrets.delete(key);
    replays.removeOlderThan(this.#db, new Date(nowMs - 2 * keptMs)).catch(() => {}); // the next one cleans
  }
}

const contextOf = (key: string): string => `replay:${key}`;

const keyOf = (post: PostRequest, nonce: string): string => {
  const hash = createHash('sha256');
  for (const part of [post.authorization ?? '', post.path, post.requestId ?? '', post.secondFactor ?? '', nonce]) {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  }
  return hash.update(post.body).digest('hex');
};

/** A client that holds both connections repeats nothing: it asks twice. The dropped one of two may come here second. */
const isOwnRequest = (post: PostRequest, other: Socket): boolean =>
  post.requestId === undefined && isOpen(other) && isOpen(post.socket);

/** Whether the client still holds its side of the connection. */
const isOpen = (socket: Socket): boolean => !socket.destroyed && !socket.readableEnded;
