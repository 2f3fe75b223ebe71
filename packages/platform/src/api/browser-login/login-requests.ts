import { EventEmitter, once } from 'node:events';
import type { AccountId } from '../../domain/ids.ts';
import { hashToken, newToken } from '../../secrets/token.ts';
import type { Database } from '../../store/database.ts';
import { type LoginRequest, loginRequests } from '../../store/login-requests.ts';

/** The CLI waits no longer than this. */
export const loginLifetimeMs = 10 * 60_000;

/**
 * Logins that a CLI asks for and a browser decides.
 * - waiting: entered when the CLI asks; left when the browser grants or denies
 * - granted: the CLI may fetch one token; left when it does
 * - denied, used: final
 */
export class LoginRequests {
  readonly #db: Database;
  readonly #now: () => Date;
  readonly #decided = new EventEmitter().setMaxListeners(0);

  constructor(db: Database, now: () => Date) {
    this.#db = db;
    this.#now = now;
  }

  /** Two secrets: one only the CLI has, one that is in the browser's address. */
  async begin(description: string): Promise<{ id: string; cliSecret: string; browserSecret: string }> {
    const [cliSecret, browserSecret] = [newToken(''), newToken('')];
    await loginRequests.removeOlderThan(this.#db, new Date(this.#now().getTime() - 2 * loginLifetimeMs));
    const { id } = await loginRequests.insert(this.#db, {
      secretHash: hashToken(cliSecret),
      browserSecretHash: hashToken(browserSecret),
      description,
    });
    return { id, cliSecret, browserSecret };
  }

  /** The request behind a browser's address while it can still be decided. */
  async waiting(browserSecret: string): Promise<LoginRequest | undefined> {
    const request = await loginRequests.byBrowserSecretHash(this.#db, hashToken(browserSecret));
    return request?.state === 'waiting' && this.#isAlive(request) ? request : undefined;
  }

  async byCliSecret(cliSecret: string): Promise<LoginRequest | undefined> {
    const request = await loginRequests.bySecretHash(this.#db, hashToken(cliSecret));
    return request !== undefined && this.#isAlive(request) ? request : undefined;
  }

  async grant(request: LoginRequest, accountId: AccountId): Promise<boolean> {
    return this.#decide(request, 'waiting', 'granted', accountId);
  }

  async deny(request: LoginRequest): Promise<boolean> {
    return this.#decide(request, 'waiting', 'denied');
  }

  /** Only one asker gets true. */
  use(request: LoginRequest): Promise<boolean> {
    return loginRequests.decide(this.#db, request.id, 'granted', 'used');
  }

  /** The answer did not reach the CLI; it may ask again. */
  async giveBack(request: LoginRequest): Promise<void> {
    await loginRequests.decide(this.#db, request.id, 'used', 'granted');
  }

  /** Resolves with the request once it is decided. @throws AbortError when the signal aborts before. */
  async decided(cliSecret: string, signal: AbortSignal): Promise<LoginRequest | undefined> {
    for (;;) {
      const listening = new AbortController();
      const request = await this.byCliSecret(cliSecret);
      if (request?.state !== 'waiting') return request;
      const event = once(this.#decided, request.id, { signal: AbortSignal.any([signal, listening.signal]) });
      event.catch(() => {}); // seen below unless the state has changed already
      const again = await this.byCliSecret(cliSecret);
      if (again?.state !== 'waiting') {
        listening.abort();
        return again;
      }
      await event;
    }
  }

  async #decide(
    request: LoginRequest,
    from: 'waiting',
    to: 'granted' | 'denied',
    accountId?: AccountId,
  ): Promise<boolean> {
    const done = await loginRequests.decide(this.#db, request.id, from, to, accountId);
    if (done) this.#decided.emit(request.id);
    return done;
  }

  #isAlive(request: LoginRequest): boolean {
    return this.#now().getTime() - request.createdAt.getTime() < loginLifetimeMs;
  }
}
