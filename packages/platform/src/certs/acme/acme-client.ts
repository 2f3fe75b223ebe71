import type { KeyObject } from 'node:crypto';
import { Agent } from 'node:https';
import { AcmeError, readProblem, readRetryAfter } from './acme-error.ts';
import { type AcmeAnswer, acmeRequest } from './acme-request.ts';
import { signedRequest } from './jws.ts';
import {
  type Authorization,
  type Directory,
  type Order,
  readAuthorization,
  readDirectory,
  readOrder,
} from './objects.ts';

const nonceAttempts = 6;

/** A resource and how long the authority wants to be left alone before it is asked again. */
export interface Polled<T> {
  readonly value: T;
  readonly retryAfterMs: number | undefined;
}

/**
 * Speaks to one ACME authority in the name of one account (RFC 8555). Every method throws AcmeError when the authority
 * refuses or can't be reached.
 */
export class AcmeClient implements Disposable {
  readonly #directoryUrl: string;
  readonly #key: KeyObject;
  readonly #agent: Agent;
  readonly #signal: AbortSignal;
  #accountUrl: string | undefined;
  #directory: Directory | undefined;
  #nonces: string[] = [];

  constructor(options: {
    readonly directoryUrl: string;
    /** EC P-256. */
    readonly accountKey: KeyObject;
    /** What `register` answered before. */
    readonly accountUrl: string | undefined;
    /** PEM of the authority that signed the directory's own certificate, where the machine doesn't trust it. */
    readonly ca: string | undefined;
    readonly signal: AbortSignal;
  }) {
    this.#directoryUrl = options.directoryUrl;
    this.#key = options.accountKey;
    this.#accountUrl = options.accountUrl;
    this.#signal = options.signal;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 2,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
  }

  /** Makes the account, or finds the one of this key; agrees to the terms of service. @returns its URL */
  async register(email: string | undefined): Promise<string> {
    const { newAccount, externalAccountRequired } = await this.#ways();
    if (externalAccountRequired) {
      throw new AcmeError(
        'externalAccountRequired',
        'the authority gives accounts only to its customers (external account binding), which Ravine does not support; choose another directory',
      );
    }
    const contact = email === undefined ? {} : { contact: [`mailto:${email}`] };
    const answer = await this.#post(newAccount, { termsOfServiceAgreed: true, ...contact }, { asNew: true });
    this.#accountUrl = location(answer);
    return this.#accountUrl;
  }

  async newOrder(hostname: string): Promise<{ readonly url: string; readonly order: Order }> {
    const { newOrder } = await this.#ways();
    const answer = await this.#post(newOrder, { identifiers: [{ type: 'dns', value: hostname }] });
    return { url: location(answer), order: readOrder(answer.body) };
  }

  order(url: string): Promise<Polled<Order>> {
    return this.#poll(url, readOrder);
  }

  authorization(url: string): Promise<Polled<Authorization>> {
    return this.#poll(url, readAuthorization);
  }

  /** Tells the authority that it may look at a challenge. */
  async answerChallenge(url: string): Promise<void> {
    await this.#post(url, {});
  }

  /** @param csr DER */
  async finalize(order: Order, csr: Buffer): Promise<void> {
    await this.#post(order.finalize, { csr: csr.toString('base64url') });
  }

  /** @returns the chain as PEM, the leaf first */
  async certificate(url: string): Promise<string> {
    return (await this.#post(url, undefined)).body;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #poll<T>(url: string, read: (body: string) => T): Promise<Polled<T>> {
    const answer = await this.#post(url, undefined);
    return { value: read(answer.body), retryAfterMs: readRetryAfter(answer.headers['retry-after'], Date.now()) };
  }

  async #ways(): Promise<Directory> {
    if (this.#directory !== undefined) return this.#directory;
    const answer = await acmeRequest('GET', this.#directoryUrl, { agent: this.#agent, signal: this.#signal });
    if (answer.status !== 200) throw refusal(answer);
    this.#directory = readDirectory(answer.body);
    return this.#directory;
  }

  /** A signed POST; a nonce that has gone stale is replaced and the request repeated (RFC 8555 section 6.5). */
  async #post(url: string, payload: unknown, { asNew = false } = {}): Promise<AcmeAnswer> {
    for (let attempt = 1; ; attempt++) {
      const kid = asNew ? undefined : this.#accountUrl;
      const signed = signedRequest(this.#key, { url, nonce: await this.#nonce(), kid }, payload);
      const answer = await acmeRequest('POST', url, { agent: this.#agent, signal: this.#signal, payload: signed });
      this.#keepNonce(answer);
      if (answer.status < 300) return answer;
      const error = refusal(answer);
      if (error.type !== 'badNonce' || attempt === nonceAttempts) throw error;
    }
  }

  async #nonce(): Promise<string> {
    const kept = this.#nonces.pop();
    if (kept !== undefined) return kept;
    const { newNonce } = await this.#ways();
    const answer = await acmeRequest('HEAD', newNonce, { agent: this.#agent, signal: this.#signal });
    const nonce = answer.headers['replay-nonce'];
    if (nonce === undefined) throw new AcmeError('serverInternal', 'the authority gave no nonce', answer.status);
    return nonce;
  }

  #keepNonce(answer: AcmeAnswer): void {
    const nonce = answer.headers['replay-nonce'];
    // Only the newest: nonces go stale.
    if (nonce !== undefined) this.#nonces = [nonce];
  }
}

const location = (answer: AcmeAnswer): string => {
  const url = answer.headers.location;
  if (url === undefined) throw new AcmeError('serverInternal', 'the authority made something and did not say where');
  return url;
};

const refusal = (answer: AcmeAnswer): AcmeError => {
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch {
    value = { detail: `it answered with status ${answer.status}` };
  }
  const { type, detail } = readProblem(value);
  return new AcmeError(type, detail, answer.status, readRetryAfter(answer.headers['retry-after'], Date.now()));
};
