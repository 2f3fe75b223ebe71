import { createPrivateKey } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DomainId } from '../domain/ids.ts';
import { AcmeClient } from './acme/acme-client.ts';
import { AcmeError } from './acme/acme-error.ts';
import { IssuanceFailure } from './acme/failure.ts';
import { Issuance, newKey } from './acme/issuance.ts';
import { backOffMs, dueAt } from './next-attempt.ts';
import type { AcmeAccount, CertificateRecords, ManagedDomain } from './ports.ts';

export interface AcmeSettings {
  readonly directoryUrl: string;
  /** Told to the authority, which may write to it. */
  readonly email: string | undefined;
  /** PEM of the authority that signed the directory's own certificate, where the machine doesn't trust it. */
  readonly ca: string | undefined;
  /** See `checkAddress`. */
  readonly dnsServer: string | undefined;
}

const lookEveryMs = 10 * 60_000;
/** Rows that could not be read are read again this much later. */
const faultRestMs = 5_000;
const atOnce = 3;
const attemptLimitMs = 5 * 60_000;
/** When an authority wants to be left alone by one domain, the others leave it alone for so long. */
const pauseMs = 60_000;

interface Task {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * The level-triggered loop over domains with Automated Certificate Management: one without a certificate is given one,
 * one whose certificate nears its end another. A failed attempt says why and waits, longer each time. One attempt runs
 * for a domain at a time; killed anywhere, the next process's loop goes on with the same order.
 */
export class CertificateManager implements AsyncDisposable {
  readonly #records: CertificateRecords;
  readonly #settings: AcmeSettings;
  readonly #onError: (error: unknown) => void;
  readonly #closing = new AbortController();
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #tasks = new Map<DomainId, Task>();
  readonly #loopEnded: Promise<void>;
  #registering: Promise<AcmeAccount> | undefined;
  #pausedUntilMs = 0;
  #nudged = false;

  /** @param onError takes faults that no row can tell: the store is away. */
  constructor(records: CertificateRecords, settings: AcmeSettings, onError: (error: unknown) => void) {
    this.#records = records;
    this.#settings = settings;
    this.#onError = onError;
    this.#loopEnded = this.#loop();
  }

  /** Something about the rows has changed: look now. */
  onChange(): void {
    this.#nudged = true;
    this.#events.emit('nudge');
  }

  /** Ends the loop; orders under way stay as they are for the next process. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { abort } of this.#tasks.values()) abort.abort();
    await this.#loopEnded;
    await Promise.all([...this.#tasks.values()].map(({ done }) => done));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #loop(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#nudged = false;
      let restMs = faultRestMs;
      try {
        restMs = this.#tend(await this.#records.managed());
      } catch (error) {
        this.#onError(error);
      }
      if (this.#nudged) continue;
      const woken = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.min(restMs, lookEveryMs)))]);
      await once(this.#events, 'nudge', { signal: woken }).catch(() => {});
    }
  }

  /** Starts what is due and ends what nobody wants any more. @returns how long until the next is due, in ms */
  #tend(domains: readonly ManagedDomain[]): number {
    const wanted = new Set(domains.map(({ id }) => id));
    for (const [id, task] of this.#tasks) if (!wanted.has(id)) task.abort.abort();
    const now = Date.now();
    let nextMs = lookEveryMs;
    for (const domain of domains) {
      if (this.#tasks.has(domain.id)) continue;
      const inMs = Math.max(dueAt(domain).getTime(), this.#pausedUntilMs) - now;
      // A task that ends looks again.
      if (inMs > 0) nextMs = Math.min(nextMs, inMs);
      else if (this.#tasks.size < atOnce) this.#start(domain);
    }
    return nextMs;
  }

  #start(domain: ManagedDomain): void {
    const abort = new AbortController();
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new TimeLimit()), attemptLimitMs);
    const signal = AbortSignal.any([abort.signal, limit.signal]);
    // Whatever the attempt waits for, it is over when it is told to be.
    const done = Promise.race([this.#attempt(domain, signal), rejection(signal)])
      .catch(async (error) => {
        if (abort.signal.aborted) return;
        await this.#noteFailure(domain, error);
      })
      .catch(async (error) => {
        this.#onError(error);
        await sleep(faultRestMs, undefined, { signal: this.#closing.signal }).catch(() => {});
      })
      .finally(() => {
        clearTimeout(timer);
        this.#tasks.delete(domain.id);
        if (!this.#closing.signal.aborted) this.onChange();
      });
    this.#tasks.set(domain.id, { abort, done });
  }

  async #attempt(domain: ManagedDomain, signal: AbortSignal): Promise<void> {
    const { directoryUrl, ca, dnsServer } = this.#settings;
    const account = await this.#account(signal);
    const accountKey = createPrivateKey(account.key);
    using client = new AcmeClient({ directoryUrl, accountKey, accountUrl: account.url, ca, signal });
    const settings = { directoryUrl, dnsServer };
    await new Issuance({ domain, client, accountKey, records: this.#records, settings, signal }).run();
  }

  /** The account at the authority, made at the first need of one; by one task at a time. */
  #account(signal: AbortSignal): Promise<AcmeAccount> {
    this.#registering ??= this.#register(signal).finally(() => {
      this.#registering = undefined;
    });
    return this.#registering;
  }

  async #register(signal: AbortSignal): Promise<AcmeAccount> {
    const { directoryUrl, ca, email } = this.#settings;
    const kept = await this.#records.account(directoryUrl);
    if (kept?.url !== undefined) return kept;
    const key = kept?.key ?? newKey();
    // Before the authority knows it: a key that was lost could not be used again.
    if (kept === undefined) await this.#records.keepAccount(directoryUrl, { key, url: undefined });
    const accountKey = createPrivateKey(key);
    using client = new AcmeClient({ directoryUrl, accountKey, accountUrl: undefined, ca, signal });
    const account = { key, url: await client.register(email) };
    await this.#records.keepAccount(directoryUrl, account);
    return account;
  }

  async #noteFailure(domain: ManagedDomain, error: unknown): Promise<void> {
    const failure = await this.#failureOf(error);
    const failures = (domain.order?.failures ?? 0) + (failure.kind === 'authority' ? 0 : 1);
    if (failure.retryAfterMs !== undefined && failure.kind === 'authority') this.#pausedUntilMs = Date.now() + pauseMs;
    const waitMs = Math.max(failure.retryAfterMs ?? 0, backOffMs(failure.kind, failures, Math.random));
    await this.#records.note(domain.id, {
      failures,
      problem: failure.message,
      nextAttemptAt: new Date(Date.now() + waitMs),
      challenge: null,
      ...(failure.final ? { stage: 'waiting', orderUrl: null, certificateKey: null } : {}),
    });
    await this.#records.routed(domain.id);
  }

  /** What a fault means for the domain that was being seen to. */
  async #failureOf(error: unknown): Promise<IssuanceFailure> {
    if (error instanceof IssuanceFailure) return error;
    if (error instanceof AcmeError) {
      const { message, retryAfterMs, status, type } = error;
      if (type === 'accountDoesNotExist') await this.#forgetAccountUrl();
      // Refusals of what we ask for: the order will not get better. Without an answer it may.
      const final = status >= 400 && status < 500 && type !== 'rateLimited';
      const kind = domainErrors.has(type) ? 'domain' : 'authority';
      return new IssuanceFailure(kind, `No certificate could be had: ${message}`, { retryAfterMs, final });
    }
    if (error instanceof TimeLimit) {
      const message = `The authority did not decide within ${attemptLimitMs / 60_000} minutes.`;
      return new IssuanceFailure('authority', message, { final: false });
    }
    this.#onError(error);
    return new IssuanceFailure('authority', 'A fault of the platform, which its log tells of.');
  }

  async #forgetAccountUrl(): Promise<void> {
    const { directoryUrl } = this.#settings;
    const kept = await this.#records.account(directoryUrl);
    if (kept !== undefined) await this.#records.keepAccount(directoryUrl, { key: kept.key, url: undefined });
  }
}

/** An attempt took too long. */
class TimeLimit extends Error {}

const rejection = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** Refusals that are about the name (RFC 8555 section 6.7). */
const domainErrors = new Set([
  'rejectedIdentifier',
  'unsupportedIdentifier',
  'caa',
  'dns',
  'connection',
  'unauthorized',
  'tls',
]);
